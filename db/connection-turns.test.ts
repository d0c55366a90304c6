import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type pg from 'pg';
import { eventually } from '../testing/eventually.ts';
import { createTestDatabase, openTestClient, type TestDatabase } from '../testing/postgres.ts';
import { actingFor, forEverybody } from './acting-for.ts';
import { openDatabase, type DatabaseHandle } from './client.ts';
import { connectionPlaces } from './connection-turns.ts';

const poolSize = 5;
const { places, maxPerOwner } = connectionPlaces(poolSize);
/** What a slow statement waits for. */
const key = 4711;

let created: TestDatabase;
let handle: DatabaseHandle;
let holder: pg.Client;

const open = (turnPatienceMs: number) =>
  openDatabase(created.url, {
    poolSize,
    applicationName: 'turns',
    takesTurns: true,
    turnPatienceMs,
    onError: () => {},
  });

beforeAll(async () => {
  created = await createTestDatabase();
  handle = open(60_000);
  holder = await openTestClient(created.url);
});
afterEach(() => holder.query('select pg_advisory_unlock_all()'));
afterAll(async () => {
  await holder.end();
  await handle.stop();
  await created.drop();
});

const slow = () => handle.pool.query(`select pg_advisory_xact_lock_shared(${key})`);
const hold = () => holder.query('select pg_advisory_lock($1)', [key]);
const letGo = () => holder.query('select pg_advisory_unlock($1)', [key]);

async function blocked(): Promise<number> {
  const { rows } = await holder.query(
    `select count(*)::integer as count from pg_locks l join pg_database d on d.oid = l.database
      where l.locktype = 'advisory' and not l.granted and d.datname = current_database()`,
  );
  return rows[0].count as number;
}

describe('connections to the database', () => {
  test('leave a place beside what one user may have, and some for the work of the installation', () => {
    expect({ poolSize, places, maxPerOwner }).toEqual({ poolSize: 5, places: 4, maxPerOwner: 3 });
    for (let size = 2; size <= 200; size += 1) {
      const of = connectionPlaces(size);
      expect(of.places).toBeLessThan(size);
      expect(of.maxPerOwner).toBeLessThanOrEqual(of.places);
      if (of.places > 1) expect(of.maxPerOwner).toBeLessThan(of.places);
    }
  });

  test('are given in turns: whoever floods has some, and another user is served meanwhile', async () => {
    await hold();
    const ended: string[] = [];
    const flood = Array.from({ length: 30 }, () =>
      actingFor('noisy', async () => ended.push(`noisy ${(await slow()).rowCount}`)),
    );
    await eventually(async () => (await blocked()) === maxPerOwner);
    for (let at = 0; at < 5; at += 1)
      await actingFor('calm', () => handle.db.selectFrom('users').select('id').execute());
    ended.push('calm');
    // Nor does the installation itself wait, or what many wait for.
    await handle.pool.query('select 1');
    await actingFor('noisy', () => forEverybody(() => handle.pool.query('select 1')));
    expect(await blocked()).toBe(maxPerOwner);
    expect(ended).toEqual(['calm']);
    await letGo();
    await Promise.all(flood);
    expect(ended).toHaveLength(31);
  });

  test('go to whoever has the fewest, not to whoever came first', async () => {
    const order: string[] = [];
    const take = (owner: string) =>
      actingFor(owner, async () => {
        const client = await handle.pool.connect();
        order.push(owner);
        return client;
      });
    const noisy = Array.from({ length: 8 }, () => take('noisy'));
    const first = await Promise.all(noisy.slice(0, maxPerOwner));
    const calm = [take('calm'), take('calm')];
    (await calm[0]!).release();
    (await calm[1]!).release();
    expect(order).toEqual([...Array.from({ length: maxPerOwner }, () => 'noisy'), 'calm', 'calm']);
    for (const client of first) client.release();
    for (const client of noisy.slice(maxPerOwner)) (await client).release();
    expect(order.filter((owner) => owner === 'noisy')).toHaveLength(8);
  });

  test('are not waited for by whoever has one: transactions that ask for another all end', async () => {
    let holding = 0;
    let all = () => {};
    const everybodyHolds = new Promise<void>((resolve) => (all = resolve));
    const work = (owner: string) =>
      actingFor(owner, () =>
        handle.db.transaction().execute(async () => {
          holding += 1;
          if (holding === places) all();
          await everybodyHolds;
          return (await handle.pool.query('select 1 as one')).rows;
        }),
      );
    const owners = [...Array.from({ length: maxPerOwner }, () => 'noisy'), 'calm'];
    const answers = await Promise.all(owners.map(work));
    expect(answers).toEqual(owners.map(() => [{ one: 1 }]));
  });

  test('come back when a statement fails, a transaction is undone or a connection breaks', async () => {
    const failing = [
      () => handle.pool.query('select 1 / 0'),
      () => handle.db.transaction().execute(async () => Promise.reject(new Error('undone'))),
      () => handle.pool.query('select pg_terminate_backend(pg_backend_pid())'),
    ];
    for (let at = 0; at < 12; at += 1) {
      await expect(actingFor('noisy', failing[at % failing.length]!)).rejects.toThrow();
    }
    await hold();
    const flood = Array.from({ length: 6 }, () => actingFor('noisy', slow));
    await eventually(async () => (await blocked()) === maxPerOwner);
    await letGo();
    await Promise.all(flood);
  });

  test('are not waited for without end: who has too many in line is told so', async () => {
    await hold();
    const outcomes: string[] = [];
    const flood = Array.from({ length: 1_000 + maxPerOwner + 1 }, () =>
      actingFor('noisy', slow).then(
        () => outcomes.push('done'),
        (error: { code: string }) => outcomes.push(error.code),
      ),
    );
    await eventually(() => outcomes.length === 1);
    expect(outcomes).toEqual(['RATE_LIMITED']);
    await letGo();
    await Promise.all(flood);
    expect(outcomes.filter((outcome) => outcome !== 'done')).toEqual(['RATE_LIMITED']);
  });

  test('are not waited for any longer than there is patience for: who has one keeps it', async () => {
    const impatient = open(1);
    await hold();
    const flood = Array.from({ length: 9 }, () =>
      actingFor('noisy', () => impatient.pool.query(`select pg_advisory_xact_lock_shared(${key})`)),
    );
    const refused = await Promise.all(flood.slice(maxPerOwner).map((each) => each.catch(({ code }) => code as string)));
    expect(refused).toEqual(Array.from({ length: 9 - maxPerOwner }, () => 'RATE_LIMITED'));
    await letGo();
    expect(await Promise.all(flood.slice(0, maxPerOwner))).toHaveLength(maxPerOwner);
    await impatient.stop();
  });

  test('are not waited for by what nobody waits for any more, unless it has begun', async () => {
    await hold();
    const gone = new AbortController();
    const begun = actingFor(
      'noisy',
      async () => {
        await handle.pool.query('select 1');
        await slow();
        return handle.pool.query('select 1');
      },
      gone.signal,
    );
    await eventually(async () => (await blocked()) === 1);
    const flood = Array.from({ length: maxPerOwner - 1 }, () => actingFor('noisy', slow));
    await eventually(async () => (await blocked()) === maxPerOwner);
    let touched = false;
    const inLine = actingFor(
      'noisy',
      async () => {
        await slow();
        touched = true;
      },
      gone.signal,
    );
    gone.abort(new Error('nobody waits'));
    await expect(inLine).rejects.toThrow('nobody waits');
    await expect(actingFor('calm', () => handle.pool.query('select 1'), gone.signal)).rejects.toThrow('nobody waits');
    await letGo();
    await Promise.all([begun, ...flood]);
    expect(touched).toBe(false);
  });
});
