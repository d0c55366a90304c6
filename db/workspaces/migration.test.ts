import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Migrator, sql } from 'kysely';
import type pg from 'pg';
import { migrations } from '../../migrations/list.ts';
import { createEmptyDatabase, openTestClient, openTestPool, type TestDatabase } from '../../testing/postgres.ts';
import { openDatabase, type DatabaseHandle } from '../client.ts';
import { migrate, pendingMigrations } from '../migrate.ts';

/* An installation of a version before workspaces, with years of runs, is brought up to date while that version works on. */

const people = 50;
const runs = 100_000;
const before = '0030-resting-runs';
const name = '0031-workspaces';

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
    `insert into users (id, email) select 'p' || n, n || '@example.org' from generate_series(1, $1::integer) n`,
    [people],
  );
  await pool.query(
    `with w as (insert into workflows (name, data, user_id) select 'w', '{"nodes":[],"edges":[]}', id from users returning id)
     insert into workflow_versions (id, workflow_id, content_hash, data) select gen_random_uuid(), id, repeat('a', 64), '{}' from w`,
  );
  await pool.query(
    `insert into workflow_runs (workflow_id, workflow_version_id, user_id, status, unfinished_nodes, deadline_at, finished_at)
     select w.id, v.id, w.user_id, 'COMPLETED', 0, now(), now()
       from generate_series(1, $1::integer) n join workflows w on w.id = 1 + n % $2::integer
       join workflow_versions v on v.workflow_id = w.id`,
    [runs, people],
  );
});
afterAll(async () => {
  await pool.end();
  await handle.stop();
  await database.drop();
});

/** What the version before does all day, in its own words: each prepared once, on one connection. */
const words: readonly pg.QueryConfig[] = [
  {
    name: 'find-session',
    text: `select u.id, u.email, u.role, s.id as "sessionId" from sessions s join users u on u.id = s.user_id where s.token_hash = $1`,
    values: [Buffer.alloc(32)],
  },
  {
    name: 'start-runs',
    text: `with run as (
             insert into workflow_runs (workflow_id, workflow_version_id, user_id, unfinished_nodes, deadline_at)
             select w.id, v.id, w.user_id, 1, now() + interval '1 hour'
               from workflows w join workflow_versions v on v.workflow_id = w.id where w.id = $1 returning *)
           select id, created_at, (select u.email from users u where u.id = run.user_id) as by from run`,
    values: [1],
  },
  {
    name: 'find-run',
    text: `select id, status, user_id from workflow_runs where user_id = $1 limit 10`,
    values: ['p1'],
  },
  {
    name: 'save',
    text: `update workflows set version = version + 1 where id = $1 returning id, name, data`,
    values: [1],
  },
  {
    name: 'join',
    text: `insert into users (id, email) values (gen_random_uuid(), gen_random_uuid()) returning id, email, role`,
    values: [],
  },
];

async function say(client: pg.Client): Promise<void> {
  for (const statement of words) await client.query(statement);
}

const files = async (): Promise<readonly unknown[]> =>
  (
    await pool.query(
      `select t, pg_relation_filenode(t::regclass) as file from unnest(array['workflow_runs', 'workflows', 'assets', 'triggers', 'users']) t`,
    )
  ).rows;

test('a migration that breaks off leaves everything as it was, and can be started again', async () => {
  await pool.query('alter table triggers add column created_by integer');
  await expect(migrate(handle.db)).rejects.toThrow('created_by');
  expect(await pendingMigrations(handle.db)).toContain(name);
  const { rows } = await pool.query(
    `select from information_schema.columns where table_name = 'users' and column_name = 'kind'`,
  );
  expect(rows).toEqual([]);
  await pool.query('alter table triggers drop column created_by');
});

test('100,000 runs of 50 people stay where they are while the version before works on', async () => {
  const stored = await files();
  const old = await openTestClient(database.url);
  await say(old);
  let isMigrating = true;
  let rounds = 0;
  const working = (async () => {
    while (isMigrating) {
      await say(old);
      rounds += 1;
    }
  })();
  const applied = await migrate(handle.db).finally(() => (isMigrating = false));
  expect(applied).toContain(name);
  await working;
  expect(rounds).toBeGreaterThan(0);
  // What it prepared before it still says afterwards.
  await say(old);
  await old.end();
  // No table was written anew.
  expect(await files()).toEqual(stored);
  const { rows } = await pool.query(
    `select (select count(*)::integer from workflow_runs where finished_at is not null) as runs,
            (select count(*)::integer from workflow_runs where actor_id is not null) as acted,
            (select count(*)::integer from users where kind <> 'person') as others,
            (select count(*)::integer from workspaces) as workspaces`,
  );
  expect(rows).toEqual([{ runs, acted: 0, others: 0, workspaces: 0 }]);
  expect(await migrate(handle.db)).toEqual([]);
});

test('each step is a transaction of its own: what stood before a failing one stays, and the next call goes on with it', async () => {
  const another = await createEmptyDatabase();
  const opened = openDatabase(another.url, { poolSize: 2, applicationName: 'migration-test', onError: () => {} });
  try {
    const migrator = new Migrator({ db: opened.db, provider: { getMigrations: async () => ({ ...migrations }) } });
    expect((await migrator.migrateTo('0037-batches')).error).toBeUndefined();
    await sql`create table result_stars ()`.execute(opened.db);
    await expect(migrate(opened.db)).rejects.toThrow('result_stars');
    expect((await pendingMigrations(opened.db))[0]).toBe('0040-stars');
    await sql`drop table result_stars`.execute(opened.db);
    // Two at once share what is left.
    const [one, other] = await Promise.all([migrate(opened.db), migrate(opened.db)]);
    expect([...one, ...other].toSorted()).toEqual(Object.keys(migrations).filter((name) => name >= '0040'));
    expect(await pendingMigrations(opened.db)).toEqual([]);
  } finally {
    await opened.stop();
    await another.drop();
  }
});
