import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { createEmbeddedRedis, findRedis } from '../embedded/redis.ts';
import { readToolPlaces } from '../testing/config.ts';
import { describeOnRedis } from '../testing/describe-on-redis.ts';
import { eventually } from '../testing/eventually.ts';
import { createTestInstallation } from '../testing/installation.ts';
import { smallGraph } from '../testing/test-server.ts';

describeOnRedis('a webhook while Redis is away', () => {
  test('keeps a delivery and answers it; its run begins, and completes, once Redis is back', async () => {
    const binary = await findRedis({ ...readToolPlaces(), now: Date.now });
    const dataDir = await mkdtemp(path.join(tmpdir(), 'heddle-redis-'));
    const redis = createEmbeddedRedis({ dataDir, binary: binary!, durable: false });
    const { url } = await redis.start();
    const installation = await createTestInstallation('redis', {
      REDIS_URL: url,
      SECRETS_KEY: 'a key that only tests encrypt with',
    });
    try {
      const server = await installation.startServer();
      const { api } = server;
      const id = await api.createWorkflow(smallGraph());
      const made = await api.request('POST', `/api/workflows/${id}/triggers`, { kind: 'webhook' });
      const hook = new URL((made.body as { url: string }).url);
      await redis.stop();
      const delivered = await fetch(server.url + hook.pathname, { method: 'POST', body: 'hello' });
      expect(delivered.status).toBe(202);
      const { runId } = (await delivered.json()) as { runId: string };
      const waiting = { status: 'PENDING', triggerType: 'WEBHOOK' };
      await eventually(async () => expect(await api.run(runId)).toMatchObject(waiting));
      await redis.start();
      await installation.startWorker();
      expect(await api.finished(runId)).toMatchObject({ status: 'COMPLETED', triggerType: 'WEBHOOK' });
    } finally {
      await installation.stop();
      await redis.stop();
      await rm(dataDir, { recursive: true, force: true });
    }
  });
});
