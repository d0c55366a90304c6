import { sql, type Kysely } from 'kysely';

/** The statements run one by one inside the migrator's transaction. */
const statements = [
  // Who may sign in.
  `create table users (
     id varchar(255) primary key,
     email varchar(255) not null unique,
     first_name varchar(255),
     last_name varchar(255),
     role varchar(20) not null default 'member' check (role in ('owner', 'member', 'viewer')),
     password_hash text,
     created_at timestamptz not null default now(),
     updated_at timestamptz not null default now()
   )`,
  `create table sessions (
     id uuid primary key,
     user_id varchar(255) not null references users (id) on delete cascade,
     token_hash bytea not null unique,
     created_at timestamptz not null default now(),
     last_used_at timestamptz not null default now(),
     expires_at timestamptz not null
   )`,
  `create index sessions_user on sessions (user_id)`,
  `create table sign_in_tokens (
     token_hash bytea primary key,
     user_id varchar(255) not null references users (id) on delete cascade,
     created_at timestamptz not null default now(),
     expires_at timestamptz not null,
     used_at timestamptz
   )`,
  `create index sign_in_tokens_user on sign_in_tokens (user_id)`,
  `create table api_keys (
     id uuid primary key,
     user_id varchar(255) not null references users (id) on delete cascade,
     name varchar(100) not null,
     prefix varchar(20) not null,
     key_hash bytea not null unique,
     created_at timestamptz not null default now(),
     last_used_at timestamptz
   )`,
  `create index api_keys_user on api_keys (user_id, created_at desc)`,

  // What is drawn, and the frozen copies that runs point to.
  `create table workflows (
     id serial primary key,
     name varchar(255) not null,
     data jsonb not null,
     user_id varchar(255) not null references users (id) on delete cascade,
     version integer not null default 1,
     created_at timestamptz not null default now(),
     updated_at timestamptz not null default now()
   )`,
  `create index workflows_user_updated on workflows (user_id, updated_at desc, id desc)`,
  `create index workflows_user_name on workflows (user_id, name, id)`,
  `create table workflow_versions (
     id uuid primary key,
     workflow_id integer not null references workflows (id) on delete cascade,
     content_hash char(64) not null,
     data jsonb not null,
     created_at timestamptz not null default now(),
     unique (workflow_id, content_hash)
   )`,

  // Runs. unfinished_nodes and failed_nodes let the last record decide the end without counting rows; progressed_at is
  // when anything of the run last changed. A version goes with its workflow, and so do the runs: no key of their own
  // between the two, which would cost an index that nothing reads.
  `create table workflow_runs (
     id uuid primary key default gen_random_uuid(),
     workflow_id integer not null references workflows (id) on delete cascade,
     workflow_version_id uuid not null,
     user_id varchar(255) not null references users (id) on delete cascade,
     trigger_type varchar(50) not null default 'MANUAL'
       check (trigger_type in ('MANUAL', 'API', 'WEBHOOK', 'SCHEDULE', 'RETRY')),
     mode varchar(20) not null default 'all' check (mode in ('all', 'selected', 'from', 'to')),
     node_ids text[],
     use_cache boolean,
     retry_of uuid,
     status varchar(50) not null default 'PENDING'
       check (status in ('PENDING', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED')),
     error text,
     unfinished_nodes integer not null check (unfinished_nodes >= 0),
     failed_nodes integer not null default 0,
     last_seq integer not null default 0,
     created_at timestamptz not null default now(),
     started_at timestamptz,
     progressed_at timestamptz not null default now(),
     deadline_at timestamptz not null,
     finished_at timestamptz,
     check ((finished_at is not null) = (status in ('COMPLETED', 'FAILED', 'CANCELLED'))),
     check (status <> 'COMPLETED' or (unfinished_nodes = 0 and failed_nodes = 0))
   ) with (fillfactor = 50)`,
  `create index workflow_runs_history on workflow_runs (workflow_id, created_at desc, id desc)`,
  `create index workflow_runs_user on workflow_runs (user_id, created_at desc, id desc)`,
  `create index workflow_runs_active on workflow_runs (created_at) where finished_at is null`,

  `create table workers (
     id uuid primary key,
     hostname varchar(255) not null,
     pid integer not null,
     version varchar(50) not null,
     pools text[] not null,
     concurrency integer not null,
     started_at timestamptz not null default now(),
     heartbeat_at timestamptz not null default now(),
     draining boolean not null default false,
     expired_at timestamptz
   )`,

  // Node executions. pending_dependencies counts down; at zero the node is QUEUED. No index holds a column that changes,
  // and each page has room left, so that a change of status is a heap-only update: a third of the write-ahead log.
  `create table node_executions (
     id uuid primary key default gen_random_uuid(),
     run_id uuid not null references workflow_runs (id) on delete cascade,
     node_id varchar(255) not null,
     node_type varchar(255) not null,
     node_label varchar(255),
     pool varchar(20) not null check (pool in ('inline', 'io', 'cpu')),
     status varchar(50) not null
       check (status in ('PENDING', 'QUEUED', 'RUNNING', 'COMPLETED', 'FAILED', 'SKIPPED', 'CANCELLED')),
     attempt integer not null default 1 check (attempt > 0),
     crash_count integer not null default 0,
     cached boolean not null default false,
     pending_dependencies integer not null check (pending_dependencies >= 0),
     dependencies text[] not null,
     dependents text[] not null,
     fingerprint char(64) not null,
     timeout_ms integer not null,
     worker_id uuid,
     input_data jsonb,
     output_data jsonb,
     usage jsonb,
     error text,
     error_code varchar(100),
     available_at timestamptz,
     queued_at timestamptz,
     started_at timestamptz,
     finished_at timestamptz,
     duration integer,
     unique (run_id, node_id),
     check (status <> 'RUNNING' or worker_id is not null),
     check (status <> 'COMPLETED' or output_data is not null),
     check (status in ('PENDING', 'SKIPPED', 'CANCELLED') or pending_dependencies = 0)
   ) with (fillfactor = 50)`,
  // The truth behind live events; seq grows by one within a run, under the run's row lock.
  `create table run_events (
     run_id uuid not null references workflow_runs (id) on delete cascade,
     seq integer not null,
     at timestamptz not null default clock_timestamp(),
     type varchar(50) not null,
     node_execution_id uuid,
     payload jsonb not null,
     primary key (run_id, seq)
   )`,

  // Files and earlier results.
  `create table assets (
     id uuid primary key,
     user_id varchar(255) not null references users (id) on delete cascade,
     sha256 char(64) not null,
     name varchar(255) not null,
     mime_type varchar(255) not null,
     bytes bigint not null,
     width integer,
     height integer,
     duration_ms double precision,
     created_at timestamptz not null default now(),
     unique (user_id, sha256, name)
   )`,
  `create index assets_user_created on assets (user_id, created_at desc, id desc)`,
  `create index assets_sha256 on assets (sha256)`,
  `create table output_cache (
     user_id varchar(255) not null references users (id) on delete cascade,
     key char(64) not null,
     output_data jsonb not null,
     created_at timestamptz not null default now(),
     primary key (user_id, key)
   )`,
  `create index output_cache_created on output_cache (created_at)`,
  `create table idempotency_keys (
     user_id varchar(255) not null references users (id) on delete cascade,
     key varchar(255) not null,
     request_hash char(64) not null,
     subject_id uuid not null default gen_random_uuid(),
     status integer,
     response jsonb,
     taken_at timestamptz not null default clock_timestamp(),
     created_at timestamptz not null default now(),
     primary key (user_id, key)
   )`,
  `create index idempotency_keys_created on idempotency_keys (created_at)`,

  // Status moves that the state machine does not know are refused here too.
  `create function refuse_run_status_move() returns trigger language plpgsql as $$
   begin
     if (old.status, new.status) in (
       ('PENDING', 'RUNNING'), ('PENDING', 'CANCELLED'), ('PENDING', 'FAILED'),
       ('RUNNING', 'COMPLETED'), ('RUNNING', 'FAILED'), ('RUNNING', 'CANCELLED')
     ) then return new; end if;
     raise exception 'workflow_runs %: % may not become %', old.id, old.status, new.status
       using errcode = 'check_violation';
   end $$`,
  `create trigger workflow_runs_status before update of status on workflow_runs
     for each row when (old.status is distinct from new.status) execute function refuse_run_status_move()`,
  `create function refuse_node_execution_status_move() returns trigger language plpgsql as $$
   begin
     if (old.status, new.status) in (
       ('PENDING', 'QUEUED'), ('PENDING', 'SKIPPED'), ('PENDING', 'CANCELLED'),
       ('QUEUED', 'RUNNING'), ('QUEUED', 'CANCELLED'),
       ('RUNNING', 'COMPLETED'), ('RUNNING', 'FAILED'), ('RUNNING', 'CANCELLED')
     ) then return new; end if;
     if old.status = 'RUNNING' and new.status = 'QUEUED' and new.attempt = old.attempt + 1 then return new; end if;
     raise exception 'node_executions %: % (attempt %) may not become % (attempt %)',
       old.id, old.status, old.attempt, new.status, new.attempt using errcode = 'check_violation';
   end $$`,
  `create trigger node_executions_status before update of status on node_executions
     for each row when (old.status is distinct from new.status) execute function refuse_node_execution_status_move()`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
