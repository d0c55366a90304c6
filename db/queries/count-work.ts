import { sql } from 'kysely';
import type { PoolWork } from '../../core/api/admin.ts';
import type { Db } from '../client.ts';

/**
 * What waits and runs in each pool, and how long what waits has waited.
 * Relies on node_executions_active, which holds unfinished work only.
 */
export async function countWork(db: Db): Promise<PoolWork[]> {
  const rows = await db
    .selectFrom('node_executions')
    .select([
      'pool',
      sql<number>`(count(*) filter (where status = 'QUEUED'))::integer`.as('queued'),
      sql<number>`(count(*) filter (where status = 'RUNNING'))::integer`.as('running'),
      sql<number>`(count(*) filter (where status = 'QUEUED' and available_at > clock_timestamp()))::integer`.as(
        'delayed',
      ),
      sql<number | null>`(percentile_cont(0.95) within group (
        order by extract(epoch from (clock_timestamp() - queued_at)) * 1000)
        filter (where status = 'QUEUED'))::double precision`.as('waitP95Ms'),
    ])
    .where('status', 'in', ['QUEUED', 'RUNNING'])
    .groupBy('pool')
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
