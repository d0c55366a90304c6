import { readFile } from 'node:fs/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../testing/postgres.ts';
import { openDatabase, type DatabaseHandle } from './client.ts';
import { dumpSchema } from './dump-schema.ts';

const openOnes: { database: TestDatabase; handle: DatabaseHandle }[] = [];

async function open(database: TestDatabase): Promise<DatabaseHandle> {
  const handle = openDatabase(database.url, { poolSize: 2, applicationName: 'test', onError: () => {} });
  openOnes.push({ database, handle });
  return handle;
}

afterEach(async () => {
  for (const { database, handle } of openOnes.splice(0)) {
    await handle.stop();
    await database.drop();
  }
});

const readCommitted = () => readFile(new URL('../migrations/schema.sql', import.meta.url), 'utf8');

describe('the schema dump', () => {
  test('in migrations/schema.sql is what the migrations make (else run `npm run db:dump`)', async () => {
    const { db } = await open(await createTestDatabase());
    expect(await dumpSchema(db)).toBe(await readCommitted());
  });

  test('is complete: run on an empty database it gives the same schema', async () => {
    const { db, pool } = await open(await createEmptyDatabase());
    await pool.query(await readCommitted());
    expect(await dumpSchema(db)).toBe(await readCommitted());
  });

  test.each([
    ['column', 'alter table workers add column note text'],
    ['default', `alter table workers alter column version set default '1'`],
    ['not-null mark', 'alter table workers alter column hostname drop not null'],
    ['type', 'alter table workers alter column hostname type text'],
    ['check', 'alter table workers add check (pid > 0)'],
    ['unique constraint', 'alter table workers add unique (hostname, pid)'],
    ['foreign key', 'alter table node_executions drop constraint node_executions_run_id_fkey'],
    ['index', 'create index on workers (heartbeat_at)'],
    ['trigger', 'drop trigger workflow_runs_status on workflow_runs'],
    [
      'function',
      `create or replace function refuse_run_status_move() returns trigger language plpgsql as
                  $$ begin return new; end $$`,
    ],
    ['sequence', 'create sequence tickets'],
    ['table', 'create table notes (id integer)'],
  ])('changes with a %s', async (_title, statement) => {
    const { db, pool } = await open(await createTestDatabase());
    await pool.query(statement);
    expect(await dumpSchema(db)).not.toBe(await readCommitted());
  });

  test('does not change with data, statistics, other schemas or the search path', async () => {
    const { db, pool } = await open(await createTestDatabase());
    await pool.query(`insert into users (id, email) values ('u', 'u@example.com'); analyze users;
      create schema elsewhere; create table elsewhere.users (id integer);
      do $$ begin execute format('alter database %I set search_path to elsewhere', current_database()); end $$`);
    expect(await dumpSchema(db)).toBe(await readCommitted());
  });

  test('refuses a database with things that it would leave out', async () => {
    const { db, pool } = await open(await createTestDatabase());
    await pool.query(`create view busy as select 1 as one; create type mood as enum ('good');
      alter table workers add column twice integer generated always as (pid * 2) stored`);
    await expect(dumpSchema(db)).rejects.toThrow(
      'does not dump: relation busy, type mood, computed column workers.twice. Add a section',
    );
  });

  test('leaves the connection as it was', async () => {
    const { db } = await open(await createTestDatabase());
    await dumpSchema(db);
    const { rows } = await sql<{ search_path: string }>`show search_path`.execute(db);
    expect(rows[0]!.search_path).toBe('"$user", public');
  });
});
