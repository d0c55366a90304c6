import type { WaitResolution } from '../../core/run/wait.ts';

/** How a wait ends, as the statements that end it are told. */
export interface WaitEnd {
  readonly resolution: WaitResolution;
  /** The user who said so; null where nobody did. */
  readonly resolvedBy: string | null;
}

/**
 * `closed`: the waits of the rows of a CTE are over: of node executions with `resolution` and `resolved_by`, each as it is
 * after the change. A node that waited without a row of `waits`, such as for its parts, has none to close.
 *
 * Locks   the open waits.
 * Relies  on waits (node_execution_id, attempt).
 *
 * @param attempt the attempt that waited, as SQL over `c`
 */
export function closeWaits(cte: string, attempt = 'c.attempt'): string {
  return `
  closed as (
    update waits w set
      resolved_at = clock_timestamp(), resolution = c.resolution, resolved_by = c.resolved_by, due_outputs = null
      from ${cte} c
     where w.node_execution_id = any (array[c.id]) and w.attempt = ${attempt} and w.resolved_at is null
       and c.resolution is not null
  )`;
}

/**
 * Of a run `r`, as SQL: nothing in it is under way but open waits. A node that is WAITING without one, such as for its
 * parts, is under way. The rows that a statement reads are those of before it changed any.
 *
 * Relies  on node_executions (run_id, node_id) and waits (node_execution_id, attempt).
 */
export const restsOnWaits = `not exists (
        select from node_executions a left join waits w on w.node_execution_id = a.id and w.resolved_at is null
         where a.run_id = r.id and (a.status in ('QUEUED', 'RUNNING') or a.status = 'WAITING' and w.id is null))`;

/**
 * In the `set` of the update of a run `r` in which a wait ends: it does not rest any more, and the time in which nothing
 * but waits was left does not count against its limit. `progressed_at` is when anything of the run itself last changed, so
 * it has stood still since; of one with parts it is known from when it was marked.
 */
export const timeGivenBack = `rests_since = null, deadline_at = r.deadline_at + greatest(interval '0',
        clock_timestamp() - r.rests_since,
        case when ${restsOnWaits} then clock_timestamp() - r.progressed_at end)`;
