import { activeNodes } from '../run-sql/active.ts';
import { isOfPart, type ReadyNode } from '../run-sql/result.ts';
import { statement, type Queryable } from '../statement.ts';

/*
 * Attempts that the sweeper looks for. All of these start from workflow_runs_active, a
 * small partial index of the unfinished runs that have their turn, and reach node executions by
 * their run: no index on node_executions changes with a status, which keeps
 * every status change a heap-only update.
 *
 * Relies  on workflow_runs_active and node_executions (run_id).
 */

/** An attempt whose worker is gone. */
export interface OrphanedAttempt {
  readonly id: string;
  readonly runId: string;
  readonly nodeId: string;
  readonly attempt: number;
  readonly crashCount: number;
}

/** One whose session is over. */
export interface AttemptOfDeadWorker extends OrphanedAttempt {
  /**
   * Whether that says something about the attempt. Not where it was there at two deaths and ran in a process of its own,
   * or was to: then its worker's death was somebody else's doing, and the death of its own process too where both died
   * together; nor where its session was ended in good order, without it.
   */
  readonly isWitnessed: boolean;
}

const orphaned = statement<AttemptOfDeadWorker>(
  'list-orphaned-attempts',
  `select n.id, n.run_id as "runId", n.node_id as "nodeId", n.attempt, n.crash_count as "crashCount",
          n.crash_count < $2 or coalesce(not w.isolates and (w.parent_id is null or exists (
            select from workers p where p.id = w.parent_id and p.expired_at is null
               and p.heartbeat_at > w.heartbeat_at + make_interval(secs => $3 / 2000.0))), false) as "isWitnessed"
     from ${activeNodes}
     left join workers w on w.id = n.worker_id
    where n.status = 'RUNNING' and (w.id is null or w.expired_at is not null)
    order by n.run_id, n.id
    limit $1`,
);

/** Reads every unfinished run: for when a worker has just died, and now and then. */
export function listOrphanedAttempts(
  on: Queryable,
  limit: number,
  { suspectFrom, leaseMs }: { readonly suspectFrom: number; readonly leaseMs: number },
): Promise<AttemptOfDeadWorker[]> {
  return orphaned(on, [limit, suspectFrom, leaseMs]);
}

const overdue = statement<ReadyNode>(
  'list-overdue-nodes',
  `select n.id, n.run_id as "runId", n.attempt, n.pool, ${isOfPart} as "isOfPart"
     from ${activeNodes}
    where r.status = 'RUNNING'
      and r.progressed_at < clock_timestamp() - make_interval(secs => $1 / 1000.0)
      and n.status = 'QUEUED' and n.attempt >= $3
      and coalesce(n.available_at, n.queued_at) < clock_timestamp() - make_interval(secs => $1 / 1000.0)
    limit $2`,
);

/**
 * QUEUED node executions of runs that stand still, which nobody has claimed for
 * `overdueMs`; perhaps their job was lost.
 *
 * @param fromAttempt only such and later attempts. Default 1
 */
export function listOverdueNodes(
  on: Queryable,
  overdueMs: number,
  limit: number,
  fromAttempt = 1,
): Promise<ReadyNode[]> {
  return overdue(on, [overdueMs, limit, fromAttempt]);
}

const pastTimeout = statement<OrphanedAttempt & { timeoutMs: number }>(
  'list-attempts-past-timeout',
  `select n.id, n.run_id as "runId", n.node_id as "nodeId", n.attempt, n.crash_count as "crashCount",
          n.timeout_ms as "timeoutMs"
     from ${activeNodes}
    where n.status = 'RUNNING'
      and n.started_at < clock_timestamp() - make_interval(secs => (n.timeout_ms + $1::integer) / 1000.0)
    limit $2`,
);

/** Attempts that are `graceMs` past their own limit: their worker should have ended them and did not. Reads every unfinished run. */
export function listAttemptsPastTimeout(
  on: Queryable,
  graceMs: number,
  limit: number,
): Promise<(OrphanedAttempt & { timeoutMs: number })[]> {
  return pastTimeout(on, [graceMs, limit]);
}
