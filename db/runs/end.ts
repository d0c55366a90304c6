import { endNow } from '../run-sql/attempts.ts';
import { events, nodeEvents, runEvents } from '../run-sql/events.ts';
import { lockRuns } from '../run-sql/lock.ts';
import { changedRuns, type ChangedRun } from '../run-sql/result.ts';
import { numberChanges } from '../run-sql/settle.ts';
import { listUnfinishedParts, listUnfinishedPartsOf } from '../regions/list-stale.ts';
import { batchOf, statement, type Queryable } from '../statement.ts';

/*
 * end: unfinished runs become CANCELLED (a user's wish) or FAILED (out of
 * time), and all their unfinished nodes CANCELLED, in one statement. Whoever
 * still works on them finds its attempt gone; a notice makes it stop at once.
 *
 * Locks   the runs, in id order; then their unfinished nodes and open waits.
 * Relies  on node_executions (run_id, node_id) and waits_run.
 */
const end = statement<ChangedRun>(
  'end-runs',
  `with input as (
    select i.* from jsonb_to_recordset($1::jsonb) as i(run_id uuid, status text, code text, message text)
  ),
  ${lockRuns('$2')},
  cancelled as (
    update node_executions n set
      status = 'CANCELLED', error = i.message, error_code = i.code,
      ${endNow('n')}
      from input i join locked l on l.id = i.run_id, gate
     where n.run_id = l.id and n.status in ('PENDING', 'QUEUED', 'RUNNING', 'WAITING')
    returning n.*
  ),
  closed as (
    update waits w set resolved_at = clock_timestamp(), resolution = '{"outcome": "cancelled"}', due_outputs = null
      from locked l, gate
     where w.run_id = any ($2::uuid[]) and w.run_id = l.id and w.resolved_at is null
  ),
  ${numberChanges({ from: 'cancelled n' })},
  runs as (
    update workflow_runs r set
      status = i.status, finished_at = clock_timestamp(), unfinished_nodes = 0,
      error = case when i.status = 'FAILED' then i.message else r.error end,
      last_seq = r.last_seq + 1 + (select count(*)::integer from changed c where c.run_id = r.id)
      from input i join locked l on l.id = i.run_id, gate
     where r.id = l.id
    returning r.*
  ),
  ${events(nodeEvents(), runEvents('runs r'))}
  ${changedRuns('runs r')}`,
);

/** Parts that are ended in one statement. */
const partsAtOnce = 200;

/**
 * Ends runs, and then their unfinished parts, and theirs. No part is made in a run that is over, so none is left. Where this
 * is cut off in between, the sweeper goes on.
 */
async function endWithParts(on: Queryable, rows: readonly object[], runIds: readonly string[]): Promise<ChangedRun[]> {
  const ended = await end(on, [batchOf(rows), runIds]);
  return ended.length === 0 ? ended : endPartsWithin(on, ended, runIds);
}

/** Goes on with the unfinished parts of runs that are over, whoever ended them, and theirs; `ended` with those as well. */
async function endPartsWithin(on: Queryable, ended: ChangedRun[], runIds: readonly string[]): Promise<ChangedRun[]> {
  let parents = runIds;
  while (parents.length > 0) {
    const parts = await listUnfinishedParts(on, parents, partsAtOnce);
    if (parts.length === 0) return ended;
    const message = 'The run that it is a part of has ended.';
    const gone = await end(on, [batchOf(parts.map((runId) => cancelled(runId, message))), parts]);
    ended.push(...gone);
    parents = [...parents, ...parts];
  }
  return ended;
}

function cancelled(runId: string, message: string): object {
  return { run_id: runId, status: 'CANCELLED', code: 'RUN_CANCELLED', message };
}

/** Cancels a run with its parts; the run comes first in the result. Empty where it is finished already. */
export function cancelRun(on: Queryable, runId: string): Promise<ChangedRun[]> {
  return cancelRuns(on, [runId], 'The run was canceled.');
}

/** Cancels runs with their parts. Returns those that were not finished already. */
export function cancelRuns(on: Queryable, runIds: readonly string[], message: string): Promise<ChangedRun[]> {
  return endWithParts(
    on,
    runIds.map((runId) => cancelled(runId, message)),
    runIds,
  );
}

/** Cancels the unfinished parts of a region that was cancelled, and theirs. Returns those that were not finished already. */
export async function cancelPartsOf(
  on: Queryable,
  region: { readonly runId: string; readonly executionId: string },
): Promise<ChangedRun[]> {
  const message = 'The list that it is an element of was canceled.';
  const all: ChangedRun[] = [];
  for (;;) {
    const parts = await listUnfinishedPartsOf(on, region, partsAtOnce);
    if (parts.length === 0) return all;
    const ended = await end(on, [batchOf(parts.map((runId) => cancelled(runId, message))), parts]);
    all.push(...(await endPartsWithin(on, ended, parts)));
  }
}

/** Ends runs that are past their deadline, with their parts. Returns those that were ended now. */
export function expireRuns(on: Queryable, runIds: readonly string[]): Promise<ChangedRun[]> {
  const message =
    'The run took longer than its time limit and was ended. Raise the limit in the settings of the workflow, or make the run smaller.';
  const rows = runIds.map((runId) => ({ run_id: runId, status: 'FAILED', code: 'RUN_TIMEOUT', message }));
  return endWithParts(on, rows, runIds);
}
