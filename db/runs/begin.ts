import { events, nodeEvents, runEvents } from '../run-sql/events.ts';
import { lockRuns } from '../run-sql/lock.ts';
import {
  changedRuns,
  claimsOf,
  readyOf,
  runsOf,
  type ChangedRun,
  type ReadyNode,
  type Claim,
} from '../run-sql/result.ts';
import { numberChanges } from '../run-sql/settle.ts';
import { hotAnswerMs, statement, type Queryable } from '../statement.ts';

/*
 * begin: PENDING runs that have their turn become RUNNING and their nodes without pending
 * dependencies QUEUED, or RUNNING under the session that begins them where it executes them itself: those that are pure
 * and tiny, and as many of its pool as it keeps. A run with nothing to execute is COMPLETED at once.
 *
 * Result  the ready nodes of all given runs that are RUNNING now: also those
 *         QUEUED earlier, so that a repeated call repairs a lost enqueue; and what the session has claimed by this.
 * Locks   the runs, in id order; then their ready nodes.
 * Relies  on node_executions (run_id, node_id) and the primary key.
 */
const begin = statement<{ runs: ChangedRun[] | null; ready: ReadyNode[] | null; claims: Claim[] | null }>(
  'begin-runs',
  `with ${lockRuns('$1')},
  session as materialized (
    select exists (select from workers w where w.id = $2 and w.expired_at is null) as is_alive
  ),
  roots as materialized (
    select n.id, s.is_alive and (n.pool = 'inline' or (n.pool = $3 and k.keeps >=
             row_number() over (partition by n.run_id, n.pool order by n.id))) as is_kept
      from locked l join unnest($1::uuid[], $4::integer[]) as k(run_id, keeps) on k.run_id = l.id, gate, session s, node_executions n
     where n.run_id = any ($1::uuid[]) and n.run_id = l.id and l.status = 'PENDING' and l.admitted_at is not null
       and l.unfinished_nodes > 0
       and n.status = 'PENDING' and n.pending_dependencies = 0
  ),
  readied as (
    update node_executions n set
      status = case when o.is_kept then 'RUNNING' else 'QUEUED' end, queued_at = clock_timestamp(),
      started_at = case when o.is_kept then clock_timestamp() end, worker_id = case when o.is_kept then $2::uuid end
      from roots o
     where n.id = any (array[o.id])
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
  claimed as (
    select n.*, b.workflow_id, b.workflow_version_id, b.user_id, b.use_cache
      from readied n join begun b on b.id = n.run_id where n.status = 'RUNNING'
  ),
  ${numberChanges({ from: 'readied n' })},
  ${events(runEvents('begun r join locked l on l.id = r.id', 'l.last_seq + 1'), nodeEvents(1))}
  select ${runsOf('begun r')}, ${claimsOf('claimed')},
    ${readyOf(`(
       select n.id, n.run_id, n.attempt, n.pool, n.region from readied n where n.status = 'QUEUED'
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

/** What beginning runs changed, and what may be claimed now. */
export interface BegunRuns {
  readonly runs: readonly ChangedRun[];
  readonly ready: readonly ReadyNode[];
  /** What the session executes itself. */
  readonly claims: readonly Claim[];
}

/** What a worker executes itself of the runs that it begins, beside what is pure and tiny. */
export interface Keeping {
  /** The session that claims. */
  readonly workerId: string;
  readonly pool: 'io' | 'cpu';
  /** How many nodes of that pool, for each of the runs. */
  readonly keeps: readonly number[];
}

/**
 * Begins PENDING runs, but for those that wait for their turn, and lists what may be claimed in those that are RUNNING.
 *
 * @param keeping default: nothing is claimed
 */
export async function beginRuns(on: Queryable, runIds: readonly string[], keeping?: Keeping): Promise<BegunRuns> {
  const values = [runIds, keeping?.workerId ?? null, keeping?.pool ?? null, keeping?.keeps ?? runIds.map(() => 0)];
  const [row] = await begin(on, values, hotAnswerMs);
  const ready = row?.ready ?? [];
  const runs = row?.runs ?? [];
  const claims = row?.claims ?? [];
  const busy = new Set([...ready, ...claims].map((node) => node.runId));
  // Of the runs that were asked for, not of those that began just now: the answer of an earlier call may be lost.
  if (runIds.every((id) => busy.has(id))) return { runs, ready, claims };
  return { runs: [...runs, ...(await finishEmpty(on, [runIds]))], ready, claims };
}
