import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { workflowFileSchema } from '../../core/api/workflows.ts';
import { apiKeyScopes } from '../../core/api/keys.ts';
import type { Graph } from '../../core/graph/graph.ts';
import { openDatabase, type DatabaseHandle } from '../../db/client.ts';
import { insertApiKeyOnce } from '../../db/api-keys/insert.ts';
import { insertUserOnce } from '../../db/users/insert.ts';
import type { FakeModelServer } from '../../testing/fake-model-server.ts';
import { startFakeOpenAi } from '../../testing/fake-openai.ts';
import { nodeOf } from '../../testing/graphs.ts';
import {
  createApiClient,
  createTestInstallation,
  type ApiClient,
  type InstalledServer,
  type TestInstallation,
} from '../../testing/installation.ts';
import { makePicture } from '../../testing/media.ts';
import { hashSecret, keyPrefix, newApiKey } from '../auth/secrets.ts';

/*
 * Workflow files of others, taken in as the app does: the name and the graph of a file are posted. Server and worker are real
 * processes, so that what a file names is also looked for when it runs.
 */
describe('attack 27: a workflow file of somebody else', () => {
  const ownKey = 'key-of-the-owner-alone';
  let openai: FakeModelServer;
  let installation: TestInstallation;
  let database: DatabaseHandle;
  let server: InstalledServer;
  let owner: ApiClient;
  let stranger: ApiClient;

  beforeAll(async () => {
    openai = await startFakeOpenAi({ apiKey: ownKey });
    const password = 'a long enough password';
    installation = await createTestInstallation('postgres', {
      SECRETS_KEY: 'a key that only tests encrypt with',
      FETCH_ALLOW: new URL(openai.url).host,
    });
    server = await installation.startServer({ BOOTSTRAP_PASSWORD: password });
    await installation.startWorker();
    owner = server.api;
    await saveOwnKey(password);
    database = openDatabase(installation.databaseUrl, { poolSize: 1, applicationName: 'test', onError: () => {} });
    const key = newApiKey();
    const user = {
      id: `user_${randomUUID()}`,
      email: 'stranger@example.org',
      role: 'member',
      passwordHash: null,
    } as const;
    await insertUserOnce(database.db, user);
    await insertApiKeyOnce(database.db, {
      id: randomUUID(),
      userId: user.id,
      name: 'test',
      prefix: keyPrefix(key),
      keyHash: hashSecret(key),
      scopes: apiKeyScopes,
      expiresAt: null,
    });
    stranger = createApiClient(server.url, key);
  });
  afterAll(async () => {
    await database.stop();
    await installation.stop();
    await openai.stop();
  });

  async function saveOwnKey(password: string): Promise<void> {
    const send = (method: string, path: string, body: unknown, cookie = '') =>
      fetch(server.url + path, {
        method,
        headers: { 'content-type': 'application/json', cookie },
        body: JSON.stringify(body),
      });
    const signedIn = await send('POST', '/api/auth/sign-in', { email: 'owner@example.org', password });
    const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0];
    const saved = await send('PUT', '/api/provider-keys/openai', { key: ownKey, baseUrl: openai.url }, cookie);
    expect(saved.status).toBe(200);
  }

  async function exported(graph: Graph) {
    const { status, body } = await owner.request('GET', `/api/workflows/${await owner.createWorkflow(graph)}/export`);
    expect(status).toBe(200);
    return workflowFileSchema.parse(body);
  }

  test('names files that are not found, though they are there, and runs with no key but one’s own', async () => {
    const asset = await owner.upload(await makePicture('png'));
    const file = await exported({
      nodes: [
        nodeOf('picture', 'image', { file: { url: asset.url, name: asset.name, type: asset.mimeType } }),
        nodeOf('ask', 'llm', { model: 'openai/fake-model', userMessage: 'hello' }),
      ],
      edges: [],
    });
    const graph = { nodes: file.nodes, edges: file.edges };

    const theirs = await owner.finished(await owner.start(await owner.createWorkflow(graph)));
    expect(theirs.status).toBe('COMPLETED');
    expect(openai.prompts).toHaveLength(1);

    const runId = await stranger.start(await stranger.createWorkflow(graph));
    expect((await stranger.finished(runId)).status).toBe('FAILED');
    const { picture, ask } = await stranger.nodes(runId);
    expect(picture).toMatchObject({ status: 'FAILED', errorCode: 'ASSET_NOT_FOUND', outputData: null });
    expect(ask).toMatchObject({ status: 'FAILED', errorCode: 'PROVIDER_NOT_CONFIGURED', outputData: null });
    expect(openai.prompts).toHaveLength(1);
    expect(JSON.stringify(file)).not.toContain(ownKey);
  });

  test('becomes a workflow of its own each time, whose runs and changes touch no other', async () => {
    const file = await exported({ nodes: [nodeOf('a', 'text', { text: 'first' })], edges: [] });
    const graph = { nodes: file.nodes, edges: file.edges };
    const ids = [await stranger.createWorkflow(graph), await stranger.createWorkflow(graph)];
    expect(new Set(ids).size).toBe(2);
    const changed = { nodes: [nodeOf('a', 'text', { text: 'second' })], edges: [] };
    expect((await stranger.request('PUT', `/api/workflows/${ids[0]}`, { data: changed })).status).toBe(200);
    const runs = await Promise.all(ids.map(async (id) => stranger.finished(await stranger.start(id))));
    expect(runs.map((run) => run.nodeExecutions[0]!.outputData)).toEqual([{ output: 'second' }, { output: 'first' }]);
    expect(runs[0]!.nodeExecutions[0]!.id).not.toBe(runs[1]!.nodeExecutions[0]!.id);
    expect((await owner.request('GET', `/api/workflows/${ids[0]}`)).status).toBe(404);
  });

  test('with a key in clear is refused wherever the key stands', async () => {
    const key = `sk-${'y'.repeat(40)}`;
    const edges = [{ id: 'e', source: 'a', target: 'b', data: { note: key } }];
    const nodes = [nodeOf('a'), nodeOf('b')];
    for (const data of [
      { nodes: [nodeOf('a', 'delay', { label: key }), nodeOf('b')], edges: [] },
      { nodes, edges },
      { nodes, edges: [], settings: { token: key } },
    ]) {
      const { status, body } = await stranger.request('POST', '/api/workflows', { name: 'w', data });
      expect({ status, body }).toEqual({ status: 422, body: expect.objectContaining({ code: 'SECRET_IN_GRAPH' }) });
      expect(JSON.stringify(body)).not.toContain(key);
    }
  });
});
