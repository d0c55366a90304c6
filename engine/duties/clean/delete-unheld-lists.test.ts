import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { holdLists } from '../../../db/assets/lists.ts';
import { cleanContextOf, doDuty, openOwnedDatabase, type OwnedDatabase } from '../../../testing/duties.ts';
import { deleteUnheldLists } from './delete-unheld-lists.ts';

let database: OwnedDatabase;
beforeEach(async () => {
  database = await openOwnedDatabase();
  await database.pool.query(
    `update assets set mime_type = 'application/jsonl', created_at = now() - interval '2 hours'`,
  );
});
afterEach(() => database.stop());

const deleteRun = (id: string) => database.pool.query('delete from workflow_runs where id = $1', [id]);

test('a list goes when the last run that holds it is gone, and no other file does', async () => {
  const { old, young, pool } = database;
  await doDuty(deleteUnheldLists, cleanContextOf(database));
  expect(await database.ownersIn('assets')).toHaveLength(2);
  await deleteRun(old.runId);
  await doDuty(deleteUnheldLists, cleanContextOf(database));
  expect(await database.ownersIn('assets')).toEqual([young.userId]);
  await pool.query(`update assets set mime_type = 'application/json'`);
  await deleteRun(young.runId);
  await doDuty(deleteUnheldLists, cleanContextOf(database));
  expect(await database.ownersIn('assets')).toEqual([young.userId]);
});

test('a list that came just now stays: its run may be about to hold it', async () => {
  await database.pool.query('update assets set created_at = now()');
  await deleteRun(database.old.runId);
  await doDuty(deleteUnheldLists, cleanContextOf(database));
  expect(await database.ownersIn('assets')).toHaveLength(2);
});

test('a run holds lists of its own workspace alone', async () => {
  const { old, young, pool } = database;
  const { rows } = await pool.query<{ id: string }>('select id from assets where user_id = $1', [young.userId]);
  const ids = rows.map(({ id }) => id);
  expect(await holdLists(pool, { userId: old.userId, runId: old.runId }, ids)).toBe(0);
  expect(await holdLists(pool, { userId: young.userId, runId: young.runId }, ids)).toBe(1);
});
