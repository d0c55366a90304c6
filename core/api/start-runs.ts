import { z } from 'zod';
import { problemSchema } from './common.ts';
import { idempotencyKeyPattern } from './idempotency-key.ts';
import { runSchema, startRunBodySchema } from './runs.ts';

/** As many as a program collects in a moment; their answers are half a megabyte. */
export const maxStartsPerRequest = 500;

/** Many starts of one workflow; each has the fields of a single one, and a key of its own where it has one. */
export const startRunsBodySchema = z
  .strictObject({
    runs: z
      .array(
        startRunBodySchema.safeExtend({
          /** Repeating a start with the same key gives the first run instead of a second one; as the header `Idempotency-Key` of a single start. */
          idempotencyKey: z
            .string()
            .regex(idempotencyKeyPattern, { error: 'Use 1 to 255 visible ASCII characters, such as a UUID' })
            .optional(),
        }),
      )
      .min(1)
      .max(maxStartsPerRequest),
  })
  .meta({ id: 'StartRuns' });

/** What one start came to: exactly one of `run` and `problem` is there. */
export const startedRunSchema = z
  .object({
    /** Durable, without its node executions. */
    run: runSchema.nullable(),
    /** It was there already, by its key. */
    replayed: z.boolean(),
    /** Why nothing was started; the same as a single start would be answered with. */
    problem: problemSchema.nullable(),
    /** Seconds after which it may be tried again; null where that does not help, or is not known. */
    retryAfter: z.number().int().positive().nullable(),
  })
  .meta({ id: 'StartedRun' });

/** In the order of the starts. */
export const startedRunsSchema = z.object({ items: z.array(startedRunSchema) }).meta({ id: 'StartedRuns' });
