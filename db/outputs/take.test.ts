import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type pg from 'pg';
import { createTestDatabase, openTestClient, type TestDatabase } from '../../testing/postgres.ts';
import { takeOutput } from './take.ts';

let database: TestDatabase;
let client: pg.Client;
beforeAll(async () => {
  database = await createTestDatabase();
  client = await openTestClient(database.url);
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

test('an output is looked up by its key, however many its owner has', async () => {
  await client.query(`insert into users (id, email) values ('u', 'u@example.org')`);
  await client.query(
    `insert into output_cache (user_id, key, output_data)
     select 'u', lpad(n::text, 64, '0'), jsonb_build_object('output', n) from generate_series(1, 5000) n`,
  );
  await client.query('vacuum (analyze) output_cache');
  await client.query('begin');
  const maker = { id: randomUUID(), attempt: 1 };
  expect(await takeOutput(client, 'u', '7'.padStart(64, '0'), maker)).toEqual({
    isTaken: false,
    outputs: { output: 7 },
  });
  const { rows } = await client.query<{ read: string }>(
    `select seq_tup_read + idx_tup_fetch as read from pg_stat_xact_user_tables where relname = 'output_cache'`,
  );
  await client.query('commit');
  // Once for whether the row is there, once for what it holds.
  expect(Number(rows[0]!.read)).toBe(2);
});
