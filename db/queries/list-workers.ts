import { sql } from 'kysely';
import type { WorkerInfo } from '../../core/api/admin.ts';
import type { Db } from '../client.ts';

/** Worker sessions, newest first, with how many attempts each one runs. Relies on node_executions_active. */
export async function listWorkers(db: Db, leaseMs: number): Promise<WorkerInfo[]> {
  const rows = await db
    .selectFrom('workers as w')
    .select([
      'w.id',
      'w.hostname',
      'w.pid',
      'w.version',
      'w.pools',
      'w.concurrency',
      'w.draining',
      'w.started_at as startedAt',
      'w.heartbeat_at as heartbeatAt',
      sql<boolean>`w.expired_at is null
        and w.heartbeat_at > clock_timestamp() - make_interval(secs => ${leaseMs}::double precision / 1000)`.as(
        'alive',
      ),
    ])
    .select((select) =>
      select
        .selectFrom('node_executions as n')
        .select(sql<number>`count(*)::integer`.as('count'))
        .whereRef('n.worker_id', '=', 'w.id')
        .where('n.status', '=', 'RUNNING')
        .as('running'),
    )
    .orderBy('w.started_at', 'desc')
    .orderBy('w.id')
    // Sessions of dead workers are removed by the sweeper; this bounds what is left.
    .limit(500)
    .execute();
  return rows.map(({ startedAt, heartbeatAt, running, ...row }) => ({
    ...row,
    startedAt: startedAt.toISOString(),
    heartbeatAt: heartbeatAt.toISOString(),
    running: running ?? 0,
  }));
}
