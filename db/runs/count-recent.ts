import { sql } from 'kysely';
import type { Db } from '../client.ts';

/** Runs of all accounts that were started within the last so many milliseconds. Relies on workflow_runs_created. */
export async function countRecentRuns(
  db: Db,
  withinMs: number,
): Promise<{ runs: number; failedRuns: number; failedNodes: number }> {
  return db
    .selectFrom('workflow_runs')
    .select([
      sql<number>`count(*)::integer`.as('runs'),
      sql<number>`(count(*) filter (where status = 'FAILED'))::integer`.as('failedRuns'),
      sql<number>`coalesce(sum(failed_nodes), 0)::integer`.as('failedNodes'),
    ])
    .where('parent_run_id', 'is', null)
    .where(sql<boolean>`created_at > clock_timestamp() - make_interval(secs => ${withinMs}::double precision / 1000)`)
    .executeTakeFirstOrThrow();
}
