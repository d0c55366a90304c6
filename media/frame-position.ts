import { z } from 'zod';

/** A moment in a video or a sound, as core/node-type/timestamp.ts reads it. */
export const framePositionSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('time'), ms: z.number() }),
  z.object({ kind: z.literal('fraction'), value: z.number() }),
  z.object({ kind: z.literal('last') }),
]);
