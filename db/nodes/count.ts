import { sql } from 'kysely';
import type { PoolWork } from '../../core/api/admin.ts';
import type { Db } from '../client.ts';

/**
 * What waits and runs in each pool, and how long what waits has waited.
 * It starts from the unfinished runs, for no index of node executions knows a status.
 *
 * Relies on workflow_runs_active and node_executions (run_id, node_id).
 */
export async function countWork(db: Db): Promise<PoolWork[]> {
  const rows = await db
    .selectFrom('workflow_runs')
    .innerJoin('node_executions', 'node_executions.run_id', 'workflow_runs.id')
    .where('workflow_runs.finished_at', 'is', null)
    .where('workflow_runs.admitted_at', 'is not', null)
    .where('node_executions.status', 'in', ['QUEUED', 'RUNNING'])
    .groupBy('pool')
    .select([
      'pool',
      sql<number>`(count(*) filter (where node_executions.status = 'QUEUED'))::integer`.as('queued'),
      sql<number>`(count(*) filter (where node_executions.status = 'RUNNING'))::integer`.as('running'),
      sql<number>`(count(*) filter (where node_executions.status = 'QUEUED' and available_at > clock_timestamp()))::integer`.as(
        'delayed',
      ),
      sql<number | null>`(percentile_cont(0.95) within group (
        order by extract(epoch from (clock_timestamp() - queued_at)) * 1000)
        filter (where node_executions.status = 'QUEUED'))::double precision`.as('waitP95Ms'),
    ])
    .execute();
  const byPool = new Map(rows.map((row) => [row.pool, row]));
  return (['inline', 'io', 'cpu'] as const).map((pool) => {
    const row = byPool.get(pool);
    return {
      pool,
      queued: row?.queued ?? 0,
      running: row?.running ?? 0,
      delayed: row?.delayed ?? 0,
      waitP95Ms: row?.waitP95Ms === null || row?.waitP95Ms === undefined ? null : Math.round(row.waitP95Ms),
    };
  });
}
