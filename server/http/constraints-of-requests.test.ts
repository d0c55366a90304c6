import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { crossedRequestOf } from './crossed-requests.ts';

const isFresh = 'its value is drawn at random by who writes it';
const isOfAttempt = 'written by the worker that has the attempt, no request';
const isOnConflict = 'the statement that writes it says what happens on a conflict';

/** Constraints that no two requests can break against each other, and why. */
const unbroken: Readonly<Record<string, string>> = {
  api_keys_pkey: isFresh,
  api_keys_key_hash_key: isFresh,
  app_link_files_pkey: isOnConflict,
  app_link_runs_link_id_fkey: 'written while its link is held',
  app_link_runs_pkey: 'looked for and written while its link is held',
  app_links_pkey: isFresh,
  app_links_token_hash_key: isFresh,
  app_links_workflow_id_fkey: 'written while its workflow is held',
  asset_reservations_pkey: isFresh,
  budgets_pkey: isFresh,
  budgets_user_id_workflow_id_period_key: isOnConflict,
  callback_messages_callback_id_fkey: 'written while its callback is held',
  callback_messages_once: isOnConflict,
  callback_messages_pkey: isFresh,
  assets_pkey: isFresh,
  assets_user_id_sha256_name_key: 'looked for and written while the user is held',
  audit_log_act: 'lines of one share are written one after another',
  audit_log_pkey: isFresh,
  batch_rows_batch_id_fkey: 'written with its batch',
  batch_rows_pkey: 'numbered in the order of the request that writes them',
  batches_pkey: isFresh,
  batches_version_id_fkey: 'written while the version is held',
  batches_workflow_id_fkey: 'written while its workflow is held',
  ended_sessions_pkey: isOnConflict,
  idempotency_keys_pkey: isOnConflict,
  invariant_checks_pkey: isOnConflict,
  invitations_pkey: isFresh,
  invitations_token_hash_key: isFresh,
  invitations_open_email: 'withdrawn and written while the address is held',
  kept_drafts_pkey: isFresh,
  kept_drafts_version_id_fkey: 'written while the workflow is held',
  kept_drafts_workflow_id_fkey: 'written while the workflow is held',
  known_browsers_pkey: isFresh,
  model_calls_pkey: isFresh,
  node_executions_pkey: isFresh,
  node_executions_run_id_node_id_key: 'written with its run, once; the ids of a graph differ',
  oidc_sessions_pkey: 'written once, by what writes its session',
  oidc_sessions_session_id_fkey: 'written in the transaction that writes its session',
  oidc_sign_ins_pkey: isFresh,
  output_cache_pkey: isOnConflict,
  provider_clocks_pkey: isOnConflict,
  provider_jobs_pkey: isOnConflict,
  provider_jobs_run_id_fkey: isOfAttempt,
  provider_keys_pkey: isOnConflict,
  published_versions_pkey: 'numbered while the workflow is held',
  published_versions_version_id_fkey: 'written while the workflow is held',
  published_versions_workflow_id_fkey: 'written while the workflow is held',
  rate_buckets_pkey: isOnConflict,
  result_stars_pkey: isOnConflict,
  run_events_pkey: 'numbered while the run is locked',
  secrets_pkey: isOnConflict,
  run_lists_asset_id_fkey: 'written while the list is held',
  run_lists_pkey: isOnConflict,
  run_lists_run_id_fkey: isOfAttempt,
  run_regions_node_execution_id_fkey: isOfAttempt,
  run_regions_pkey: isOfAttempt,
  sessions_pkey: isFresh,
  sessions_token_hash_key: isFresh,
  sign_in_tokens_pkey: isFresh,
  trigger_deliveries_fire_id_fkey: 'written with its fire',
  trigger_deliveries_pkey: isFresh,
  trigger_files_pkey: isOnConflict,
  trigger_fires_pkey: isFresh,
  trigger_fires_trigger_id_fire_key_key: isOnConflict,
  triggers_pkey: isFresh,
  triggers_source_workflow_id_fkey: 'written while both workflows are held',
  triggers_token_hash_key: isFresh,
  triggers_workflow_id_fkey: 'written while its workflow is held',
  user_data_pkey: isOnConflict,
  users_pkey: isFresh,
  users_external_id_key: 'looked for and written while the external id is held',
  waits_node_execution_id_attempt_key: isOfAttempt,
  waits_pkey: isFresh,
  waits_run_id_fkey: isOfAttempt,
  waits_token_hash_key: isFresh,
  webhook_messages_pkey: isOnConflict,
  workers_pkey: isFresh,
  workflow_callbacks_pkey: isFresh,
  workflow_callbacks_workflow_id_fkey: 'written while its workflow is held',
  workflow_runs_parent_run_id_fkey: isOfAttempt,
  workflow_runs_parts: isOfAttempt,
  workflow_runs_pkey: isOnConflict,
  workflow_versions_pkey: isFresh,
  workflow_versions_workflow_id_content_hash_key: isOnConflict,
  workflows_pkey: isFresh,
  workflows_slug: 'looked for and written while the slug is held',
  workspace_invitations_pkey: isFresh,
  workspace_invitations_token: isFresh,
  workspace_invitations_workspace_id_email_key: isOnConflict,
  workspace_invitations_workspace_id_fkey: 'a workspace goes a week after it was closed to everybody',
  workspace_members_pkey: isOnConflict,
  workspaces_id_fkey: 'written with its row of users',
  workspaces_pkey: isFresh,
};

/** What Postgres says of a write that breaks a constraint. */
const refusal = (code: string, constraint: string) => Object.assign(new Error('refused'), { code, constraint });

test('security case 15: each constraint is answered, or no two requests can break it', async () => {
  const schema = await readFile(new URL('../../migrations/schema.sql', import.meta.url), 'utf8');
  const foreign = [...schema.matchAll(/constraint (\w+) FOREIGN KEY/g)].map(([, name]) => name!);
  const unique = [...schema.matchAll(/constraint (\w+) (?:PRIMARY KEY|UNIQUE)|CREATE UNIQUE INDEX (\w+)/g)].map(
    ([, constraint, index]) => (constraint ?? index)!,
  );
  expect(foreign.length).toBeGreaterThan(10);
  expect(unique.length).toBeGreaterThan(25);
  const isAnswered = (name: string) =>
    crossedRequestOf(refusal(foreign.includes(name) ? '23503' : '23505', name)) !== null;
  const all = [...foreign, ...unique];
  expect(all.filter((name) => !isAnswered(name)).toSorted()).toEqual(Object.keys(unbroken).toSorted());
});
