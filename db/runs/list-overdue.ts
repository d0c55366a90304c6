import { statement, type Queryable } from '../statement.ts';

/*
 * Runs that the sweeper looks for. Both start from workflow_runs_active, a small
 * partial index of the unfinished runs that have their turn.
 *
 * Relies  on workflow_runs_active, node_executions (run_id, node_id), waits_run and run_regions_open.
 */
const notBegun = statement<{ id: string }>(
  'list-runs-not-begun',
  `select r.id from workflow_runs r
    where r.status = 'PENDING' and r.finished_at is null
      and r.admitted_at < clock_timestamp() - make_interval(secs => $1 / 1000.0)
    order by r.created_at
    limit $2`,
);

/** Runs that had their turn `overdueMs` ago and are PENDING; perhaps their orchestrator job was lost. */
export async function listRunsNotBegun(on: Queryable, overdueMs: number, limit: number): Promise<string[]> {
  return (await notBegun(on, [overdueMs, limit])).map((row) => row.id);
}

const pastDeadline = statement<{ id: string }>(
  'list-runs-past-deadline',
  `select r.id from workflow_runs r
    where r.finished_at is null and r.admitted_at is not null and r.deadline_at < clock_timestamp()
      and r.rests_since is null and not run_rests(r.id)
      and not exists (
        with recursive up as (
          select g.run_id as id from run_regions g where not g.is_closed and g.paused_at is not null
          union
          select p.parent_run_id from up join workflow_runs p on p.id = up.id where p.parent_run_id is not null)
        select from up where up.id = r.id)
    order by r.created_at
    limit $1`,
);

/** Unfinished runs whose time limit is over; time in which nothing but waits is left, or something is paused, does not count. */
export async function listRunsPastDeadline(on: Queryable, limit: number): Promise<string[]> {
  return (await pastDeadline(on, [limit])).map((row) => row.id);
}
