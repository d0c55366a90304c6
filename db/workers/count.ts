import { statement, type Queryable } from '../statement.ts';

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
