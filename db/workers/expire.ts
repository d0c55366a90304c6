import { quickAnswerMs, statement, type Queryable } from '../statement.ts';

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
