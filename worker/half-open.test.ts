import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startTcpProxy, type TcpProxy } from '../testing/chaos/tcp-proxy.ts';
import { describeOnBothQueues } from '../testing/engine.ts';
import { chainOf } from '../testing/graphs.ts';
import { createTestInstallation, type TestInstallation } from '../testing/installation.ts';

/** The client's patience with a silent connection, an expired lease and a rescue after it. */
const patienceMs = 60_000;

describeOnBothQueues('a worker whose network vanishes without a word', (kind) => {
  let installation: TestInstallation;
  const proxies: TcpProxy[] = [];
  beforeEach(async () => {
    installation = await createTestInstallation(kind);
  }, 60_000);
  afterEach(async () => {
    await installation.stop();
    await Promise.all(proxies.splice(0).map((proxy) => proxy.stop()));
  }, 60_000);

  async function through(url: string): Promise<string> {
    const proxied = new URL(url);
    const proxy = await startTcpProxy(Number(proxied.port));
    proxies.push(proxy);
    proxied.port = String(proxy.port);
    return proxied.href;
  }

  test(
    'connects anew and goes on, although none of its connections was ever closed',
    async () => {
      const { databaseUrl, redis } = installation;
      const { api } = await installation.startServer();
      await installation.startWorker({
        DATABASE_URL: await through(databaseUrl),
        ...(redis === null ? {} : { REDIS_URL: await through(redis.url) }),
      });
      const workflowId = await api.createWorkflow(chainOf(3));
      await api.finished(await api.start(workflowId));
      // In the middle of a run, and idle ones too.
      const underWay = await api.start(workflowId);
      for (const proxy of proxies) expect(proxy.freeze(() => true)).toBeGreaterThan(0);
      const later = await api.start(workflowId);
      for (const runId of [underWay, later]) {
        expect(await api.finished(runId, patienceMs)).toMatchObject({ status: 'COMPLETED' });
      }
    },
    patienceMs * 2,
  );
});
