import { z } from 'zod';
import { timestampSchema } from './common.ts';

/** What a run would do, before it is started. */
export const runPlanSchema = z
  .object({
    nodes: z.array(
      z.object({
        nodeId: z.string(),
        /** `run` is executed, `reuse` takes an earlier output, `skip` has no part in it. */
        action: z.enum(['run', 'reuse', 'skip']),
        /** What it will probably cost in US dollars, by the median of its last executions; null: not known. */
        costUsd: z.number().nonnegative().nullable(),
        /** In words. */
        reason: z.string(),
        /** How often it is executed: once for each element of a list, where it goes through one, else once; 0 where it is not. */
        repeats: z.union([z.number().int().nonnegative(), z.literal('unknown')]),
        /** How often it is executed at most, where a loop repeats it: in each of its laps. Else null. */
        repeatsAtMost: z.number().int().positive().nullable(),
        /**
         * What is expected of a node that runs; null for others. `cached`: an earlier output with the same data and
         * inputs stands in; `executed`: none does; `unsure`: that shows when it runs. A forecast: what is made or
         * deleted meanwhile changes it.
         */
        forecast: z.enum(['executed', 'cached', 'unsure']).nullable(),
        /** Where the forecast is `cached`. */
        cachedFrom: z
          .object({
            /** When the output was made. */
            madeAt: timestampSchema,
            /** The newest of this workflow's recent runs in which the node gave it; null where none of them did. */
            run: z.object({ id: z.uuid(), createdAt: timestampSchema }).nullable(),
          })
          .nullable(),
      }),
    ),
  })
  .meta({ id: 'RunPlan' });
export type PlanEntry = z.infer<typeof runPlanSchema>['nodes'][number];
