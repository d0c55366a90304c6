import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type pg from 'pg';
import { connectionPlaces } from '../db/connection-turns.ts';
import { eventually } from '../testing/eventually.ts';
import { smallGraph, startTestServer, type TestServer, type TestUser } from '../testing/test-server.ts';

/*
 * Callers that give up and ask again, as they do where a server is slow: what they gave up must not
 * be done before what they wait for. All changes of one user's workflows wait for a lock that the test holds.
 */

const poolSize = 6;
const { maxPerOwner } = connectionPlaces(poolSize);

let server: TestServer;
let user: TestUser;
let other: TestUser;
let holder: pg.PoolClient;
beforeAll(async () => {
  server = await startTestServer({ DATABASE_POOL_SIZE: String(poolSize) });
  user = await server.addUser();
  other = await server.addUser();
});
beforeEach(async () => {
  holder = await server.database.pool.connect();
  await holder.query('begin');
  await holder.query(`select pg_advisory_xact_lock(hashtextextended('heddle-data ' || $1::text, 0))`, [user.id]);
});
afterEach(async () => {
  await holder.query('rollback');
  holder.release();
});
afterAll(() => server.stop());

const letGo = () => holder.query('commit');

async function waiting(): Promise<number> {
  const { rows } = await holder.query(`select count(*)::integer as count from pg_locks where not granted`);
  return rows[0].count as number;
}

function post(path: string, body: unknown, signal: AbortSignal): Promise<number | 'given up'> {
  return fetch(server.url + path, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${user.key}`,
      'content-type': 'application/json',
      'idempotency-key': 'one-for-all',
    },
    body: JSON.stringify(body),
    signal,
  }).then(
    ({ status }) => status,
    () => 'given up',
  );
}

const create = (name: string, signal: AbortSignal) => post('/api/workflows', { name, data: smallGraph() }, signal);

/** Changes that have all connections that the user may have. */
async function takeAll(signal: AbortSignal): Promise<Promise<number | 'given up'>[]> {
  const begun = Array.from({ length: maxPerOwner }, () => create('begun', signal));
  await eventually(async () => (await waiting()) === maxPerOwner);
  return begun;
}

/** What was sent before has come as far as it can: another user's requests, sent later, are answered. */
async function untilInLine(): Promise<void> {
  for (let at = 0; at < 3; at += 1) expect((await other.call('GET', '/api/workflows')).status).toBe(200);
}

const named = async (name: string) =>
  (await server.database.db.selectFrom('workflows').select('id').where('name', '=', name).execute()).length;

test('what was given up before its turn is not done; what had begun is', async () => {
  const gone = new AbortController();
  const patient = new AbortController().signal;
  const begun = await takeAll(gone.signal);
  const inLine = Array.from({ length: 20 }, () => create('in line', gone.signal));
  const last = create('last', patient);
  await untilInLine();
  gone.abort();
  expect(await Promise.all([...begun, ...inLine])).toEqual(Array.from({ length: maxPerOwner + 20 }, () => 'given up'));
  await untilInLine();
  await letGo();
  expect(await last).toBe(201);
  await eventually(async () => (await named('begun')) === maxPerOwner);
  expect(await named('in line')).toBe(0);
});

test('a start that was given up before its turn frees its key for the next one, which is done at once', async () => {
  const patient = new AbortController().signal;
  const { body } = await other.call('POST', '/api/workflows', { body: { name: 'own', data: smallGraph() } });
  await server.database.pool.query('update workflows set user_id = $1 where id = $2', [user.id, body.id]);
  const path = `/api/workflows/${body.id}/run`;
  const begun = await takeAll(patient);
  const gone = new AbortController();
  const first = post(path, {}, gone.signal);
  await untilInLine();
  gone.abort();
  expect(await first).toBe('given up');
  await untilInLine();
  await letGo();
  expect(await Promise.all(begun)).toEqual(Array.from({ length: maxPerOwner }, () => 201));
  expect(await post(path, {}, patient)).toBe(202);
  const { rows } = await server.database.pool.query('select id from workflow_runs where workflow_id = $1', [body.id]);
  expect(rows).toHaveLength(1);
});
