import { sql, type Kysely } from 'kysely';

/*
 * Waits. A node that waits for a person, a moment, a call or a provider's job is WAITING: no worker holds it. A row of
 * waits says for what, and how it came to an end. `earlier_tries` is null in all rows that are there: nothing is rewritten.
 */
const statements = [
  `alter table node_executions
     add column earlier_tries integer,
     drop constraint node_executions_status_check,
     add constraint node_executions_status_check check (status in
       ('PENDING', 'QUEUED', 'RUNNING', 'WAITING', 'COMPLETED', 'FAILED', 'SKIPPED', 'CANCELLED'))`,

  `create table waits (
     id uuid primary key default gen_random_uuid(),
     run_id uuid not null references workflow_runs (id) on delete cascade,
     user_id varchar(255) not null,
     node_execution_id uuid not null,
     attempt integer not null,
     kind varchar(20) not null check (kind in ('person', 'timer', 'webhook', 'provider')),
     token_hash bytea unique,
     due_at timestamptz,
     payload jsonb not null,
     due_outputs jsonb,
     created_at timestamptz not null default clock_timestamp(),
     resolved_at timestamptz,
     resolution jsonb,
     resolved_by varchar(255),
     unique (node_execution_id, attempt),
     check ((resolved_at is null) = (resolution is null))
   )`,
  `create index waits_run on waits (run_id)`,
  `create index waits_due on waits (due_at) where resolved_at is null and due_at is not null`,
  `create index waits_open on waits (user_id, created_at, id) where resolved_at is null and kind = 'person'`,

  `create or replace function refuse_node_execution_status_move() returns trigger language plpgsql as $$
   begin
     if (old.status, new.status) in (
       ('PENDING', 'QUEUED'), ('PENDING', 'RUNNING'), ('PENDING', 'SKIPPED'), ('PENDING', 'CANCELLED'),
       ('QUEUED', 'RUNNING'), ('QUEUED', 'CANCELLED'),
       ('RUNNING', 'COMPLETED'), ('RUNNING', 'FAILED'), ('RUNNING', 'CANCELLED'), ('RUNNING', 'WAITING'),
       ('WAITING', 'COMPLETED'), ('WAITING', 'FAILED'), ('WAITING', 'CANCELLED')
     ) then return new; end if;
     if old.status in ('RUNNING', 'WAITING') and new.status = 'QUEUED' and new.attempt = old.attempt + 1
       then return new; end if;
     raise exception 'node_executions %: % (attempt %) may not become % (attempt %)',
       old.id, old.status, old.attempt, new.status, new.attempt using errcode = 'check_violation';
   end $$`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
