import { statement, type Queryable } from '../statement.ts';
import { rowBytes } from './row-bytes.ts';

/*
 * Measures runs that ended at or after $1, $2 of them at most, and adds what they
 * keep to what their users have.
 *
 * Locks   the runs, and the rows of user_data in their order; runs that somebody else has locked are left for the next time.
 * Relies  on workflow_runs_finished, node_executions (run_id) and run_events (run_id, seq).
 */
const measure = statement<{ userId: string; runs: number }>(
  'measure-finished-runs',
  `with due as materialized (
     select id, user_id from workflow_runs
      where finished_at is not null and finished_at >= coalesce($1::timestamptz, '-infinity') and kept_bytes is null
      limit $2
        for no key update skip locked
   ),
   sized as materialized (
     select d.id, d.user_id,
            3 * ${rowBytes}
            + coalesce((select sum(coalesce(pg_column_size(n.input_data), 0) + coalesce(pg_column_size(n.output_data), 0)
                                   + coalesce(length(n.error), 0) + 4 * ${rowBytes})
                          from node_executions n where n.run_id = d.id), 0)
            + coalesce((select sum(pg_column_size(e.payload) + ${rowBytes}) from run_events e where e.run_id = d.id), 0)
              as bytes
       from due d
   ),
   marked as (
     update workflow_runs r set kept_bytes = s.bytes from sized s where r.id = s.id
   ),
   added as (
     insert into user_data (user_id, run_bytes)
     select user_id, sum(bytes) from sized group by user_id order by user_id
     on conflict (user_id) do update set run_bytes = user_data.run_bytes + excluded.run_bytes
   )
   select user_id as "userId", count(*)::integer as runs from sized group by user_id`,
);

/** Gives the users whose runs were measured, with how many of each. */
export function measureFinishedRuns(
  on: Queryable,
  since: Date | null,
  limit: number,
): Promise<{ userId: string; runs: number }[]> {
  return measure(on, [since, limit]);
}
