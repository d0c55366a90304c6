import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { createEmbeddedRedis, findRedis } from '../embedded/redis.ts';
import { readToolPlaces } from '../testing/config.ts';
import { describeOnRedis } from '../testing/describe-on-redis.ts';
import { eventually } from '../testing/eventually.ts';
import { smallGraph, startTestServer } from '../testing/test-server.ts';

describeOnRedis('a webhook while Redis is away', () => {
  test('keeps a delivery and answers it; its run waits for Redis to come back', async () => {
    const binary = await findRedis({ ...readToolPlaces(), now: Date.now });
    const dataDir = await mkdtemp(path.join(tmpdir(), 'heddle-redis-'));
    const redis = createEmbeddedRedis({ dataDir, binary: binary!, durable: false });
    const { url } = await redis.start();
    const server = await startTestServer({ REDIS_URL: url });
    try {
      const user = await server.addUser();
      const { id } = (await user.call('POST', '/api/workflows', { body: { name: 'w', data: smallGraph() } })).body;
      const hook = (await user.call('POST', `/api/workflows/${id}/triggers`, { body: { kind: 'webhook' } })).body;
      await redis.stop();
      const delivered = await server.call('POST', new URL(hook.url).pathname, { raw: 'hello' });
      expect(delivered.status).toBe(202);
      const readRun = () =>
        eventually(async () => {
          const run = await user.call('GET', `/api/runs/${delivered.body.runId}`);
          expect(run.body).toMatchObject({ status: 'PENDING', triggerType: 'WEBHOOK' });
        });
      await readRun();
      await redis.start();
      await readRun();
    } finally {
      await server.stop();
      await redis.stop();
      await rm(dataDir, { recursive: true, force: true });
    }
  });
});
