import { expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PostgresConnection, PostgresQueueBackend, RedisQueueBackend, Worker } from 'bullmq';
import { z } from 'zod';
import { projectRoot } from '../testing/processes.ts';
import { openTestPool } from '../testing/postgres.ts';

/*
 * Some of what queue/ makes of BullMQ rests on what BullMQ promises nobody:
 *
 *   maximumBlockTimeout   backend.ts and lasting-postgres-backend.ts put their own in its place
 *   readyPromise          lasting-postgres-backend.ts forgets it where it failed
 *   moveToActive and how  begin-at-once.ts wraps them and changes what they answer
 *   they answer
 *
 * So each new version is looked at before it comes in.
 */

/** The version that all of this was looked at in. */
const lookedAt = '6.7.0';

test('bullmq is the version whose inner parts were looked at', async () => {
  const path = join(projectRoot, 'node_modules', 'bullmq', 'package.json');
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(await readFile(path, 'utf8')));
  if (version === lookedAt) return;
  throw new Error(
    `bullmq is ${version}; what queue/ overwrites of it was looked at in ${lookedAt}. Read maximumBlockTimeout and ` +
      'getBlockTimeout of its Worker, waitUntilReady of its PostgresConnection, and the callers of moveToActive, ' +
      'moveToCompleted and moveToFailed; run queue/consumer.test.ts and queue/notice-channel.test.ts; then set the ' +
      'version in queue/bullmq-internals.test.ts.',
  );
});

const backends = [
  ['Redis', RedisQueueBackend.prototype],
  ['Postgres', PostgresQueueBackend.prototype],
] as const;

test.each(backends)('the backend for %s says itself how long its workers wait, and by a getter', (_name, backend) => {
  expect(Object.getOwnPropertyDescriptor(backend, 'maximumBlockTimeout')?.get).toBeInstanceOf(Function);
});

test('a worker waits as long as its backend says', () => {
  const { get } = Object.getOwnPropertyDescriptor(Worker.prototype, 'maximumBlockTimeout') ?? {};
  expect(get?.call({ backend: { maximumBlockTimeout: 3 } })).toBe(3);
});

test.each(backends)('the backend for %s fetches jobs by the three methods that are wrapped', (_name, backend) => {
  for (const name of ['moveToActive', 'moveToCompleted', 'moveToFailed'] as const) {
    expect(backend[name]).toBeInstanceOf(Function);
  }
});

test('a connection to Postgres remembers its first look also where that failed', async () => {
  const pool = openTestPool('postgres://nobody@127.0.0.1:1/none');
  const connection = new PostgresConnection(pool);
  const first = connection.waitUntilReady();
  await expect(first).rejects.toThrow('ECONNREFUSED');
  expect(Object.hasOwn(connection, 'readyPromise')).toBe(true);
  // The one field that is forgotten, or every later look would fail as the first did.
  const remembered = Reflect.get(connection, 'readyPromise') as Promise<void>;
  await expect(remembered).rejects.toThrow('ECONNREFUSED');
  await pool.end();
});
