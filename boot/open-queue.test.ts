import { expect, test } from '@jest/globals';
import { createRunQueue } from '../queue/run-queue.ts';
import { createEmptyDatabase } from '../testing/postgres.ts';
import { openQueue } from './open-queue.ts';

test('without Redis, the tables of BullMQ are made in a database that has none', async () => {
  const database = await createEmptyDatabase();
  const errors: Error[] = [];
  const backend = await openQueue(
    { redisUrl: null, redisPrefix: 'heddle', redisClusterNodes: [], redisCa: null, databaseDirectUrl: database.url },
    (error) => errors.push(error),
  );
  const queue = createRunQueue(backend);
  try {
    await queue.addRuns(['00000000-0000-7000-8000-000000000000']);
    const waiting = (await queue.counts()).map((counts) => counts.waiting);
    expect(waiting.reduce((sum, count) => sum + count, 0)).toBe(1);
    expect(errors).toEqual([]);
  } finally {
    await queue.stop();
    await backend.stop();
    await database.drop();
  }
});
