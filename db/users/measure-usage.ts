import { sql } from 'kysely';
import type { Usage } from '../../core/api/usage.ts';
import type { Db } from '../client.ts';
import { usageNumber } from '../run-sql/usage.ts';

/**
 * Runs of a user since a moment, the tokens of these and of their parts, and all files the user keeps.
 * Relies on workflow_runs_user, workflow_runs_parts, node_executions (run_id) and assets_user_created.
 */
export async function measureUsage(
  db: Db,
  userId: string,
  since: Date,
): Promise<Pick<Usage, 'runs' | 'tokens'> & { storage: { files: number; bytes: number } }> {
  const { rows } = await sql<{
    total: number;
    completed: number;
    failed: number;
    cancelled: number;
    input: string;
    output: string;
    costUsd: number;
    files: number;
    bytes: string;
  }>`
    with recursive runs as materialized (
      select id, status from workflow_runs
       where user_id = ${userId} and parent_run_id is null and created_at >= ${since}
    ),
    with_parts as (
      select id from runs
      union all
      select p.id from with_parts w join workflow_runs p on p.parent_run_id = w.id
    ),
    counted as (
      select count(*)::integer as total,
             (count(*) filter (where status = 'COMPLETED'))::integer as completed,
             (count(*) filter (where status = 'FAILED'))::integer as failed,
             (count(*) filter (where status = 'CANCELLED'))::integer as cancelled
        from runs
    ),
    tokens as (
      select least(coalesce(sum(${sql.raw(usageNumber('n.usage', 'inputTokens'))}), 0), 9007199254740991) as input,
             least(coalesce(sum(${sql.raw(usageNumber('n.usage', 'outputTokens'))}), 0), 9007199254740991) as output,
             coalesce(sum(${sql.raw(usageNumber('n.usage', 'costUsd'))}), 0)::double precision as "costUsd"
        from with_parts r join node_executions n on n.run_id = r.id
       where n.usage is not null
    ),
    kept as (
      select count(*)::integer as files, coalesce(sum(bytes), 0) as bytes from assets where user_id = ${userId}
    )
    select * from counted, tokens, kept`.execute(db);
  const row = rows[0]!;
  return {
    runs: { total: row.total, completed: row.completed, failed: row.failed, cancelled: row.cancelled },
    tokens: { input: Number(row.input), output: Number(row.output), costUsd: row.costUsd },
    storage: { files: row.files, bytes: Number(row.bytes) },
  };
}
