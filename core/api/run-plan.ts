import { z } from 'zod';

/** What a run would do, before it is started. */
export const runPlanSchema = z
  .object({
    nodes: z.array(
      z.object({
        nodeId: z.string(),
        /** `run` is executed, `reuse` takes an earlier output, `skip` has no part in it. */
        action: z.enum(['run', 'reuse', 'skip']),
        /** In words. */
        reason: z.string(),
      }),
    ),
  })
  .meta({ id: 'RunPlan' });
