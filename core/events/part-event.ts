import { z } from 'zod';
import { partSummarySchema } from '../api/parts.ts';
import { partsProgressSchema } from '../api/runs.ts';

/*
 * What is told of the parts of a region to who follows it. Nothing of it is numbered or sent again: after a lost connection
 * the parts are read anew.
 */
const head = { runId: z.uuid(), nodeId: z.string() };

/** What is told of the parts of a node while they are watched. */
export const partEventSchema = z.discriminatedUnion('type', [
  /** How a part stands now; `id` is the part. */
  partSummarySchema.extend({ ...head, type: z.literal('part.updated') }),
  /** How far all of them have come, at most four times a second. */
  z.object({
    ...head,
    type: z.literal('parts.updated'),
    parts: partsProgressSchema,
    /** The part that the node lies within; null where that is the run itself. */
    partId: z.uuid().nullable(),
  }),
]);
export type PartEvent = z.infer<typeof partEventSchema>;

/** Follows the parts of what a node of a run is repeated with. */
export const partSubscribeSchema = z.strictObject({
  runId: z.uuid(),
  nodeId: z.string().min(1).max(255),
  /** The part that the node lies within. Default: the run itself. */
  partId: z.uuid().nullish(),
});

/** The answer to `part:subscribe`; `code` is an error code of the API. */
export const partSubscribeAckSchema = z.union([
  /** `parts`: null where the elements are not known yet. */
  z.object({ ok: z.literal(true), parts: partsProgressSchema.nullable() }),
  z.object({ ok: z.literal(false), code: z.string(), message: z.string() }),
]);
