import { z } from 'zod';
import { timestampSchema } from './common.ts';

/** What one account has used. */
export const usageSchema = z
  .object({
    /** Runs and tokens are counted from here on. */
    since: timestampSchema,
    runs: z.object({
      total: z.number().int(),
      completed: z.number().int(),
      failed: z.number().int(),
      cancelled: z.number().int(),
    }),
    /** `costUsd` is the sum over the answers of models with a known price. */
    tokens: z.object({ input: z.number().int(), output: z.number().int(), costUsd: z.number() }),
    /** All files, whenever they came. */
    storage: z.object({
      files: z.number().int(),
      bytes: z.number().int(),
      maxFiles: z.number().int(),
      maxBytes: z.number().int(),
    }),
    /** Workflows, their versions and what finished runs keep, measured some seconds after they end. */
    data: z.object({
      workflows: z.number().int(),
      bytes: z.number().int(),
      maxWorkflows: z.number().int(),
      maxBytes: z.number().int(),
    }),
  })
  .meta({ id: 'Usage' });
export type Usage = z.infer<typeof usageSchema>;
