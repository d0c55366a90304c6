import { statement, type Queryable } from '../statement.ts';

/*
 * rest, wake: a run in which nothing but open waits is left, in its parts neither, is marked, and counts for no turn of
 * its user. See the functions rest_runs and wake_runs.
 *
 * Locks   the runs that somebody started, in id order.
 * Relies  on the primary keys, node_executions (run_id, node_id), workflow_runs_parts and waits_run.
 */
const rest = statement<{ id: string }>('rest-runs', `select id from rest_runs($1::uuid[]) as r(id)`);
const wake = statement<{ id: string }>('wake-runs', `select id from wake_runs($1::uuid[]) as r(id)`);

/** Marks those that rest of runs, or of the runs that parts are in. Gives those that were marked now. */
export async function restRuns(on: Queryable, runIds: readonly string[]): Promise<string[]> {
  return (await rest(on, [runIds])).map(({ id }) => id);
}

/** Takes the mark off those that do not rest any more. Gives those that were marked. */
export async function wakeRuns(on: Queryable, runIds: readonly string[]): Promise<string[]> {
  return (await wake(on, [runIds])).map(({ id }) => id);
}

/*
 * Relies  on workflow_runs_active, workflow_runs_resting, workflow_runs_parts and node_executions (run_id, node_id).
 */
const toRest = statement<{ id: string }>(
  'list-runs-to-rest',
  `select r.id from workflow_runs r
    where r.finished_at is null and r.admitted_at is not null and r.parent_run_id is null and r.rests_since is null
      and r.status = 'RUNNING' and exists (select from node_executions n where n.run_id = r.id and n.status = 'WAITING')
    limit $1`,
);
const toWake = statement<{ id: string }>(
  'list-runs-to-wake',
  `select r.id from workflow_runs r
    where r.rests_since is not null and r.finished_at is null
      and exists (select from workflow_runs p where p.parent_run_id = r.id) and not run_rests(r.id)
    limit $1`,
);

/** Runs that may rest and are not marked: something in them waits. Reads every unfinished run. */
export async function listRunsToRest(on: Queryable, limit: number): Promise<string[]> {
  return (await toRest(on, [limit])).map(({ id }) => id);
}

/** Marked runs in whose parts something is under way: what ended a wait there died before it took the mark off. */
export async function listRunsToWake(on: Queryable, limit: number): Promise<string[]> {
  return (await toWake(on, [limit])).map(({ id }) => id);
}
