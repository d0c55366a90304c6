import { quickAnswerMs, statement, type Queryable } from '../statement.ts';

/*
 * Worker sessions and their leases.
 *
 * One row and one heartbeat per worker process cover all the attempts it runs.
 * A lease is alive while the heartbeat is younger than the lease time, by the
 * clock of the database. A session that was expired once never comes back: its
 * process starts a new one.
 */

export interface NewWorkerSession {
  readonly id: string;
  readonly hostname: string;
  readonly pid: number;
  readonly version: string;
  readonly pools: readonly string[];
  readonly concurrency: number;
  /** Whether it runs attempts that were there at two deaths in processes of their own. Default false. */
  readonly isolates?: boolean;
  /** The session whose process started this one, for one attempt. Default none. */
  readonly parentId?: string | undefined;
}

const insert = statement(
  'insert-worker-session',
  `insert into workers (id, hostname, pid, version, pools, concurrency, isolates, parent_id)
   values ($1, $2, $3, $4, $5, $6, $7, $8)`,
);

export async function insertWorkerSession(on: Queryable, session: NewWorkerSession): Promise<void> {
  const { id, hostname, pid, version, pools, concurrency, isolates = false, parentId = null } = session;
  await insert(on, [id, hostname, pid, version, pools, concurrency, isolates, parentId]);
}

const adopt = statement<{ id: string }>(
  'adopt-attempt',
  `update node_executions set worker_id = $4, started_at = clock_timestamp()
    where id = $1 and attempt = $2 and status = 'RUNNING' and worker_id = $3
   returning id`,
);

/** Passes a running attempt from one session to another. False: it was not the first one's any more. */
export async function adoptAttempt(
  on: Queryable,
  { id, attempt }: { readonly id: string; readonly attempt: number },
  sessions: { readonly from: string; readonly to: string },
): Promise<boolean> {
  return (await adopt(on, [id, attempt, sessions.from, sessions.to])).length > 0;
}

const renew = statement<{ isDrainRequested: boolean }>(
  'renew-worker-session',
  `update workers set heartbeat_at = clock_timestamp(), draining = $3
    where id = $1 and expired_at is null and heartbeat_at > clock_timestamp() - make_interval(secs => $2 / 1000.0)
   returning drain_requested_at is not null as "isDrainRequested"`,
);

/** Renews the lease. Null: it ran out before, the session is over and everything it holds is lost. */
export async function renewWorkerSession(
  on: Queryable,
  id: string,
  options: { readonly leaseMs: number; readonly draining: boolean },
): Promise<{ readonly isDrainRequested: boolean } | null> {
  const values = [id, options.leaseMs, options.draining];
  const [renewed] = await renew(on, values, Math.min(options.leaseMs / 2, quickAnswerMs));
  return renewed ?? null;
}

const requestDrain = statement<{ id: string }>(
  'request-worker-drain',
  `update workers set drain_requested_at = coalesce(drain_requested_at, clock_timestamp())
    where id = $1 and expired_at is null returning id`,
);

/** Asks a session to take no more work. False: there is no such session, or it is over. */
export async function requestWorkerDrain(on: Queryable, id: string): Promise<boolean> {
  return (await requestDrain(on, [id])).length > 0;
}

const lost = statement<{ id: string; attempt: number }>(
  'find-lost-attempts',
  `select i.id, i.attempt from jsonb_to_recordset($1::jsonb) as i(id uuid, attempt integer)
    where not exists (select from node_executions n
                       where n.id = i.id and n.attempt = i.attempt and n.status = 'RUNNING' and n.worker_id = $2)`,
);

/** Which of the attempts that a session believes to run are not its own any more (cancelled, rescued, deleted). */
export async function findLostAttempts(
  on: Queryable,
  workerId: string,
  attempts: readonly { readonly id: string; readonly attempt: number }[],
): Promise<{ readonly id: string; readonly attempt: number }[]> {
  if (attempts.length === 0) return [];
  const rows = attempts.map(({ id, attempt }) => ({ id, attempt }));
  return lost(on, [JSON.stringify(rows), workerId], quickAnswerMs);
}

const remove = statement('delete-worker-session', `delete from workers where id = $1`);

/** Ends a session whose attempts are all recorded or handed back. */
export async function deleteWorkerSession(on: Queryable, id: string): Promise<void> {
  await remove(on, [id]);
}

const expire = statement<{ id: string }>(
  'expire-worker-sessions',
  `update workers set expired_at = clock_timestamp()
    where expired_at is null and heartbeat_at < clock_timestamp() - make_interval(secs => $1 / 1000.0)
   returning id`,
);

/** Expires the sessions whose heartbeat is older than the lease time; returns their ids. */
export async function expireWorkerSessions(on: Queryable, leaseMs: number): Promise<string[]> {
  return (await expire(on, [leaseMs], quickAnswerMs)).map((row) => row.id);
}

const forget = statement(
  'forget-worker-sessions',
  `delete from workers w
    where w.expired_at < clock_timestamp() - make_interval(secs => $1 / 1000.0)
      and not exists (select from workflow_runs r join node_executions n on n.run_id = r.id
                       where r.finished_at is null and n.worker_id = w.id and n.status = 'RUNNING')`,
);

/** Removes sessions that expired long ago. */
export async function forgetWorkerSessions(on: Queryable, afterMs: number): Promise<void> {
  await forget(on, [afterMs]);
}

const count = statement<{ alive: number; draining: number; expired: number }>(
  'count-worker-sessions',
  `select count(*) filter (where expired_at is null and not draining)::integer as alive,
          count(*) filter (where expired_at is null and draining)::integer as draining,
          count(*) filter (where expired_at is not null)::integer as expired
     from workers where parent_id is null`,
);

/** Sessions that take work, that drain, and that died within the last hour. */
export async function countWorkers(
  on: Queryable,
): Promise<{ readonly alive: number; readonly draining: number; readonly expired: number }> {
  const [counts] = await count(on, []);
  return counts!;
}
