-- The schema after all migrations. Generated from a migrated database: change
-- it by a migration, then run `npm run db:dump`. A test compares the two.

create sequence workflows_id_seq as integer;

create table api_keys (
  id uuid not null,
  user_id character varying(255) not null,
  name character varying(100) not null,
  prefix character varying(20) not null,
  key_hash bytea not null,
  created_at timestamp with time zone not null default now(),
  last_used_at timestamp with time zone,
  scopes text[] not null default ARRAY['read', 'run', 'write'],
  expires_at timestamp with time zone,
  revoked_at timestamp with time zone,
  workspace_id character varying(255),
  role character varying(20),
  constraint api_keys_pkey PRIMARY KEY (id),
  constraint api_keys_key_hash_key UNIQUE (key_hash),
  constraint api_keys_role_check CHECK (role::text = ANY (ARRAY['viewer', 'runner', 'editor', 'admin'])),
  constraint api_keys_scopes_check CHECK (scopes <@ ARRAY['read', 'run', 'write'] AND cardinality(scopes) > 0)
);
create table app_link_files (
  link_id uuid not null,
  visitor bytea not null,
  asset_id uuid not null,
  constraint app_link_files_pkey PRIMARY KEY (link_id, visitor, asset_id)
);
create table app_link_runs (
  run_id uuid not null,
  link_id uuid not null,
  visitor bytea not null,
  created_at timestamp with time zone not null default now(),
  constraint app_link_runs_pkey PRIMARY KEY (run_id)
);
create table app_links (
  id uuid not null,
  workflow_id integer not null,
  user_id character varying(255) not null,
  created_by character varying(255),
  name character varying(200),
  token_hash bytea not null,
  enabled boolean not null default true,
  paused_reason text,
  expires_at timestamp with time zone,
  max_runs integer,
  runs integer not null default 0,
  inputs text[],
  fixed jsonb not null default '{}'::jsonb,
  created_at timestamp with time zone not null default now(),
  last_run_at timestamp with time zone,
  constraint app_links_pkey PRIMARY KEY (id),
  constraint app_links_token_hash_key UNIQUE (token_hash),
  constraint app_links_max_runs_check CHECK (max_runs > 0)
);
create table asset_reservations (
  id uuid not null,
  user_id character varying(255) not null,
  bytes bigint not null,
  sha256 character(64),
  expires_at timestamp with time zone not null,
  constraint asset_reservations_pkey PRIMARY KEY (id)
);
create table assets (
  id uuid not null,
  user_id character varying(255) not null,
  sha256 character(64) not null,
  name character varying(255) not null,
  mime_type character varying(255) not null,
  bytes bigint not null,
  width integer,
  height integer,
  duration_ms double precision,
  created_at timestamp with time zone not null default now(),
  derived_bytes bigint not null default 0,
  channels integer,
  sample_rate integer,
  uploaded_by character varying(255),
  constraint assets_pkey PRIMARY KEY (id),
  constraint assets_user_id_sha256_name_key UNIQUE (user_id, sha256, name)
);
create table audit_log (
  id uuid not null,
  at timestamp with time zone not null default clock_timestamp(),
  action character varying(50) not null,
  is_refused boolean not null default false,
  actor_id character varying(255),
  actor_email character varying(255),
  via character varying(20),
  subject_type character varying(50),
  subject_id character varying(255),
  subject_name character varying(255),
  address character varying(64),
  request_id character varying(64),
  details jsonb not null default '{}'::jsonb,
  count integer not null default 1,
  last_at timestamp with time zone not null default clock_timestamp(),
  share character varying(300) not null,
  act bytea,
  hour timestamp with time zone,
  workspace_id character varying(255),
  constraint audit_log_pkey PRIMARY KEY (id)
);
create table batch_rows (
  batch_id uuid not null,
  number integer not null,
  inputs jsonb not null,
  status character varying(20) not null default 'queued',
  run_id uuid,
  retry_of uuid,
  tries integer not null default 0,
  try_at timestamp with time zone,
  claimed_until timestamp with time zone,
  code character varying(100),
  error text,
  cost_usd double precision,
  duration_ms bigint,
  finished_at timestamp with time zone,
  constraint batch_rows_pkey PRIMARY KEY (batch_id, number),
  constraint batch_rows_check CHECK (status::text <> 'running' OR run_id IS NOT NULL),
  constraint batch_rows_check1 CHECK (claimed_until IS NULL OR status::text = 'running'),
  constraint batch_rows_number_check CHECK (number > 0),
  constraint batch_rows_status_check CHECK (status::text = ANY (ARRAY['queued', 'running', 'done', 'failed', 'cancelled']))
);
create table batches (
  id uuid not null,
  workflow_id integer not null,
  user_id character varying(255) not null,
  version_id uuid not null,
  published_version integer,
  name character varying(200),
  status character varying(20) not null default 'running',
  paused_reason text,
  at_once integer not null,
  use_cache boolean,
  total integer not null,
  bytes bigint not null,
  created_at timestamp with time zone not null default now(),
  finished_at timestamp with time zone,
  created_by character varying(255),
  constraint batches_pkey PRIMARY KEY (id),
  constraint batches_at_once_check CHECK (at_once > 0),
  constraint batches_status_check CHECK (status::text = ANY (ARRAY['running', 'paused', 'cancelled', 'finished'])),
  constraint batches_total_check CHECK (total > 0)
);
create table budgets (
  id uuid not null default gen_random_uuid(),
  user_id character varying(255) not null,
  workflow_id integer,
  period character varying(10) not null,
  limit_usd double precision not null,
  updated_at timestamp with time zone not null default now(),
  constraint budgets_pkey PRIMARY KEY (id),
  constraint budgets_user_id_workflow_id_period_key UNIQUE NULLS NOT DISTINCT (user_id, workflow_id, period),
  constraint budgets_limit_usd_check CHECK (limit_usd >= 0::double precision),
  constraint budgets_period_check CHECK (period::text = ANY (ARRAY['run', 'day', 'month']))
);
create table callback_messages (
  id uuid not null,
  callback_id uuid not null,
  run_id uuid not null,
  event character varying(30) not null,
  status character varying(20) not null default 'due',
  body text,
  tries integer not null default 0,
  try_at timestamp with time zone,
  answer_status integer,
  error text,
  created_at timestamp with time zone not null default now(),
  sent_at timestamp with time zone,
  wait_id uuid,
  constraint callback_messages_pkey PRIMARY KEY (id),
  constraint callback_messages_check CHECK ((status::text = 'due') = (try_at IS NOT NULL)),
  constraint callback_messages_event_check CHECK (event::text = ANY (ARRAY['run.finished', 'run.failed', 'run.waiting'])),
  constraint callback_messages_status_check CHECK (status::text = ANY (ARRAY['due', 'delivered', 'failed'])),
  constraint callback_messages_wait_check CHECK ((event::text = 'run.waiting') = (wait_id IS NOT NULL))
);
create table ended_sessions (
  id character varying(255) not null,
  ended_at timestamp with time zone not null default now(),
  constraint ended_sessions_pkey PRIMARY KEY (id)
);
create table idempotency_keys (
  user_id character varying(255) not null,
  key character varying(255) not null,
  request_hash character(64) not null,
  subject_id uuid not null default gen_random_uuid(),
  status integer,
  response jsonb,
  taken_at timestamp with time zone not null default clock_timestamp(),
  created_at timestamp with time zone not null default now(),
  constraint idempotency_keys_pkey PRIMARY KEY (user_id, key)
);
create table invariant_checks (
  name character varying(50) not null,
  violations integer not null,
  checked_at timestamp with time zone not null,
  constraint invariant_checks_pkey PRIMARY KEY (name)
);
create table invitations (
  id uuid not null,
  email character varying(255) not null,
  role character varying(20) not null,
  token_hash bytea not null,
  invited_by character varying(255),
  created_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone not null,
  accepted_at timestamp with time zone,
  constraint invitations_pkey PRIMARY KEY (id),
  constraint invitations_token_hash_key UNIQUE (token_hash),
  constraint invitations_role_check CHECK (role::text = ANY (ARRAY['owner', 'member', 'viewer']))
);
create table kept_drafts (
  id uuid not null,
  workflow_id integer not null,
  version_id uuid not null,
  kept_by character varying(255),
  kept_at timestamp with time zone not null default clock_timestamp(),
  constraint kept_drafts_pkey PRIMARY KEY (id)
);
create table known_browsers (
  token_hash bytea not null,
  user_id character varying(255) not null,
  created_at timestamp with time zone not null default now(),
  last_used_at timestamp with time zone not null default now(),
  constraint known_browsers_pkey PRIMARY KEY (token_hash)
);
create table model_calls (
  id uuid not null default gen_random_uuid(),
  user_id character varying(255) not null,
  workflow_id integer,
  run_id uuid,
  node_id character varying(255),
  node_execution_id uuid,
  attempt integer not null,
  provider character varying(100) not null,
  model character varying(255) not null,
  expected_usd double precision not null,
  cost_usd double precision,
  settled_at timestamp with time zone,
  created_at timestamp with time zone not null default clock_timestamp(),
  constraint model_calls_pkey PRIMARY KEY (id)
);
create table node_executions (
  id uuid not null default gen_random_uuid(),
  run_id uuid not null,
  node_id character varying(255) not null,
  node_type character varying(255) not null,
  node_label character varying(255),
  pool character varying(20) not null,
  status character varying(50) not null,
  attempt integer not null default 1,
  crash_count integer not null default 0,
  cached boolean not null default false,
  pending_dependencies integer not null,
  dependencies text[] not null,
  dependents text[] not null,
  fingerprint character(64) not null,
  timeout_ms integer not null,
  worker_id uuid,
  input_data jsonb,
  output_data jsonb,
  usage jsonb,
  error text,
  error_code character varying(100),
  available_at timestamp with time zone,
  queued_at timestamp with time zone,
  started_at timestamp with time zone,
  finished_at timestamp with time zone,
  duration integer,
  unrecorded_count integer not null default 0,
  edges jsonb,
  handles_error boolean,
  earlier_tries integer,
  region jsonb,
  constraint node_executions_pkey PRIMARY KEY (id),
  constraint node_executions_run_id_node_id_key UNIQUE (run_id, node_id),
  constraint node_executions_attempt_check CHECK (attempt > 0),
  constraint node_executions_check CHECK (status::text <> 'RUNNING' OR worker_id IS NOT NULL),
  constraint node_executions_check1 CHECK (status::text <> 'COMPLETED' OR output_data IS NOT NULL),
  constraint node_executions_check2 CHECK ((status::text = ANY (ARRAY['PENDING', 'SKIPPED', 'CANCELLED'])) OR pending_dependencies = 0),
  constraint node_executions_pending_dependencies_check CHECK (pending_dependencies >= 0),
  constraint node_executions_pool_check CHECK (pool::text = ANY (ARRAY['inline', 'io', 'cpu'])),
  constraint node_executions_status_check CHECK (status::text = ANY (ARRAY['PENDING', 'QUEUED', 'RUNNING', 'WAITING', 'COMPLETED', 'FAILED', 'SKIPPED', 'CANCELLED']))
);
create table oidc_sessions (
  session_id uuid not null,
  provider character varying(40) not null,
  subject character varying(255) not null,
  provider_session character varying(255),
  sealed_refresh_token bytea,
  constraint oidc_sessions_pkey PRIMARY KEY (session_id)
);
create table oidc_sign_ins (
  state_hash bytea not null,
  browser_hash bytea not null,
  provider character varying(40) not null,
  next character varying(2048),
  expires_at timestamp with time zone not null,
  constraint oidc_sign_ins_pkey PRIMARY KEY (state_hash)
);
create table output_cache (
  user_id character varying(255) not null,
  key character(64) not null,
  output_data jsonb,
  created_at timestamp with time zone not null default now(),
  made_by uuid,
  attempt integer,
  constraint output_cache_pkey PRIMARY KEY (user_id, key),
  constraint output_cache_check CHECK (output_data IS NOT NULL OR made_by IS NOT NULL AND attempt IS NOT NULL)
);
create table provider_clocks (
  key character varying(400) not null,
  not_before timestamp with time zone not null,
  pace_ms integer not null,
  waiting integer not null default 0,
  slowed_at timestamp with time zone not null default clock_timestamp(),
  left_calls integer,
  left_until timestamp with time zone,
  refill_ms integer,
  constraint provider_clocks_pkey PRIMARY KEY (key)
);
create table provider_jobs (
  node_execution_id uuid not null,
  run_id uuid not null,
  user_id character varying(255) not null,
  work character varying(128) not null,
  begun_at timestamp with time zone not null default clock_timestamp(),
  job jsonb,
  look_at timestamp with time zone not null default clock_timestamp(),
  failed_looks integer not null default 0,
  ended_at timestamp with time zone,
  constraint provider_jobs_pkey PRIMARY KEY (node_execution_id)
);
create table provider_keys (
  user_id character varying(255) not null,
  provider character varying(20) not null,
  base_url character varying(500),
  sealed bytea not null,
  models text[] not null,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint provider_keys_pkey PRIMARY KEY (user_id, provider),
  constraint provider_keys_check CHECK ((base_url IS NOT NULL) = (provider::text = 'openai')),
  constraint provider_keys_provider_check CHECK (provider::text = ANY (ARRAY['gemini', 'openai']))
);
create table published_versions (
  workflow_id integer not null,
  number integer not null,
  version_id uuid not null,
  revision integer not null,
  note text not null default '',
  published_by character varying(255),
  published_at timestamp with time zone not null default clock_timestamp(),
  constraint published_versions_pkey PRIMARY KEY (workflow_id, number),
  constraint published_versions_number_check CHECK (number > 0)
);
create table rate_buckets (
  key character varying(500) not null,
  tokens double precision not null,
  granted integer not null,
  refilled_at timestamp with time zone not null,
  constraint rate_buckets_pkey PRIMARY KEY (key)
);
create table result_stars (
  workflow_id integer not null,
  user_id character varying(255) not null,
  keys text[] not null,
  constraint result_stars_pkey PRIMARY KEY (workflow_id, user_id)
);
create table run_events (
  run_id uuid not null,
  seq integer not null,
  at timestamp with time zone not null default clock_timestamp(),
  type character varying(50) not null,
  node_execution_id uuid,
  payload jsonb not null,
  constraint run_events_pkey PRIMARY KEY (run_id, seq)
) partition by range (run_id);
create table run_lists (
  run_id uuid not null,
  asset_id uuid not null,
  constraint run_lists_pkey PRIMARY KEY (run_id, asset_id)
);
create table run_regions (
  node_execution_id uuid not null,
  run_id uuid not null,
  shared_key character(64) not null,
  total integer not null,
  nodes integer not null,
  width integer not null,
  most_failed integer,
  next_index integer not null,
  unfinished integer not null default 0,
  completed integer not null default 0,
  cached integer not null default 0,
  failed integer not null default 0,
  is_closed boolean not null default false,
  changed_at timestamp with time zone not null default clock_timestamp(),
  told_at timestamp with time zone not null default clock_timestamp(),
  paused_at timestamp with time zone,
  paused_by character varying(255),
  again integer not null default 0,
  retried integer not null default 0,
  constraint run_regions_pkey PRIMARY KEY (node_execution_id),
  constraint run_regions_again_check CHECK (again >= 0),
  constraint run_regions_check CHECK (next_index >= 0 AND next_index <= total),
  constraint run_regions_nodes_check CHECK (nodes > 0),
  constraint run_regions_total_check CHECK (total >= 0),
  constraint run_regions_unfinished_check CHECK (unfinished >= 0),
  constraint run_regions_width_check CHECK (width > 0)
);
create table secrets (
  user_id character varying(255) not null,
  name character varying(64) not null,
  hosts text[] not null,
  sealed bytea not null,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint secrets_pkey PRIMARY KEY (user_id, name)
);
create table sessions (
  id uuid not null,
  user_id character varying(255) not null,
  token_hash bytea not null,
  created_at timestamp with time zone not null default now(),
  last_used_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone not null,
  method character varying(20) not null default 'password',
  user_agent character varying(255),
  address character varying(64),
  recheck_at timestamp with time zone,
  constraint sessions_pkey PRIMARY KEY (id),
  constraint sessions_token_hash_key UNIQUE (token_hash),
  constraint sessions_method_check CHECK (method::text = ANY (ARRAY['password', 'link', 'invitation', 'oidc']))
);
create table sign_in_tokens (
  token_hash bytea not null,
  user_id character varying(255) not null,
  created_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone not null,
  used_at timestamp with time zone,
  made_by character varying(255),
  constraint sign_in_tokens_pkey PRIMARY KEY (token_hash)
);
create table trigger_deliveries (
  fire_id uuid not null,
  trigger_id uuid not null,
  received_at timestamp with time zone not null default now(),
  query jsonb not null,
  headers jsonb not null,
  body bytea not null,
  constraint trigger_deliveries_pkey PRIMARY KEY (fire_id)
);
create table trigger_files (
  trigger_id uuid not null,
  path text not null,
  bytes bigint not null,
  mark character varying(200) not null,
  seen_at timestamp with time zone not null,
  is_taken boolean not null,
  constraint trigger_files_pkey PRIMARY KEY (trigger_id, path)
);
create table trigger_fires (
  id uuid not null,
  trigger_id uuid not null,
  fire_key character varying(300) not null,
  due_at timestamp with time zone not null,
  created_at timestamp with time zone not null default now(),
  status character varying(20) not null,
  code character varying(100),
  reason text,
  inputs jsonb,
  tries integer not null default 0,
  try_at timestamp with time zone,
  run_id uuid,
  constraint trigger_fires_pkey PRIMARY KEY (id),
  constraint trigger_fires_trigger_id_fire_key_key UNIQUE (trigger_id, fire_key),
  constraint trigger_fires_check CHECK ((status::text = 'due') = (try_at IS NOT NULL)),
  constraint trigger_fires_check1 CHECK ((status::text <> ALL (ARRAY['started', 'completed', 'failed'])) OR run_id IS NOT NULL),
  constraint trigger_fires_status_check CHECK (status::text = ANY (ARRAY['due', 'started', 'completed', 'failed', 'cancelled', 'skipped', 'missed', 'refused']))
);
create table triggers (
  id uuid not null,
  workflow_id integer not null,
  user_id character varying(255) not null,
  kind character varying(20) not null,
  name character varying(200),
  enabled boolean not null default true,
  paused_reason text,
  settings jsonb not null,
  inputs jsonb not null default '{}'::jsonb,
  next_at timestamp with time zone,
  token_hash bytea,
  sealed bytea,
  failures integer not null default 0,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  created_by character varying(255),
  source_workflow_id integer,
  looked_until timestamp with time zone,
  look_at timestamp with time zone,
  constraint triggers_pkey PRIMARY KEY (id),
  constraint triggers_token_hash_key UNIQUE (token_hash),
  constraint triggers_check CHECK ((kind::text = 'webhook') = (token_hash IS NOT NULL)),
  constraint triggers_check1 CHECK ((kind::text = 'webhook') = (sealed IS NOT NULL)),
  constraint triggers_check2 CHECK (next_at IS NULL OR enabled AND kind::text = 'schedule'),
  constraint triggers_kind_check CHECK (kind::text = ANY (ARRAY['schedule', 'webhook', 'workflow', 'file'])),
  constraint triggers_look_check CHECK ((kind::text = 'file') = (look_at IS NOT NULL)),
  constraint triggers_source_check CHECK ((kind::text = 'workflow') = (source_workflow_id IS NOT NULL))
);
create table user_data (
  user_id character varying(255) not null,
  run_bytes bigint not null default 0,
  constraint user_data_pkey PRIMARY KEY (user_id)
);
create table users (
  id character varying(255) not null,
  email character varying(255) not null,
  first_name character varying(255),
  last_name character varying(255),
  role character varying(20) not null default 'member',
  password_hash text,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  external_id character varying(255),
  removed_at timestamp with time zone,
  external_at timestamp with time zone,
  email_changed_at timestamp with time zone,
  kind character varying(20) not null default 'person',
  email_verified_at timestamp with time zone,
  shut_out_at timestamp with time zone,
  constraint users_pkey PRIMARY KEY (id),
  constraint users_email_key UNIQUE (email),
  constraint users_external_id_key UNIQUE (external_id),
  constraint users_kind_check CHECK (kind::text = ANY (ARRAY['person', 'workspace', 'service'])),
  constraint users_role_check CHECK (role::text = ANY (ARRAY['owner', 'member', 'viewer']))
);
create table waits (
  id uuid not null default gen_random_uuid(),
  run_id uuid not null,
  user_id character varying(255) not null,
  node_execution_id uuid not null,
  attempt integer not null,
  kind character varying(20) not null,
  token_hash bytea,
  due_at timestamp with time zone,
  payload jsonb not null,
  due_outputs jsonb,
  created_at timestamp with time zone not null default clock_timestamp(),
  resolved_at timestamp with time zone,
  resolution jsonb,
  resolved_by character varying(255),
  constraint waits_pkey PRIMARY KEY (id),
  constraint waits_node_execution_id_attempt_key UNIQUE (node_execution_id, attempt),
  constraint waits_token_hash_key UNIQUE (token_hash),
  constraint waits_check CHECK ((resolved_at IS NULL) = (resolution IS NULL)),
  constraint waits_kind_check CHECK (kind::text = ANY (ARRAY['person', 'timer', 'webhook', 'provider']))
);
create table webhook_messages (
  id character varying(255) not null,
  received_at timestamp with time zone not null default now(),
  constraint webhook_messages_pkey PRIMARY KEY (id)
);
create table workers (
  id uuid not null,
  hostname character varying(255) not null,
  pid integer not null,
  version character varying(50) not null,
  pools text[] not null,
  concurrency integer not null,
  started_at timestamp with time zone not null default now(),
  heartbeat_at timestamp with time zone not null default now(),
  draining boolean not null default false,
  expired_at timestamp with time zone,
  drain_requested_at timestamp with time zone,
  isolates boolean not null default false,
  parent_id uuid,
  constraint workers_pkey PRIMARY KEY (id)
);
create table workflow_callbacks (
  id uuid not null,
  workflow_id integer not null,
  user_id character varying(255) not null,
  url character varying(2000) not null,
  events text[] not null,
  enabled boolean not null default true,
  paused_reason text,
  sealed bytea not null,
  looked_until timestamp with time zone not null default now(),
  created_at timestamp with time zone not null default now(),
  has_old_secret boolean not null default false,
  constraint workflow_callbacks_pkey PRIMARY KEY (id)
);
create table workflow_runs (
  id uuid not null default gen_random_uuid(),
  workflow_id integer not null,
  workflow_version_id uuid not null,
  user_id character varying(255) not null,
  trigger_type character varying(50) not null default 'MANUAL',
  mode character varying(20) not null default 'all',
  node_ids text[],
  use_cache boolean,
  retry_of uuid,
  status character varying(50) not null default 'PENDING',
  error text,
  unfinished_nodes integer not null,
  failed_nodes integer not null default 0,
  last_seq integer not null default 0,
  created_at timestamp with time zone not null default now(),
  started_at timestamp with time zone,
  progressed_at timestamp with time zone not null default now(),
  deadline_at timestamp with time zone not null,
  finished_at timestamp with time zone,
  admitted_at timestamp with time zone default now(),
  kept_bytes bigint,
  handled_failures integer,
  parent_run_id uuid,
  parent_execution_id uuid,
  part_index integer,
  part_key character varying(80),
  part_label text,
  part_settled boolean,
  published_version integer,
  rests_since timestamp with time zone,
  actor_id character varying(255),
  region_executions integer,
  constraint workflow_runs_pkey PRIMARY KEY (id),
  constraint workflow_runs_check CHECK ((finished_at IS NOT NULL) = (status::text = ANY (ARRAY['COMPLETED', 'FAILED', 'CANCELLED']))),
  constraint workflow_runs_check1 CHECK (status::text <> 'COMPLETED' OR unfinished_nodes = 0 AND failed_nodes = 0),
  constraint workflow_runs_mode_check CHECK (mode::text = ANY (ARRAY['all', 'selected', 'from', 'to'])),
  constraint workflow_runs_part_check CHECK (num_nulls(parent_run_id, parent_execution_id, part_index, part_key, part_settled) = ANY (ARRAY[0, 5])),
  constraint workflow_runs_status_check CHECK (status::text = ANY (ARRAY['PENDING', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED'])),
  constraint workflow_runs_trigger_type_check CHECK (trigger_type::text = ANY (ARRAY['MANUAL', 'API', 'WEBHOOK', 'SCHEDULE', 'RETRY', 'BATCH', 'WORKFLOW', 'FILE', 'LINK'])),
  constraint workflow_runs_unfinished_nodes_check CHECK (unfinished_nodes >= 0)
);
create table workflow_versions (
  id uuid not null,
  workflow_id integer not null,
  content_hash character(64) not null,
  data jsonb not null,
  created_at timestamp with time zone not null default now(),
  constraint workflow_versions_pkey PRIMARY KEY (id),
  constraint workflow_versions_workflow_id_content_hash_key UNIQUE (workflow_id, content_hash)
);
create table workflows (
  id integer not null default nextval('workflows_id_seq'::regclass),
  name character varying(255) not null,
  data jsonb not null,
  user_id character varying(255) not null,
  version integer not null default 1,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  slug character varying(64),
  live_version integer,
  updated_by character varying(255),
  constraint workflows_pkey PRIMARY KEY (id)
);
create table workspace_invitations (
  id uuid not null,
  workspace_id character varying(255) not null,
  email character varying(255) not null,
  role character varying(20) not null,
  invited_by character varying(255),
  created_at timestamp with time zone not null default now(),
  token_hash bytea,
  link_expires_at timestamp with time zone,
  constraint workspace_invitations_pkey PRIMARY KEY (id),
  constraint workspace_invitations_workspace_id_email_key UNIQUE (workspace_id, email),
  constraint workspace_invitations_role_check CHECK (role::text = ANY (ARRAY['viewer', 'runner', 'editor', 'admin']))
);
create table workspace_members (
  workspace_id character varying(255) not null,
  account_id character varying(255) not null,
  role character varying(20) not null,
  via character varying(20) not null default 'invited',
  created_at timestamp with time zone not null default now(),
  constraint workspace_members_pkey PRIMARY KEY (workspace_id, account_id),
  constraint workspace_members_role_check CHECK (role::text = ANY (ARRAY['viewer', 'runner', 'editor', 'admin'])),
  constraint workspace_members_via_check CHECK (via::text = ANY (ARRAY['invited', 'group']))
);
create table workspaces (
  id character varying(255) not null,
  name character varying(100) not null,
  created_by character varying(255),
  created_at timestamp with time zone not null default now(),
  deleted_at timestamp with time zone,
  admin_named_at timestamp with time zone,
  admin_named_id character varying(255),
  admin_named_by character varying(255),
  constraint workspaces_pkey PRIMARY KEY (id)
);

create table run_events_apart partition of run_events (constraint run_events_apart_ids CHECK (run_id < '016f5e66-e800-0000-0000-000000000000'::uuid OR run_id >= '03bb2cc3-d800-0000-0000-000000000000'::uuid)) DEFAULT;
create table run_events_early partition of run_events FOR VALUES FROM ('016f5e66-e800-0000-0000-000000000000') TO ('016f638d-4400-0000-0000-000000000000');
create table run_events_late partition of run_events FOR VALUES FROM ('016f638d-4400-0000-0000-000000000000') TO ('03bb2cc3-d800-0000-0000-000000000000');

alter sequence workflows_id_seq owned by workflows.id;

alter table api_keys add constraint api_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;
alter table app_link_files add constraint app_link_files_asset_id_fkey FOREIGN KEY (asset_id) REFERENCES assets(id) ON DELETE CASCADE;
alter table app_link_files add constraint app_link_files_link_id_fkey FOREIGN KEY (link_id) REFERENCES app_links(id) ON DELETE CASCADE;
alter table app_link_runs add constraint app_link_runs_link_id_fkey FOREIGN KEY (link_id) REFERENCES app_links(id) ON DELETE CASCADE;
alter table app_links add constraint app_links_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;
alter table app_links add constraint app_links_workflow_id_fkey FOREIGN KEY (workflow_id) REFERENCES workflows(id) ON DELETE CASCADE;
alter table asset_reservations add constraint asset_reservations_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;
alter table assets add constraint assets_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;
alter table batch_rows add constraint batch_rows_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES batches(id) ON DELETE CASCADE;
alter table batches add constraint batches_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;
alter table batches add constraint batches_version_id_fkey FOREIGN KEY (version_id) REFERENCES workflow_versions(id);
alter table batches add constraint batches_workflow_id_fkey FOREIGN KEY (workflow_id) REFERENCES workflows(id) ON DELETE CASCADE;
alter table budgets add constraint budgets_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;
alter table budgets add constraint budgets_workflow_id_fkey FOREIGN KEY (workflow_id) REFERENCES workflows(id) ON DELETE CASCADE;
alter table callback_messages add constraint callback_messages_callback_id_fkey FOREIGN KEY (callback_id) REFERENCES workflow_callbacks(id) ON DELETE CASCADE;
alter table idempotency_keys add constraint idempotency_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;
alter table invitations add constraint invitations_invited_by_fkey FOREIGN KEY (invited_by) REFERENCES users(id) ON DELETE CASCADE;
alter table kept_drafts add constraint kept_drafts_kept_by_fkey FOREIGN KEY (kept_by) REFERENCES users(id) ON DELETE SET NULL;
alter table kept_drafts add constraint kept_drafts_version_id_fkey FOREIGN KEY (version_id) REFERENCES workflow_versions(id);
alter table kept_drafts add constraint kept_drafts_workflow_id_fkey FOREIGN KEY (workflow_id) REFERENCES workflows(id) ON DELETE CASCADE;
alter table known_browsers add constraint known_browsers_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;
alter table model_calls add constraint model_calls_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;
alter table node_executions add constraint node_executions_run_id_fkey FOREIGN KEY (run_id) REFERENCES workflow_runs(id) ON DELETE CASCADE;
alter table oidc_sessions add constraint oidc_sessions_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions(id) ON DELETE CASCADE;
alter table output_cache add constraint output_cache_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;
alter table provider_jobs add constraint provider_jobs_run_id_fkey FOREIGN KEY (run_id) REFERENCES workflow_runs(id) ON DELETE CASCADE;
alter table provider_keys add constraint provider_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;
alter table published_versions add constraint published_versions_published_by_fkey FOREIGN KEY (published_by) REFERENCES users(id) ON DELETE SET NULL;
alter table published_versions add constraint published_versions_version_id_fkey FOREIGN KEY (version_id) REFERENCES workflow_versions(id);
alter table published_versions add constraint published_versions_workflow_id_fkey FOREIGN KEY (workflow_id) REFERENCES workflows(id) ON DELETE CASCADE;
alter table result_stars add constraint result_stars_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;
alter table result_stars add constraint result_stars_workflow_id_fkey FOREIGN KEY (workflow_id) REFERENCES workflows(id) ON DELETE CASCADE;
alter table run_lists add constraint run_lists_asset_id_fkey FOREIGN KEY (asset_id) REFERENCES assets(id) ON DELETE CASCADE;
alter table run_lists add constraint run_lists_run_id_fkey FOREIGN KEY (run_id) REFERENCES workflow_runs(id) ON DELETE CASCADE;
alter table run_regions add constraint run_regions_node_execution_id_fkey FOREIGN KEY (node_execution_id) REFERENCES node_executions(id) ON DELETE CASCADE;
alter table secrets add constraint secrets_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;
alter table sessions add constraint sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;
alter table sign_in_tokens add constraint sign_in_tokens_made_by_fkey FOREIGN KEY (made_by) REFERENCES users(id) ON DELETE CASCADE;
alter table sign_in_tokens add constraint sign_in_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;
alter table trigger_deliveries add constraint trigger_deliveries_fire_id_fkey FOREIGN KEY (fire_id) REFERENCES trigger_fires(id) ON DELETE CASCADE;
alter table trigger_deliveries add constraint trigger_deliveries_trigger_id_fkey FOREIGN KEY (trigger_id) REFERENCES triggers(id) ON DELETE CASCADE;
alter table trigger_files add constraint trigger_files_trigger_id_fkey FOREIGN KEY (trigger_id) REFERENCES triggers(id) ON DELETE CASCADE;
alter table trigger_fires add constraint trigger_fires_trigger_id_fkey FOREIGN KEY (trigger_id) REFERENCES triggers(id) ON DELETE CASCADE;
alter table triggers add constraint triggers_source_workflow_id_fkey FOREIGN KEY (source_workflow_id) REFERENCES workflows(id) ON DELETE CASCADE;
alter table triggers add constraint triggers_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;
alter table triggers add constraint triggers_workflow_id_fkey FOREIGN KEY (workflow_id) REFERENCES workflows(id) ON DELETE CASCADE;
alter table user_data add constraint user_data_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;
alter table waits add constraint waits_run_id_fkey FOREIGN KEY (run_id) REFERENCES workflow_runs(id) ON DELETE CASCADE;
alter table workflow_callbacks add constraint workflow_callbacks_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;
alter table workflow_callbacks add constraint workflow_callbacks_workflow_id_fkey FOREIGN KEY (workflow_id) REFERENCES workflows(id) ON DELETE CASCADE;
alter table workflow_runs add constraint workflow_runs_parent_run_id_fkey FOREIGN KEY (parent_run_id) REFERENCES workflow_runs(id) ON DELETE CASCADE;
alter table workflow_runs add constraint workflow_runs_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;
alter table workflow_runs add constraint workflow_runs_workflow_id_fkey FOREIGN KEY (workflow_id) REFERENCES workflows(id) ON DELETE CASCADE;
alter table workflow_versions add constraint workflow_versions_workflow_id_fkey FOREIGN KEY (workflow_id) REFERENCES workflows(id) ON DELETE CASCADE;
alter table workflows add constraint workflows_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;
alter table workspace_invitations add constraint workspace_invitations_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(id) ON DELETE CASCADE;
alter table workspace_members add constraint workspace_members_account_id_fkey FOREIGN KEY (account_id) REFERENCES users(id) ON DELETE CASCADE;
alter table workspace_members add constraint workspace_members_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(id) ON DELETE CASCADE;
alter table workspaces add constraint workspaces_id_fkey FOREIGN KEY (id) REFERENCES users(id) ON DELETE CASCADE;

CREATE INDEX api_keys_user ON api_keys USING btree (user_id, created_at DESC);
CREATE INDEX app_link_files_asset ON app_link_files USING btree (asset_id);
CREATE INDEX app_link_runs_visitor ON app_link_runs USING btree (link_id, visitor, created_at DESC);
CREATE INDEX app_links_user ON app_links USING btree (user_id);
CREATE INDEX app_links_workflow ON app_links USING btree (workflow_id, created_at);
CREATE INDEX asset_reservations_sha256 ON asset_reservations USING btree (sha256) WHERE sha256 IS NOT NULL;
CREATE INDEX asset_reservations_user ON asset_reservations USING btree (user_id);
CREATE INDEX assets_lists ON assets USING btree (created_at) WHERE mime_type::text = 'application/jsonl';
CREATE INDEX assets_sha256 ON assets USING btree (sha256);
CREATE INDEX assets_user_bytes ON assets USING btree (user_id, bytes DESC, id DESC);
CREATE INDEX assets_user_created ON assets USING btree (user_id, created_at DESC, id DESC);
CREATE UNIQUE INDEX audit_log_act ON audit_log USING btree (act, hour);
CREATE INDEX audit_log_at ON audit_log USING btree (at DESC, id DESC);
CREATE INDEX audit_log_share ON audit_log USING btree (share, at);
CREATE INDEX audit_log_workspace ON audit_log USING btree (workspace_id, at DESC, id DESC) WHERE workspace_id IS NOT NULL;
CREATE INDEX batch_rows_queued ON batch_rows USING btree (batch_id, number) WHERE status::text = 'queued';
CREATE INDEX batch_rows_running ON batch_rows USING btree (batch_id) WHERE status::text = 'running';
CREATE INDEX batches_open ON batches USING btree (user_id, created_at) WHERE finished_at IS NULL;
CREATE INDEX batches_user ON batches USING btree (user_id);
CREATE INDEX batches_version ON batches USING btree (version_id);
CREATE INDEX batches_workflow ON batches USING btree (workflow_id, created_at DESC, id DESC);
CREATE INDEX budgets_workflow ON budgets USING btree (workflow_id);
CREATE INDEX callback_messages_due ON callback_messages USING btree (callback_id, try_at) WHERE try_at IS NOT NULL;
CREATE UNIQUE INDEX callback_messages_once ON callback_messages USING btree (callback_id, run_id, event, COALESCE(wait_id, '00000000-0000-0000-0000-000000000000'::uuid));
CREATE INDEX callback_messages_recent ON callback_messages USING btree (callback_id, created_at DESC, id DESC);
CREATE INDEX ended_sessions_ended ON ended_sessions USING btree (ended_at);
CREATE INDEX idempotency_keys_created ON idempotency_keys USING btree (created_at);
CREATE INDEX invitations_inviter ON invitations USING btree (invited_by);
CREATE INDEX invitations_open ON invitations USING btree (created_at DESC, id DESC) WHERE accepted_at IS NULL;
CREATE UNIQUE INDEX invitations_open_email ON invitations USING btree (email) WHERE accepted_at IS NULL;
CREATE INDEX kept_drafts_by ON kept_drafts USING btree (kept_by);
CREATE INDEX kept_drafts_version ON kept_drafts USING btree (version_id);
CREATE INDEX kept_drafts_workflow ON kept_drafts USING btree (workflow_id, kept_at);
CREATE INDEX known_browsers_user ON known_browsers USING btree (user_id);
CREATE INDEX model_calls_open ON model_calls USING btree (node_execution_id) WHERE settled_at IS NULL;
CREATE INDEX model_calls_run ON model_calls USING btree (run_id);
CREATE INDEX model_calls_user ON model_calls USING btree (user_id, created_at);
CREATE INDEX model_calls_workflow ON model_calls USING btree (workflow_id, node_id, created_at);
CREATE INDEX oidc_sessions_provider_session ON oidc_sessions USING btree (provider, provider_session) WHERE provider_session IS NOT NULL;
CREATE INDEX oidc_sessions_subject ON oidc_sessions USING btree (provider, subject);
CREATE INDEX oidc_sign_ins_expiry ON oidc_sign_ins USING btree (expires_at);
CREATE INDEX output_cache_created ON output_cache USING btree (created_at);
CREATE INDEX provider_jobs_open ON provider_jobs USING btree (look_at) WHERE ended_at IS NULL AND job IS NOT NULL;
CREATE INDEX provider_jobs_run ON provider_jobs USING btree (run_id);
CREATE INDEX provider_jobs_work ON provider_jobs USING btree (user_id, work);
CREATE INDEX published_versions_by ON published_versions USING btree (published_by);
CREATE INDEX published_versions_version ON published_versions USING btree (version_id);
CREATE INDEX result_stars_user ON result_stars USING btree (user_id);
CREATE INDEX run_lists_asset ON run_lists USING btree (asset_id);
CREATE INDEX run_regions_open ON run_regions USING btree (node_execution_id) WHERE NOT is_closed;
CREATE INDEX sessions_user ON sessions USING btree (user_id);
CREATE INDEX sign_in_tokens_maker ON sign_in_tokens USING btree (made_by);
CREATE INDEX sign_in_tokens_user ON sign_in_tokens USING btree (user_id);
CREATE INDEX trigger_deliveries_recent ON trigger_deliveries USING btree (trigger_id, received_at DESC);
CREATE INDEX trigger_fires_open ON trigger_fires USING btree (trigger_id, due_at, id) WHERE status::text = ANY (ARRAY['due', 'started']);
CREATE INDEX trigger_fires_recent ON trigger_fires USING btree (trigger_id, due_at DESC, id DESC);
CREATE INDEX triggers_due ON triggers USING btree (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX triggers_look ON triggers USING btree (look_at) WHERE look_at IS NOT NULL;
CREATE INDEX triggers_source ON triggers USING btree (source_workflow_id) WHERE source_workflow_id IS NOT NULL;
CREATE INDEX triggers_user ON triggers USING btree (user_id);
CREATE INDEX triggers_workflow ON triggers USING btree (workflow_id, created_at);
CREATE INDEX waits_due ON waits USING btree (due_at) WHERE resolved_at IS NULL AND due_at IS NOT NULL;
CREATE INDEX waits_open ON waits USING btree (user_id, created_at, id) WHERE resolved_at IS NULL AND kind::text = 'person';
CREATE INDEX waits_resolved ON waits USING btree (user_id, created_at, id) WHERE kind::text = 'person' AND resolved_at IS NOT NULL;
CREATE INDEX waits_run ON waits USING btree (run_id);
CREATE INDEX webhook_messages_received ON webhook_messages USING btree (received_at);
CREATE INDEX workflow_callbacks_user ON workflow_callbacks USING btree (user_id);
CREATE INDEX workflow_callbacks_workflow ON workflow_callbacks USING btree (workflow_id, created_at);
CREATE INDEX workflow_runs_active ON workflow_runs USING btree (user_id, created_at) WHERE finished_at IS NULL AND admitted_at IS NOT NULL;
CREATE INDEX workflow_runs_created ON workflow_runs USING btree (created_at) WHERE parent_run_id IS NULL;
CREATE INDEX workflow_runs_finished ON workflow_runs USING brin (finished_at) WITH (autosummarize='on');
CREATE INDEX workflow_runs_history ON workflow_runs USING btree (workflow_id, (parent_run_id IS NULL), created_at DESC, id DESC);
CREATE UNIQUE INDEX workflow_runs_parts ON workflow_runs USING btree (parent_run_id, parent_execution_id, part_index) WHERE parent_run_id IS NOT NULL;
CREATE INDEX workflow_runs_resting ON workflow_runs USING btree (id) WHERE rests_since IS NOT NULL AND finished_at IS NULL;
CREATE INDEX workflow_runs_unsettled ON workflow_runs USING btree (parent_execution_id) WHERE part_settled = false AND finished_at IS NOT NULL;
CREATE INDEX workflow_runs_user ON workflow_runs USING btree (user_id, (parent_run_id IS NULL), created_at DESC, id DESC);
CREATE INDEX workflow_runs_waiting ON workflow_runs USING btree (user_id, created_at, id) WHERE finished_at IS NULL AND admitted_at IS NULL;
CREATE UNIQUE INDEX workflows_slug ON workflows USING btree (slug) WHERE slug IS NOT NULL;
CREATE INDEX workflows_user_name ON workflows USING btree (user_id, name, id);
CREATE INDEX workflows_user_updated ON workflows USING btree (user_id, updated_at DESC, id DESC);
CREATE INDEX workspace_invitations_email ON workspace_invitations USING btree (email);
CREATE UNIQUE INDEX workspace_invitations_token ON workspace_invitations USING btree (token_hash) WHERE token_hash IS NOT NULL;
CREATE INDEX workspace_members_account ON workspace_members USING btree (account_id);

CREATE OR REPLACE FUNCTION public.admit_runs(owners text[], most_active integer)
 RETURNS SETOF uuid
 LANGUAGE plpgsql
AS $function$
   declare
     owner text;
     free integer;
     moment timestamptz;
   begin
     for owner in select distinct o from unnest(owners) as o order by o loop
       continue when not exists (
         select from workflow_runs r where r.user_id = owner and r.finished_at is null and r.admitted_at is null);
       perform pg_advisory_xact_lock(hashtextextended('heddle-turns ' || owner, 0));
       select most_active - count(*) into free from (
         select from workflow_runs r
          where r.user_id = owner and r.finished_at is null and r.admitted_at is not null
            and r.parent_run_id is null and r.rests_since is null limit most_active) a;
       continue when free < 1;
       moment := clock_timestamp();
       return query
         update workflow_runs r set
           admitted_at = moment, deadline_at = moment + (r.deadline_at - r.created_at)
          where r.id in (
            select w.id from workflow_runs w
             where w.user_id = owner and w.finished_at is null and w.admitted_at is null
             order by w.created_at, w.id limit free for no key update skip locked)
         returning r.id;
     end loop;
   end$function$;
CREATE OR REPLACE FUNCTION public.begin_model_call(owner text, workflow integer, run uuid, node text, execution uuid, tried integer, by_provider text, of_model text, listed double precision)
 RETURNS TABLE(call uuid, budget uuid, period text, allowed double precision, spent double precision, expected double precision)
 LANGUAGE plpgsql
AS $function$
   declare
     whole uuid;
     b budgets;
   begin
     whole := coalesce((whole_runs(array[run]))[1], run);
     expected := coalesce(
       (select percentile_cont(0.5) within group (order by m.cost_usd) from (
          select c.cost_usd from model_calls c
           where c.workflow_id = workflow and c.node_id = node and c.user_id = owner and c.model = of_model
             and c.cost_usd is not null order by c.created_at desc limit 20) m),
       listed,
       (select percentile_cont(0.5) within group (order by m.cost_usd) from (
          select c.cost_usd from model_calls c
           where c.user_id = owner and c.model = of_model and c.cost_usd is not null
           order by c.created_at desc limit 20) m),
       0);
     if exists (select from budgets x where x.user_id = owner and (x.workflow_id is null or x.workflow_id = workflow)) then
       perform pg_advisory_xact_lock(hashtextextended('heddle-budgets ' || owner, 0));
       for b in select x.* from budgets x
                 where x.user_id = owner and (x.workflow_id is null or x.workflow_id = workflow) order by x.id loop
         spent := budget_spent(owner, b.workflow_id, b.period, whole);
         -- To the hundredth of a cent: sums of fractions are not exact.
         if spent + greatest(expected, 0.0001) > b.limit_usd + 0.00005 then
           budget := b.id; period := b.period; allowed := b.limit_usd;
           return next;
           return;
         end if;
       end loop;
     end if;
     insert into model_calls (user_id, workflow_id, run_id, node_id, node_execution_id, attempt, provider, model, expected_usd)
     values (owner, workflow, whole, node, execution, tried, by_provider, of_model, expected)
     returning id into call;
     return next;
   end $function$;
CREATE OR REPLACE FUNCTION public.budget_since(period text)
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE
AS $function$
     select case period when 'run' then '-infinity'::timestamptz
            else date_trunc(period, clock_timestamp() at time zone 'UTC') at time zone 'UTC' end
   $function$;
CREATE OR REPLACE FUNCTION public.budget_spent(owner text, workflow integer, period text, run uuid)
 RETURNS double precision
 LANGUAGE sql
 STABLE
AS $function$
     select coalesce(sum(coalesce(c.cost_usd, c.expected_usd)), 0)
       from model_calls c
      where c.user_id = owner and (workflow is null or c.workflow_id = workflow)
        and (period <> 'run' or c.run_id = run) and c.created_at >= budget_since(period)
   $function$;
CREATE OR REPLACE FUNCTION public.claim_batch_rows(moment timestamp with time zone, most_active integer, most integer, claim_seconds double precision)
 RETURNS TABLE(batch uuid, row_no integer, run uuid)
 LANGUAGE plpgsql
AS $function$
   declare
     owner text;
     active integer;
     busy integer;
     free integer;
     claimed integer;
     taken integer := 0;
     clock timestamptz := coalesce(moment, clock_timestamp());
   begin
     for owner in
       select o.user_id from (select distinct b.user_id from batches b where b.finished_at is null and b.status = 'running') o
        order by random()
     loop
       exit when taken >= most;
       continue when not pg_try_advisory_xact_lock(hashtextextended('heddle-batches ' || owner, 0));
       continue when exists (
         select from workflow_runs r where r.user_id = owner and r.finished_at is null and r.admitted_at is null);
       select count(*) into active from (
         select from workflow_runs r
          where r.user_id = owner and r.finished_at is null and r.parent_run_id is null and r.rests_since is null
          limit most_active) a;
       -- Of batches: what is under way, and what is being started.
       select count(*) filter (where r.id is not null and r.rests_since is null or r.id is null and w.claimed_until > clock),
              active + count(*) filter (where r.id is null and w.claimed_until > clock)
         into busy, active
         from batches b join batch_rows w on w.batch_id = b.id and w.status = 'running'
         left join workflow_runs r on r.id = w.run_id and r.finished_at is null
        where b.user_id = owner and b.finished_at is null;
       free := least(greatest(1, most_active - 1) - busy, most_active - active, most - taken);
       continue when free < 1;
       return query
         update batch_rows w set
           status = 'running', run_id = coalesce(w.run_id, time_ordered_id()), tries = w.tries + 1, try_at = null,
           claimed_until = clock + make_interval(secs => claim_seconds)
          from (
            select b.id, c.number from batches b
             cross join lateral (
               select count(*) as busy from batch_rows k where k.batch_id = b.id and k.status = 'running') k
             cross join lateral (
               select q.number, row_number() over (order by q.number) + k.busy as place
                 from batch_rows q
                where q.batch_id = b.id and q.status = 'queued' and (q.try_at is null or q.try_at <= clock)
                order by q.number limit greatest(0, least(free, b.at_once - k.busy))) c
             where b.user_id = owner and b.finished_at is null and b.status = 'running'
             order by c.place, b.created_at, b.id limit free) n
          where w.batch_id = n.id and w.number = n.number and w.status = 'queued'
         returning w.batch_id, w.number, w.run_id;
       get diagnostics claimed = row_count;
       taken := taken + claimed;
     end loop;
   end$function$;
CREATE OR REPLACE FUNCTION public.delete_run_events()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
     declare
       kept text[] := string_to_array(nullif(current_setting('heddle.events_left', true), ''), ' ');
     begin
       if kept is null then
         delete from run_events e using gone g where e.run_id = g.id;
       else
         delete from run_events e using gone g
          where e.run_id = g.id and not (g.id >= kept[1]::uuid and g.id < kept[2]::uuid);
       end if;
       return null;
     end $function$;
CREATE OR REPLACE FUNCTION public.forget_kept_bytes()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
   begin
     update user_data d set run_bytes = greatest(0, d.run_bytes - g.bytes)
       from (select user_id, sum(kept_bytes) as bytes from gone where kept_bytes is not null group by user_id) g
      where d.user_id = g.user_id;
     return null;
   end $function$;
CREATE OR REPLACE FUNCTION public.refuse_node_execution_status_move()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
   end $function$;
CREATE OR REPLACE FUNCTION public.refuse_run_status_move()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
   begin
     if (old.status, new.status) in (
       ('PENDING', 'RUNNING'), ('PENDING', 'CANCELLED'), ('PENDING', 'FAILED'),
       ('RUNNING', 'COMPLETED'), ('RUNNING', 'FAILED'), ('RUNNING', 'CANCELLED')
     ) then return new; end if;
     raise exception 'workflow_runs %: % may not become %', old.id, old.status, new.status
       using errcode = 'check_violation';
   end $function$;
CREATE OR REPLACE FUNCTION public.rest_runs(runs uuid[])
 RETURNS SETOF uuid
 LANGUAGE plpgsql
AS $function$
   declare
     whole uuid[] := whole_runs(runs);
   begin
     perform from workflow_runs r where r.id = any (whole) order by r.id for no key update;
     return query
       update workflow_runs r set rests_since = clock_timestamp()
        where r.id = any (whole) and r.status = 'RUNNING' and r.rests_since is null and run_rests(r.id)
       returning r.id;
   end $function$;
CREATE OR REPLACE FUNCTION public.run_rests(run uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
     with recursive tree as (
       select run as id
       union all
       select p.id from tree t join workflow_runs p on p.parent_run_id = t.id and p.finished_at is null
     )
     select exists (select from tree t join waits w on w.run_id = t.id and w.resolved_at is null)
        and not exists (
          select from tree t join node_executions a on a.run_id = t.id
            left join waits w on w.node_execution_id = a.id and w.resolved_at is null
           where a.status in ('QUEUED', 'RUNNING')
              or a.status = 'WAITING' and w.id is null and not exists (
                   select from workflow_runs p
                    where p.parent_run_id = t.id and p.parent_execution_id = a.id and p.finished_at is null))
        and not exists (
          select from tree t join workflow_runs p on p.parent_run_id = t.id and p.part_settled = false and p.finished_at is not null)
   $function$;
CREATE OR REPLACE FUNCTION public.take_asset_room(room uuid, owner text, wanted bigint, ahead bigint, content text, max_bytes bigint, max_files bigint, lasts_ms double precision)
 RETURNS bigint
 LANGUAGE plpgsql
AS $function$
   declare
     files bigint;
     used bigint;
     taken bigint;
   begin
     perform pg_advisory_xact_lock(hashtextextended('heddle-assets ' || owner, 0));
     select count(*), coalesce(sum(k.bytes), 0) into files, used from (
       select a.bytes + a.derived_bytes as bytes from assets a where a.user_id = owner
       union all
       select r.bytes from asset_reservations r
        where r.user_id = owner and r.id <> room and r.expires_at > clock_timestamp()) k;
     if files >= max_files or used + wanted > max_bytes then return null; end if;
     taken := greatest(wanted, least(wanted + ahead, max_bytes - used));
     -- Whoever removes the content waits, or is waited for.
     if content is not null then perform pg_advisory_xact_lock(hashtextextended('heddle-content ' || content, 0)); end if;
     insert into asset_reservations (id, user_id, bytes, sha256, expires_at)
     values (room, owner, taken, content, clock_timestamp() + make_interval(secs => lasts_ms / 1000))
     on conflict (id) do update set
       bytes = excluded.bytes, sha256 = excluded.sha256, expires_at = excluded.expires_at;
     return taken;
   end $function$;
CREATE OR REPLACE FUNCTION public.take_provider_turn(clock text)
 RETURNS double precision
 LANGUAGE plpgsql
AS $function$
   declare
     c provider_clocks;
     moment timestamptz;
   begin
     select * into c from provider_clocks p where p.key = clock for update;
     if not found then return null; end if;
     moment := clock_timestamp();
     if c.not_before <= moment then
       update provider_clocks p set not_before = moment + make_interval(secs => c.pace_ms / 1000.0),
              waiting = greatest(0, c.waiting - 1) where p.key = clock;
       return 0;
     end if;
     update provider_clocks p set waiting = c.waiting + 1 where p.key = clock;
     return extract(epoch from (c.not_before - moment)) * 1000 + least(300000, c.pace_ms::double precision * c.waiting);
   end $function$;
CREATE OR REPLACE FUNCTION public.take_provider_turns(clocks text[], comes text)
 RETURNS double precision
 LANGUAGE plpgsql
AS $function$
   declare
     c provider_clocks;
     moment timestamptz;
     longest double precision := 0;
   begin
     -- In one order everywhere, so that two statements never wait for each other.
     perform from provider_clocks p where p.key = any(clocks) order by p.key for update;
     if not found then return null; end if;
     moment := clock_timestamp();
     for c in select * from provider_clocks p where p.key = any(clocks) and p.not_before > moment loop
       longest := greatest(longest, 1, extract(epoch from (c.not_before - moment)) * 1000
         + case comes when 'first' then least(300000, c.pace_ms::double precision * c.waiting)
                      when 'again' then c.pace_ms * random() * least(c.waiting, 8) else 0 end);
     end loop;
     if longest > 0 then
       if comes = 'first' then
         update provider_clocks p set waiting = p.waiting + 1 where p.key = any(clocks) and p.not_before > moment;
       end if;
       return longest;
     end if;
     update provider_clocks p set
            not_before = case when p.left_calls <= 1 and p.left_until > moment
                              then coalesce(moment + make_interval(secs => p.refill_ms / 1000.0), p.left_until)
                              else moment + make_interval(secs => p.pace_ms / 1000.0) end,
            pace_ms = case when p.left_calls <= 1 and p.left_until > moment
                           then greatest(p.pace_ms, coalesce(p.refill_ms, 250)) else p.pace_ms end,
            left_calls = case when p.left_calls > 1 and p.left_until > moment then p.left_calls - 1 end,
            waiting = case when p.not_before + make_interval(secs => p.pace_ms / 1000.0) < moment then 0
                           else greatest(0, p.waiting - 1) end,
            slowed_at = case when p.left_calls <= 1 and p.left_until > moment then moment else p.slowed_at end
      where p.key = any(clocks);
     return 0;
   end $function$;
CREATE OR REPLACE FUNCTION public.take_run_turns(runs uuid[], owners text[], most_active integer, most_waiting integer)
 RETURNS TABLE(run uuid, turn text)
 LANGUAGE plpgsql
AS $function$
   declare
     owner text;
     active integer;
     waiting integer;
     barred boolean;
   begin
     -- In one order everywhere, so that two statements never wait for each other.
     for owner in select distinct o from unnest(owners) as o order by o loop
       perform pg_advisory_xact_lock(hashtextextended('heddle-turns ' || owner, 0));
       barred := not exists (
         select from users u where u.id = owner and u.removed_at is null and u.role <> 'viewer');
       select count(*) into waiting from (
         select from workflow_runs r
          where r.user_id = owner and r.finished_at is null and r.admitted_at is null limit greatest(1, most_waiting)) w;
       active := most_active;
       if waiting = 0 then
         select count(*) into active from (
           select from workflow_runs r
            where r.user_id = owner and r.finished_at is null and r.admitted_at is not null
              and r.parent_run_id is null and r.rests_since is null limit most_active) a;
       end if;
       for run in select i.id from unnest(runs, owners) with ordinality as i(id, owned_by, place)
                   where i.owned_by = owner order by i.place loop
         if barred then
           turn := 'barred';
         elsif exists (select from workflow_runs r where r.id = run) then
           turn := 'known';
         elsif active < most_active and waiting = 0 then
           active := active + 1;
           turn := 'admitted';
         elsif waiting < most_waiting then
           waiting := waiting + 1;
           turn := 'waiting';
         else
           turn := 'full';
         end if;
         return next;
       end loop;
     end loop;
   end$function$;
CREATE OR REPLACE FUNCTION public.time_ordered_id()
 RETURNS uuid
 LANGUAGE sql
AS $function$
     select encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
              placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3) from 1 for 6),
              52, 1), 53, 1), 'hex')::uuid
   $function$;
CREATE OR REPLACE FUNCTION public.wake_runs(runs uuid[])
 RETURNS SETOF uuid
 LANGUAGE plpgsql
AS $function$
   declare
     whole uuid[] := whole_runs(runs);
   begin
     perform from workflow_runs r where r.id = any (whole) order by r.id for no key update;
     return query
       update workflow_runs r set rests_since = null, deadline_at = r.deadline_at + (clock_timestamp() - r.rests_since)
        where r.id = any (whole) and r.finished_at is null and r.rests_since is not null and not run_rests(r.id)
       returning r.id;
   end $function$;
CREATE OR REPLACE FUNCTION public.whole_runs(runs uuid[])
 RETURNS uuid[]
 LANGUAGE sql
 STABLE
AS $function$
     with recursive up as (
       select r.id, r.parent_run_id from workflow_runs r where r.id = any (runs)
       union
       select r.id, r.parent_run_id from up join workflow_runs r on r.id = up.parent_run_id
     )
     select coalesce(array_agg(up.id order by up.id), '{}') from up where up.parent_run_id is null
   $function$;

CREATE TRIGGER node_executions_status BEFORE UPDATE OF status ON node_executions FOR EACH ROW WHEN (old.status::text IS DISTINCT FROM new.status::text) EXECUTE FUNCTION refuse_node_execution_status_move();
CREATE TRIGGER workflow_runs_events AFTER DELETE ON workflow_runs REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION delete_run_events();
CREATE TRIGGER workflow_runs_kept_bytes AFTER DELETE ON workflow_runs REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION forget_kept_bytes();
CREATE TRIGGER workflow_runs_status BEFORE UPDATE OF status ON workflow_runs FOR EACH ROW WHEN (old.status::text IS DISTINCT FROM new.status::text) EXECUTE FUNCTION refuse_run_status_move();
