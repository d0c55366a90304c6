import { sql, type Kysely } from 'kysely';

/*
 * Jobs at providers. A row is written before a job is handed in, so that a node execution hands in one and no more: where
 * its worker dies before the provider's answer is stored, `job` is null, and nobody hands in another. `work` names what was
 * asked for, by node type, settings and inputs: a failed node that is run again finds what was paid for.
 */
const statements = [
  `create table provider_jobs (
     node_execution_id uuid primary key,
     run_id uuid not null references workflow_runs (id) on delete cascade,
     user_id varchar(255) not null,
     work varchar(128) not null,
     begun_at timestamptz not null default clock_timestamp(),
     job jsonb,
     look_at timestamptz not null default clock_timestamp(),
     failed_looks integer not null default 0,
     ended_at timestamptz
   )`,
  `create index provider_jobs_run on provider_jobs (run_id)`,
  `create index provider_jobs_work on provider_jobs (user_id, work)`,
  `create index provider_jobs_open on provider_jobs (look_at) where ended_at is null and job is not null`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
