import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type pg from 'pg';
import { connectionPlaces } from '../../db/connection-turns.ts';
import { eventually } from '../../testing/eventually.ts';
import { openTestClient } from '../../testing/postgres.ts';
import { smallGraph, startTestServer, type TestServer } from '../../testing/test-server.ts';

let server: TestServer;
let holder: pg.Client;

beforeAll(async () => {
  server = await startTestServer({ DATABASE_POOL_SIZE: '6' });
  holder = await openTestClient(server.config.databaseUrl);
});
afterAll(async () => {
  await holder.end();
  await server.stop();
});

test('a flood of slow requests of one user has some connections, and others read, save and run beside it', async () => {
  const [noisy, calm] = [await server.addUser(), await server.addUser()];
  const body = { name: 'w', data: smallGraph() };
  const { id } = (await noisy.call('POST', '/api/workflows', { body })).body;
  const mine = (await calm.call('POST', '/api/workflows', { body })).body.id;
  // Saves of one user wait for each other; here for somebody who does not end.
  await holder.query(`select pg_advisory_lock(hashtextextended('heddle-data ' || $1, 0))`, [noisy.id]);
  const order: string[] = [];
  const flood = Array.from({ length: 40 }, async (_, at) => {
    const { status } = await noisy.call('PUT', `/api/workflows/${id}`, { body: { name: `n${at}` } });
    order.push(`noisy ${status}`);
  });
  const blocked = async () => {
    const { rows } = await holder.query(
      `select count(*)::integer as count from pg_locks where locktype = 'advisory' and not granted`,
    );
    return rows[0].count as number;
  };
  const { maxPerOwner } = connectionPlaces(6);
  await eventually(async () => (await blocked()) === maxPerOwner);
  for (const [method, path, sent, status] of [
    ['GET', '/api/workflows', undefined, 200],
    ['PUT', `/api/workflows/${mine}`, { name: 'renamed' }, 200],
    ['POST', `/api/workflows/${mine}/run`, {}, 202],
    ['GET', '/api/usage', undefined, 200],
  ] as const) {
    expect({ path, status: (await calm.call(method, path, { body: sent })).status }).toEqual({ path, status });
    expect(await blocked()).toBeLessThanOrEqual(maxPerOwner);
  }
  order.push('calm');
  await holder.query('select pg_advisory_unlock_all()');
  await Promise.all(flood);
  // On a busy machine the first few may have given up the lock by themselves.
  expect(order.indexOf('calm')).toBeLessThan(maxPerOwner * 2);
  expect(order).toHaveLength(41);
});
