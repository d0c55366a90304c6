import { sql } from 'kysely';
import type { WorkerInfo } from '../../core/api/admin.ts';
import type { Db } from '../client.ts';

/** An operator looks at a few of them; the count says how many there are. */
const maxAttempts = 20;

type AttemptRow = Omit<WorkerInfo['attempts'][number], 'startedAt'> & { readonly startedAt: string | null };

/** Worker sessions, newest first, with how many attempts each one runs and some of them. Relies on node_executions_active. */
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
    .select(
      sql<AttemptRow[] | null>`(
        select jsonb_agg(jsonb_build_object(
                 'runId', a.run_id, 'nodeId', a.node_id, 'nodeType', a.node_type, 'nodeLabel', a.node_label,
                 'attempt', a.attempt, 'startedAt', a.started_at) order by a.started_at)
          from (select * from node_executions n where n.worker_id = w.id and n.status = 'RUNNING'
                 order by n.started_at limit ${maxAttempts}) a)`.as('attempts'),
    )
    .where('w.parent_id', 'is', null)
    .orderBy('w.started_at', 'desc')
    .orderBy('w.id')
    // Sessions of dead workers are removed by the sweeper; this bounds what is left.
    .limit(500)
    .execute();
  return rows.map(({ startedAt, heartbeatAt, running, attempts, ...row }) => ({
    ...row,
    startedAt: startedAt.toISOString(),
    heartbeatAt: heartbeatAt.toISOString(),
    running: running ?? 0,
    attempts: (attempts ?? []).map((attempt) => ({
      ...attempt,
      // Postgres writes timestamps inside JSON with an offset and microseconds.
      startedAt: attempt.startedAt === null ? null : new Date(attempt.startedAt).toISOString(),
    })),
  }));
}
