import { randomBytes, randomUUID } from 'node:crypto';
import type { Db } from '../db/client.ts';

/** The ids of one user's rows. */
export interface OwnedRows {
  readonly userId: string;
  readonly workflowId: number;
  readonly workflowVersionId: string;
  readonly runId: string;
  readonly nodeExecutionId: string;
}

const graph = JSON.stringify({ nodes: [], edges: [] });

/** A user with one row in every table that holds things of users. */
export async function insertOwnedRows(db: Db): Promise<OwnedRows> {
  const userId = `user_${randomUUID()}`;
  const owned = { user_id: userId };
  const later = new Date(Date.now() + 3_600_000);
  const hash = () => randomBytes(32);
  const [sessionId, assetId] = [randomUUID(), randomUUID()];
  await db
    .insertInto('users')
    .values({ id: userId, email: `${userId}@example.com` })
    .execute();
  await db
    .insertInto('sessions')
    .values({ ...owned, id: sessionId, token_hash: hash(), expires_at: later })
    .execute();
  await db
    .insertInto('oidc_sessions')
    .values({ session_id: sessionId, provider: 'company', subject: userId })
    .execute();
  await db
    .insertInto('sign_in_tokens')
    .values({ ...owned, token_hash: hash(), expires_at: later })
    .execute();
  await db
    .insertInto('asset_reservations')
    .values({ ...owned, id: randomUUID(), bytes: 1, sha256: null, expires_at: later })
    .execute();
  await db.insertInto('user_data').values(owned).execute();
  await db
    .insertInto('known_browsers')
    .values({ ...owned, token_hash: hash() })
    .execute();
  await db
    .insertInto('api_keys')
    .values({ ...owned, id: randomUUID(), name: 'key', prefix: 'hdl_abc', key_hash: hash() })
    .execute();
  await db
    .insertInto('invitations')
    .values({
      id: randomUUID(),
      email: `guest-of-${userId}@example.com`,
      role: 'member',
      token_hash: hash(),
      invited_by: userId,
      expires_at: later,
    })
    .execute();
  await db
    .insertInto('assets')
    .values({
      ...owned,
      id: assetId,
      sha256: hash().toString('hex'),
      name: 'a.png',
      mime_type: 'image/png',
      bytes: 1,
    })
    .execute();
  await db
    .insertInto('provider_keys')
    .values({ ...owned, provider: 'gemini', base_url: null, sealed: hash(), models: [] })
    .execute();
  await db
    .insertInto('secrets')
    .values({ ...owned, name: 'TOKEN', hosts: ['api.example.com'], sealed: hash() })
    .execute();
  await db
    .insertInto('output_cache')
    .values({ ...owned, key: hash().toString('hex'), output_data: '{}' })
    .execute();
  await db
    .insertInto('idempotency_keys')
    .values({ ...owned, key: 'once', request_hash: hash().toString('hex') })
    .execute();
  await db.insertInto('workspaces').values({ id: userId, name: 'team', created_by: userId }).execute();
  await db
    .insertInto('workspace_members')
    .values({ workspace_id: userId, account_id: userId, role: 'admin' })
    .execute();
  await db
    .insertInto('workspace_invitations')
    .values({
      id: randomUUID(),
      workspace_id: userId,
      email: `soon-${userId}@example.com`,
      role: 'editor',
      invited_by: null,
    })
    .execute();
  const run = await insertRun(db, userId, later);
  await db.insertInto('run_lists').values({ run_id: run.runId, asset_id: assetId }).execute();
  await insertTriggers(db, { userId, assetId, ...run }, hash);
  return { userId, ...run };
}

async function insertTriggers(
  db: Db,
  {
    userId,
    assetId,
    workflowId,
    workflowVersionId: versionId,
    runId,
  }: Omit<OwnedRows, 'nodeExecutionId'> & { readonly assetId: string },
  hash: () => Buffer,
): Promise<void> {
  const [triggerId, fireId, callbackId] = [randomUUID(), randomUUID(), randomUUID()];
  const owned = { user_id: userId, workflow_id: workflowId };
  await db
    .insertInto('result_stars')
    .values({ ...owned, keys: ['text a 1'] })
    .execute();
  await db
    .insertInto('triggers')
    .values({ ...owned, id: triggerId, kind: 'webhook', settings: '{}', token_hash: hash(), sealed: hash() })
    .execute();
  await db
    .insertInto('trigger_files')
    .values({ trigger_id: triggerId, path: 'a.png', bytes: 1, mark: '1', seen_at: new Date(), is_taken: true })
    .execute();
  const linkId = randomUUID();
  await db
    .insertInto('app_links')
    .values({ ...owned, id: linkId, token_hash: hash() })
    .execute();
  await db.insertInto('app_link_runs').values({ run_id: runId, link_id: linkId, visitor: hash() }).execute();
  await db.insertInto('app_link_files').values({ link_id: linkId, visitor: hash(), asset_id: assetId }).execute();
  const batchId = randomUUID();
  await db
    .insertInto('batches')
    .values({ ...owned, id: batchId, version_id: versionId, at_once: 1, total: 1, bytes: 1 })
    .execute();
  await db.insertInto('batch_rows').values({ batch_id: batchId, number: 1, inputs: '{}' }).execute();
  await db
    .insertInto('trigger_fires')
    .values({ id: fireId, trigger_id: triggerId, fire_key: 'once', due_at: new Date(), status: 'skipped' })
    .execute();
  await db
    .insertInto('trigger_deliveries')
    .values({ fire_id: fireId, trigger_id: triggerId, query: '{}', headers: '{}', body: hash() })
    .execute();
  await db
    .insertInto('workflow_callbacks')
    .values({ ...owned, id: callbackId, url: 'https://example.com/', events: ['run.finished'], sealed: hash() })
    .execute();
  await db
    .insertInto('callback_messages')
    .values({ id: randomUUID(), callback_id: callbackId, run_id: runId, event: 'run.finished', try_at: new Date() })
    .execute();
}

async function insertRun(db: Db, userId: string, deadline: Date): Promise<Omit<OwnedRows, 'userId'>> {
  const { id: workflowId } = await db
    .insertInto('workflows')
    .values({ name: 'flow', data: graph, user_id: userId })
    .returning('id')
    .executeTakeFirstOrThrow();
  const [workflowVersionId, runId, nodeExecutionId] = [randomUUID(), randomUUID(), randomUUID()];
  await db
    .insertInto('workflow_versions')
    .values({ id: workflowVersionId, workflow_id: workflowId, content_hash: 'a'.repeat(64), data: graph })
    .execute();
  await db
    .insertInto('published_versions')
    .values({
      workflow_id: workflowId,
      number: 1,
      version_id: workflowVersionId,
      revision: 1,
      note: 'first',
      published_by: userId,
    })
    .execute();
  await db
    .insertInto('kept_drafts')
    .values({ id: randomUUID(), workflow_id: workflowId, version_id: workflowVersionId, kept_by: userId })
    .execute();
  await db
    .insertInto('workflow_runs')
    .values({
      id: runId,
      workflow_id: workflowId,
      workflow_version_id: workflowVersionId,
      user_id: userId,
      trigger_type: 'MANUAL',
      mode: 'all',
      unfinished_nodes: 1,
      deadline_at: deadline,
    })
    .execute();
  await db
    .insertInto('node_executions')
    .values({
      id: nodeExecutionId,
      run_id: runId,
      node_id: 'a',
      node_type: 'text',
      pool: 'inline',
      status: 'PENDING',
      pending_dependencies: 0,
      dependencies: [],
      dependents: [],
      fingerprint: 'f'.repeat(64),
      timeout_ms: 1_000,
    })
    .execute();
  await db
    .insertInto('waits')
    .values({
      run_id: runId,
      user_id: userId,
      node_execution_id: nodeExecutionId,
      attempt: 1,
      kind: 'person',
      payload: '{}',
    })
    .execute();
  await db
    .insertInto('budgets')
    .values({ user_id: userId, workflow_id: null, period: 'month', limit_usd: 1 })
    .execute();
  await db
    .insertInto('model_calls')
    .values({
      ...{ user_id: userId, workflow_id: 1, run_id: runId, node_id: 'a', node_execution_id: nodeExecutionId },
      ...{ attempt: 1, provider: 'gemini', model: 'm', expected_usd: 0 },
    })
    .execute();
  await db
    .insertInto('provider_jobs')
    .values({ node_execution_id: nodeExecutionId, run_id: runId, user_id: userId, work: 'work' })
    .execute();
  await db
    .insertInto('run_events')
    .values({ run_id: runId, seq: 1, type: 'run.updated', node_execution_id: null, payload: '{}' })
    .execute();
  await db
    .insertInto('run_regions')
    .values({
      node_execution_id: nodeExecutionId,
      run_id: runId,
      shared_key: 'e'.repeat(64),
      total: 1,
      nodes: 1,
      width: 1,
      most_failed: null,
      next_index: 0,
    })
    .execute();
  return { workflowId, workflowVersionId, runId, nodeExecutionId };
}
