import { statement, type Queryable } from '../statement.ts';

/** Which finished runs may go. Null: no limit of this kind. */
export interface RunRetention {
  readonly days: number | null;
  /** Finished and unfinished runs of one workflow; the newest stay. */
  readonly perWorkflow: number | null;
}

/*
 * delete: finished runs of one workflow that are past the retention,
 * oldest first, with their nodes, parts and events.
 *
 * Inputs  $1 workflow, $2 days or null, $3 runs to keep or null, $4 the most to delete at once
 * Locks   the runs it deletes; those that somebody else has locked are left for the next time.
 * Relies  on workflow_runs_history.
 */
const deleteOld = statement<{ id: string }>(
  'delete-old-runs',
  `delete from workflow_runs where id in (
     select id from workflow_runs
      where workflow_id = $1 and parent_run_id is null and finished_at is not null
        and (created_at < clock_timestamp() - make_interval(days => $2::integer)
             or $3::integer is not null
                and created_at < (select created_at from workflow_runs where workflow_id = $1 and parent_run_id is null
                                   order by created_at desc, id desc offset $3::integer - 1 limit 1))
      order by created_at, id
      limit $4
        for update skip locked)
   returning id`,
);

/** Returns how many runs were deleted; fewer than `limit` means that none is left. */
export async function deleteOldRunsOfWorkflow(
  on: Queryable,
  workflowId: number,
  { days, perWorkflow }: RunRetention,
  limit: number,
): Promise<number> {
  return (await deleteOld(on, [workflowId, days, perWorkflow, limit])).length;
}
