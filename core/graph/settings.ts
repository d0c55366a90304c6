import { z } from 'zod';

/** Less ends before anything has begun; a week is more than anything that is not WAITING takes. */
const shortestRunMs = 1_000;
const longestRunMs = 604_800_000;

/**
 * What a person sets for a workflow as a whole. It is a part of the graph, so that drafts, versions, files and runs have
 * it. Unknown fields are kept.
 */
export const workflowSettingsSchema = z.looseObject({
  /**
   * Milliseconds that a run may take, not counting time in which nothing but waits is left; 1,000 to 604,800,000. At most
   * what the installation allows counts, `runs.maxTimeoutMs` of `GET /api/limits`. Default: `runs.timeoutMs` there. Of a called workflow it
   * has no effect.
   */
  runTimeoutMs: z.number().int().min(shortestRunMs).max(longestRunMs).optional(),
});
export type WorkflowSettings = z.output<typeof workflowSettingsSchema>;

/** How long runs may take, in milliseconds. */
export interface RunTimeouts {
  /** Where the workflow says nothing else. */
  readonly defaultMs: number;
  /** Whatever the workflow says. */
  readonly mostMs: number;
}

/** How long a run of a workflow with these settings may take, in milliseconds. */
export function runTimeoutOf(settings: WorkflowSettings | undefined, { defaultMs, mostMs }: RunTimeouts): number {
  // Graphs that were stored before there were settings may have anything there.
  const { success, data } = workflowSettingsSchema.safeParse(settings);
  return success && data.runTimeoutMs !== undefined ? Math.min(data.runTimeoutMs, mostMs) : defaultMs;
}
