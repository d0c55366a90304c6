import { events, nodeEvents, runEvents } from '../run-sql/events.ts';
import { lockRuns } from '../run-sql/lock.ts';
import { changedRuns, readyOf, runsOf, type ChangedRun, type ReadyNode } from '../run-sql/result.ts';
import { numberChanges } from '../run-sql/settle.ts';
import { hotAnswerMs, statement, type Queryable } from '../statement.ts';

/*
 * begin: PENDING runs that have their turn become RUNNING and their nodes without pending
 * dependencies QUEUED; a run with nothing to execute is COMPLETED at once.
 *
 * Result  the ready nodes of all given runs that are RUNNING now: also those
 *         QUEUED earlier, so that a repeated call repairs a lost enqueue.
 * Locks   the runs, in id order; then their ready nodes.
 * Relies  on node_executions (run_id, node_id).
 */
const begin = statement<{ runs: ChangedRun[] | null; ready: ReadyNode[] | null }>(
  'begin-runs',
  `with ${lockRuns('$1')},
  readied as (
    update node_executions n set status = 'QUEUED', queued_at = clock_timestamp()
      from locked l, gate
     where n.run_id = any ($1::uuid[]) and n.run_id = l.id and l.status = 'PENDING' and l.admitted_at is not null
       and l.unfinished_nodes > 0
       and n.status = 'PENDING' and n.pending_dependencies = 0
    returning n.*
  ),
  begun as (
    update workflow_runs r set
      status = 'RUNNING', started_at = clock_timestamp(), progressed_at = clock_timestamp(),
      last_seq = r.last_seq + 1 + (select count(*)::integer from readied n where n.run_id = r.id)
      from locked l, gate
     where r.id = any ($1::uuid[]) and r.id = l.id and l.status = 'PENDING' and l.admitted_at is not null
    returning r.*
  ),
  ${numberChanges({ from: 'readied n' })},
  ${events(runEvents('begun r join locked l on l.id = r.id', 'l.last_seq + 1'), nodeEvents(1))}
  select ${runsOf('begun r')},
    ${readyOf(`(
       select n.id, n.run_id, n.attempt, n.pool, n.region from readied n
       union all
       select n.id, n.run_id, n.attempt, n.pool, n.region from node_executions n join locked l on l.id = n.run_id
        where n.run_id = any ($1::uuid[]) and l.status = 'RUNNING' and n.status = 'QUEUED'
          and (n.available_at is null or n.available_at <= clock_timestamp())
     ) n`)}`,
);

/** A run without any node to execute is over as soon as it has begun. */
const finishEmpty = statement<ChangedRun>(
  'finish-empty-runs',
  `with ${lockRuns('$1')},
  finished as (
    update workflow_runs r set status = 'COMPLETED', finished_at = clock_timestamp(), last_seq = r.last_seq + 1
      from locked l, gate
     where r.id = l.id and l.status = 'RUNNING' and l.unfinished_nodes = 0
    returning r.*
  ),
  ${events(runEvents('finished r'))}
  ${changedRuns('finished r')}`,
);

export interface BegunRuns {
  readonly runs: readonly ChangedRun[];
  readonly ready: readonly ReadyNode[];
}

/** Begins PENDING runs, but for those that wait for their turn, and lists what may be claimed in those that are RUNNING. */
export async function beginRuns(on: Queryable, runIds: readonly string[]): Promise<BegunRuns> {
  const [row] = await begin(on, [runIds], hotAnswerMs);
  const ready = row?.ready ?? [];
  const runs = row?.runs ?? [];
  const busy = new Set(ready.map((node) => node.runId));
  // Of the runs that were asked for, not of those that began just now: the answer of an earlier call may be lost.
  if (runIds.every((id) => busy.has(id))) return { runs, ready };
  return { runs: [...runs, ...(await finishEmpty(on, [runIds]))], ready };
}
