import { statement, type Queryable } from '../statement.ts';

/** Which finished runs may go. Null: no limit of this kind. */
export interface RunRetention {
  readonly days: number | null;
  /** Finished and unfinished runs of one workflow; the newest stay. */
  readonly perWorkflow: number | null;
}

const nextWorkflows = statement<{ id: number }>(
  'list-workflows-to-clean',
  `select id from workflows where id > $1 order by id limit $2`,
);

/** Ids of workflows after `afterId`, in order. */
export async function listWorkflowsToClean(on: Queryable, afterId: number, limit: number): Promise<number[]> {
  return (await nextWorkflows(on, [afterId, limit])).map(({ id }) => id);
}

/*
 * expire: deletes finished runs of one workflow that are past the retention,
 * oldest first, with their nodes and events.
 *
 * Inputs  $1 workflow, $2 days or null, $3 runs to keep or null, $4 the most to delete at once
 * Locks   the runs it deletes; those that somebody else has locked are left for the next time.
 * Relies  on workflow_runs_history.
 */
const expire = statement<{ id: string }>(
  'expire-old-runs',
  `delete from workflow_runs where id in (
     select id from workflow_runs
      where workflow_id = $1 and finished_at is not null
        and (created_at < clock_timestamp() - make_interval(days => $2::integer)
             or $3::integer is not null
                and created_at < (select created_at from workflow_runs where workflow_id = $1
                                   order by created_at desc, id desc offset $3::integer - 1 limit 1))
      order by created_at, id
      limit $4
        for update skip locked)
   returning id`,
);

/** Returns how many runs were deleted; fewer than `limit` means that none is left. */
export async function expireRunsOfWorkflow(
  on: Queryable,
  workflowId: number,
  { days, perWorkflow }: RunRetention,
  limit: number,
): Promise<number> {
  return (await expire(on, [workflowId, days, perWorkflow, limit])).length;
}

const dropVersions = statement<{ id: string }>(
  'drop-unused-versions',
  `delete from workflow_versions v
    where v.workflow_id = $1 and v.created_at < clock_timestamp() - interval '1 day'
      and not exists (select from workflow_runs r where r.workflow_id = $1 and r.workflow_version_id = v.id)
   returning id`,
);

/** Deletes frozen graphs that no run uses any more. A young one may be about to be used. */
export async function dropUnusedVersions(on: Queryable, workflowId: number): Promise<number> {
  return (await dropVersions(on, [workflowId])).length;
}

const dropOutputs = statement<{ key: string }>(
  'drop-old-cached-outputs',
  `delete from output_cache where (user_id, key) in (
     select user_id, key from output_cache where created_at < clock_timestamp() - make_interval(days => $1)
      order by created_at limit $2)
   returning key`,
);

/** Deletes cached outputs that are older than the runs that are kept. */
export async function dropOldCachedOutputs(on: Queryable, days: number, limit: number): Promise<number> {
  return (await dropOutputs(on, [days, limit])).length;
}

const lock = statement<{ locked: boolean }>(
  'lock-cleaning',
  `select pg_try_advisory_xact_lock(hashtext('heddle-clean')) as locked`,
);

/** One cleaner at a time, for as long as the transaction lives. */
export async function lockCleaning(on: Queryable): Promise<boolean> {
  return (await lock(on, []))[0]?.locked === true;
}
