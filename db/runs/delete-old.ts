import type { LeftEvents } from '../run-events/drop-periods.ts';
import { statement, type Queryable } from '../statement.ts';

/** Which finished runs may go. Null: no limit of this kind. */
export interface RunRetention {
  readonly days: number | null;
  /** Finished and unfinished runs of one workflow; the newest stay. */
  readonly perWorkflow: number | null;
}

/** Parts that go in one statement: with their nodes and events some ten thousand rows. */
const partsAtOnce = 200;

/*
 * delete: finished runs of one workflow that are past the retention, oldest first, with their nodes and events. A run may
 * have ten thousand parts, which no statement deletes in its time: those go first, some at once, and the runs with the
 * last of them.
 *
 * Inputs  $1 workflow, $2 days or null, $3 runs to keep or null, $4 the most to delete at once, $5 the same of parts,
 *         $6 events that stay for their period to be dropped, as "from to", or null
 * Locks   the runs it deletes; those that somebody else has locked are left for the next time.
 * Relies  on workflow_runs_history and workflow_runs_parts.
 */
const deleteOld = statement<{ id: string }>(
  'delete-old-runs',
  `with left_events as materialized (
     -- Read by the trigger at the end of this statement, and forgotten with its transaction.
     select set_config('heddle.events_left', coalesce($6, ''), true) as ids
   ),
   old as materialized (
     select id from workflow_runs
      where workflow_id = $1 and parent_run_id is null and finished_at is not null
        and (created_at < clock_timestamp() - make_interval(days => $2::integer)
             or $3::integer is not null
                and created_at < (select created_at from workflow_runs where workflow_id = $1 and parent_run_id is null
                                   order by created_at desc, id desc offset $3::integer - 1 limit 1))
      order by created_at, id
      limit $4
        for update skip locked
   ),
   parts as materialized (
     select p.id from old o
      cross join lateral (select p.id from workflow_runs p where p.parent_run_id = o.id limit $5) p
      limit $5
   )
   delete from workflow_runs where (select ids from left_events) is not null and id = any (array(
     select p.id from parts p
     union all
     select o.id from old o where (select count(*) from parts) < $5))
   returning id`,
);

/**
 * Returns how many runs and parts of runs were deleted; fewer than `limit` means that none is left. Events in `left` stay
 * behind; whoever gives it drops their periods.
 */
export async function deleteOldRunsOfWorkflow(
  on: Queryable,
  workflowId: number,
  { days, perWorkflow }: RunRetention,
  limit: number,
  left: LeftEvents | null = null,
): Promise<number> {
  const values = [workflowId, days, perWorkflow, limit, Math.max(limit, partsAtOnce)];
  return (await deleteOld(on, [...values, left === null ? null : `${left.from} ${left.to}`])).length;
}
