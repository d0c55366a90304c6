import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createLocalDiskStore } from '../../../assets/local-disk-store.ts';
import { createAssetRows } from '../../../db/assets/asset-rows.ts';
import { cleanContextOf, openOwnedDatabase, type OwnedDatabase } from '../../../testing/duties.ts';
import { createCleaner } from './cleaner.ts';

let database: OwnedDatabase;
let folder: string;
beforeAll(async () => {
  database = await openOwnedDatabase();
  folder = await mkdtemp(path.join(tmpdir(), 'heddle-cleaner-'));
});
afterAll(async () => {
  await database.stop();
  await rm(folder, { recursive: true });
});

test('one cleaner is at work at a time, and it goes through its whole list', async () => {
  const { workflowId } = database.old;
  await database.pool.query(
    `update workflow_runs set status = 'CANCELLED', finished_at = now(), created_at = now() - interval '40 days'`,
  );
  await database.pool.query(`update workflow_versions set created_at = now() - interval '40 days'`);
  for (const names of ['published_versions', 'kept_drafts', 'batches'])
    await database.pool.query(`delete from ${names}`);
  const store = createLocalDiskStore({ root: folder, now: Date.now });
  await store.start();
  const files = { store, rows: createAssetRows(database.db) };
  const cleaner = createCleaner(cleanContextOf(database, { days: 30, perWorkflow: null }, files));
  const guard = await database.pool.connect();
  await guard.query('begin');
  await guard.query(`select pg_advisory_xact_lock(hashtext('heddle-clean'))`);
  expect(await cleaner.round()).toBe(false);
  expect(await database.ownersIn('workflow_runs')).toHaveLength(2);
  await guard.query('rollback');
  guard.release();
  expect(await cleaner.round()).toBe(true);
  expect(await database.ownersIn('workflow_runs')).toEqual([]);
  // What only those runs used goes in the same round.
  const { rows } = await database.pool.query('select from workflow_versions where workflow_id = $1', [workflowId]);
  expect(rows).toEqual([]);
});
