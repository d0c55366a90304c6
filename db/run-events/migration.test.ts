import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Migrator } from 'kysely';
import type pg from 'pg';
import { migrations } from '../../migrations/list.ts';
import { createEmptyDatabase, openTestClient, openTestPool, type TestDatabase } from '../../testing/postgres.ts';
import { openDatabase, type DatabaseHandle } from '../client.ts';
import { migrate } from '../migrate.ts';
import { firstIdAt, listEventPartitions } from './partitions.ts';

/* An installation of a version before, with events of years, is brought up to date while that version works on. */

/** Of runs with ids of their time, and as many with random ones, as batches had them. */
const events = 20_000;
const before = '0048-direct-model-calls';
const preparing = '0053-events-by-time';

let database: TestDatabase;
let handle: DatabaseHandle;
let pool: pg.Pool;

beforeAll(async () => {
  database = await createEmptyDatabase();
  handle = openDatabase(database.url, { poolSize: 2, applicationName: 'test', onError: () => {} });
  pool = openTestPool(database.url, 2);
  const migrator = new Migrator({ db: handle.db, provider: { getMigrations: async () => ({ ...migrations }) } });
  expect((await migrator.migrateTo(before)).error).toBeUndefined();
  await pool.query(
    `insert into run_events (run_id, seq, type, payload)
     select case when n % 2 = 0 then gen_random_uuid() else ('0193a000-' || lpad(to_hex(n / 2), 4, '0') || '-7000-8000-000000000000')::uuid end,
            1, 'run.updated', '{"status": "RUNNING"}' from generate_series(0, $1::integer - 1) n`,
    [events],
  );
});
afterAll(async () => {
  await pool.end();
  await handle.stop();
  await database.drop();
});

/** What the version before says all day, prepared once on one connection. */
const write = (id: string, seq: number): pg.QueryConfig => ({
  name: 'write-event',
  text: `insert into run_events (run_id, seq, type, payload) values ($1, $2, 'run.updated', '{"status": "COMPLETED"}')`,
  values: [id, seq],
});
const read = (id: string): pg.QueryConfig => ({
  name: 'read-events',
  text: `select seq from run_events where run_id = $1 order by seq`,
  values: [id],
});

async function run(name: string): Promise<void> {
  const migrator = new Migrator({ db: handle.db, provider: { getMigrations: async () => ({ ...migrations }) } });
  expect((await migrator.migrateTo(name)).error).toBeUndefined();
}

test('events of years stay where they are, and none is lost, while the version before works on', async () => {
  const file = async (table: string) =>
    (await pool.query<{ file: number }>('select pg_relation_filenode($1::regclass) as file', [table])).rows[0]!.file;
  const stored = await file('run_events');
  const old = await openTestClient(database.url);
  // Of now, of a run whose random id lies in the time of the parts, and of one whose id lies nowhere.
  const now = `${firstIdAt(Date.now()).slice(0, 14)}7000-8000-000000000001`;
  const ids = [now, '02000000-1111-4111-8111-111111111111', 'ffffffff-1111-4111-8111-111111111111'];
  for (const id of ids) await old.query(write(id, 1));

  await run(preparing);
  for (const id of ids) await old.query(write(id, 2));
  await old.query(write('02000000-2222-4111-8111-111111111111', 1));

  let isMigrating = true;
  let seq = 2;
  const working = (async () => {
    while (isMigrating) {
      seq += 1;
      for (const id of ids) await old.query(write(id, seq));
    }
  })();
  await migrate(handle.db).finally(() => (isMigrating = false));
  await working;

  expect(await file('run_events_apart')).toBe(stored);
  for (const id of ids) {
    await old.query(write(id, seq + 1));
    const { rows } = await old.query<{ seq: number }>(read(id));
    expect(rows.map((row) => row.seq)).toEqual(Array.from({ length: seq + 1 }, (_, index) => index + 1));
  }
  await old.end();
  const { rows } = await pool.query<{ count: number }>('select count(*)::integer as count from run_events');
  expect(rows[0]!.count).toBe(events + 3 * (seq + 1) + 1);
  // No run that this version or the one before starts today lies in a part that is not there.
  const [early, late] = await listEventPartitions(pool);
  expect([early!.name, late!.name]).toEqual(['run_events_early', 'run_events_late']);
  expect(early!.from > firstIdAt(Date.now())).toBe(true);
  expect(late!.to).toBe(firstIdAt(Date.UTC(2100, 0, 1)));
});
