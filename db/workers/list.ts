import { sql } from 'kysely';
import type { WorkerInfo } from '../../core/api/admin.ts';
import type { Db } from '../client.ts';

/** An operator looks at a few of them; the count says how many there are. */
const maxAttempts = 20;

type AttemptRow = Omit<WorkerInfo['attempts'][number], 'startedAt'> & { readonly startedAt: string | null };

/**
 * Worker sessions, newest first, with how many attempts each one runs and some of them. What runs is found from the
 * unfinished runs, so that finished ones are not read.
 *
 * Relies on workflow_runs_active and node_executions (run_id, node_id).
 */
export async function listWorkers(db: Db, leaseMs: number): Promise<WorkerInfo[]> {
  const rows = await db
    .with('attempt', (select) =>
      select
        .selectFrom('workflow_runs as r')
        .innerJoin('node_executions as n', 'n.run_id', 'r.id')
        .selectAll('n')
        .select('r.parent_run_id')
        .select(
          sql<number>`(row_number() over (partition by n.worker_id order by n.started_at))::integer`.as('position'),
        )
        .where('r.finished_at', 'is', null)
        .where('r.admitted_at', 'is not', null)
        .where('n.status', '=', 'RUNNING'),
    )
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
        .selectFrom('attempt as a')
        .select(sql<number>`count(*)::integer`.as('count'))
        .whereRef('a.worker_id', '=', 'w.id')
        .as('running'),
    )
    .select(
      sql<AttemptRow[] | null>`(
        select jsonb_agg(jsonb_build_object(
                 'runId', case when a.parent_run_id is null then a.run_id else (whole_runs(array[a.run_id]))[1] end, 'nodeId', a.node_id, 'nodeType', a.node_type, 'nodeLabel', a.node_label,
                 'attempt', a.attempt, 'startedAt', a.started_at) order by a.started_at)
          from attempt a where a.worker_id = w.id and a.position <= ${maxAttempts})`.as('attempts'),
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
