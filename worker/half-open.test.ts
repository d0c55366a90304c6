import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startCallCounter } from '../testing/call-counter.ts';
import { startTcpProxy, type TcpProxy } from '../testing/chaos/tcp-proxy.ts';
import { describeOnBothQueues } from '../testing/engine.ts';
import { eventually } from '../testing/eventually.ts';
import { chainOf, nodeOf } from '../testing/graphs.ts';
import {
  createTestInstallation,
  probedPrograms,
  type ApiClient,
  type TestInstallation,
} from '../testing/installation.ts';

describeOnBothQueues('a worker whose network vanishes without a word', (kind) => {
  let installation: TestInstallation;
  const proxies: TcpProxy[] = [];
  let api: ApiClient;
  beforeAll(async () => {
    installation = await createTestInstallation(kind, {}, probedPrograms);
    const { databaseUrl, redis } = installation;
    ({ api } = await installation.startServer());
    await installation.startWorker({
      DATABASE_URL: await through(databaseUrl),
      ...(redis === null ? {} : { REDIS_URL: await through(redis.url) }),
    });
  });
  afterAll(async () => {
    await installation.stop();
    await Promise.all(proxies.map((proxy) => proxy.stop()));
  });

  async function through(url: string): Promise<string> {
    const proxied = new URL(url);
    const proxy = await startTcpProxy(Number(proxied.port));
    proxies.push(proxy);
    proxied.port = String(proxy.port);
    return proxied.href;
  }

  test('connects anew and goes on, although none of its connections was ever closed', async () => {
    const workflowId = await api.createWorkflow(chainOf(3));
    await api.finished(await api.start(workflowId));
    // In the middle of a run, and idle ones too.
    const underWay = await api.start(workflowId);
    for (const proxy of proxies) expect(proxy.freeze(() => true)).toBeGreaterThan(0);
    const later = await api.start(workflowId);
    for (const runId of [underWay, later]) {
      expect(await api.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    }
  });

  test('hears of new jobs as soon as before, also where another job waits for long', async () => {
    // Refused once, and told to come again much later.
    const provider = await startCallCounter(() => ({ status: 429, headers: { 'retry-after': '500' } }));
    const refused = { nodes: [nodeOf('a', 'probe', { name: 'a', callUrl: provider.url })], edges: [] };
    const waiting = await api.start(await api.createWorkflow(refused));
    await eventually(async () => (await api.nodes(waiting))['a']!.errorCode === 'PROVIDER_RATE_LIMITED');
    const workflowId = await api.createWorkflow(chainOf(3));
    for (const proxy of proxies) expect(proxy.freeze(() => true)).toBeGreaterThan(0);
    await api.finished(await api.start(workflowId));
    // Without hearing of them they would begin with the next job that is due, in minutes.
    for (let run = 0; run < 3; run += 1) await api.finished(await api.start(workflowId));
    expect((await api.nodes(waiting))['a']!.status).toBe('QUEUED');
    await provider.stop();
  });
});
