import { sql, type Kysely } from 'kysely';

/** The statements run one by one inside the migrator's transaction. */
const statements = [
  // What starts runs of a workflow by itself. next_at: the next instant of a schedule; null: there is none.
  `create table triggers (
     id uuid primary key,
     workflow_id integer not null references workflows (id) on delete cascade,
     user_id varchar(255) not null references users (id) on delete cascade,
     kind varchar(20) not null check (kind in ('schedule', 'webhook')),
     name varchar(200),
     enabled boolean not null default true,
     paused_reason text,
     settings jsonb not null,
     inputs jsonb not null default '{}',
     next_at timestamptz,
     token_hash bytea unique,
     sealed bytea,
     failures integer not null default 0,
     created_at timestamptz not null default now(),
     updated_at timestamptz not null default now(),
     check ((kind = 'webhook') = (token_hash is not null)),
     check ((kind = 'webhook') = (sealed is not null)),
     check (next_at is null or (enabled and kind = 'schedule'))
   )`,
  `create index triggers_workflow on triggers (workflow_id, created_at)`,
  `create index triggers_user on triggers (user_id)`,
  `create index triggers_due on triggers (next_at) where next_at is not null`,

  // Each time that a trigger fired, or did not and why. The id is that of the run; the key makes it one.
  `create table trigger_fires (
     id uuid primary key,
     trigger_id uuid not null references triggers (id) on delete cascade,
     fire_key varchar(300) not null,
     due_at timestamptz not null,
     created_at timestamptz not null default now(),
     status varchar(20) not null check (status in
       ('due', 'started', 'completed', 'failed', 'cancelled', 'skipped', 'missed', 'refused')),
     code varchar(100),
     reason text,
     inputs jsonb,
     tries integer not null default 0,
     try_at timestamptz,
     run_id uuid,
     check ((status = 'due') = (try_at is not null)),
     check (status not in ('started', 'completed', 'failed') or run_id is not null),
     unique (trigger_id, fire_key)
   )`,
  `create index trigger_fires_recent on trigger_fires (trigger_id, due_at desc, id desc)`,
  `create index trigger_fires_open on trigger_fires (trigger_id, due_at, id) where status in ('due', 'started')`,

  // What arrived at a webhook, as it arrived, without what is secret.
  `create table trigger_deliveries (
     fire_id uuid primary key references trigger_fires (id) on delete cascade,
     trigger_id uuid not null references triggers (id) on delete cascade,
     received_at timestamptz not null default now(),
     query jsonb not null,
     headers jsonb not null,
     body bytea not null
   )`,
  `create index trigger_deliveries_recent on trigger_deliveries (trigger_id, received_at desc)`,

  // Addresses that are told of runs; looked_until: runs that ended before are told of.
  `create table workflow_callbacks (
     id uuid primary key,
     workflow_id integer not null references workflows (id) on delete cascade,
     user_id varchar(255) not null references users (id) on delete cascade,
     url varchar(2000) not null,
     events text[] not null,
     enabled boolean not null default true,
     paused_reason text,
     sealed bytea not null,
     looked_until timestamptz not null default now(),
     created_at timestamptz not null default now()
   )`,
  `create index workflow_callbacks_workflow on workflow_callbacks (workflow_id, created_at)`,
  `create index workflow_callbacks_user on workflow_callbacks (user_id)`,

  // The outbox: one message for each callback, run and event.
  `create table callback_messages (
     id uuid primary key,
     callback_id uuid not null references workflow_callbacks (id) on delete cascade,
     run_id uuid not null,
     event varchar(30) not null check (event in ('run.finished', 'run.failed')),
     status varchar(20) not null default 'due' check (status in ('due', 'delivered', 'failed')),
     body text,
     tries integer not null default 0,
     try_at timestamptz,
     answer_status integer,
     error text,
     created_at timestamptz not null default now(),
     sent_at timestamptz,
     check ((status = 'due') = (try_at is not null)),
     unique (callback_id, run_id, event)
   )`,
  `create index callback_messages_due on callback_messages (try_at) where try_at is not null`,
  `create index callback_messages_recent on callback_messages (callback_id, created_at desc, id desc)`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
