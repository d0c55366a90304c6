import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../../testing/postgres.ts';
import { openDatabase, type Db, type DatabaseHandle } from '../client.ts';
import { changeWithinDataQuota } from './change-within-quota.ts';

let created: TestDatabase;
let handle: DatabaseHandle;
beforeAll(async () => {
  created = await createTestDatabase();
  handle = openDatabase(created.url, { poolSize: 3, applicationName: 'quota', onError: () => {} });
  await handle.pool.query(`insert into users (id, email) values ('u', 'u@example.org')`);
});
afterAll(async () => {
  await handle.stop();
  await created.drop();
});

const insert = (db: Db, name: string) =>
  db
    .insertInto('workflows')
    .values({ user_id: 'u', name, data: JSON.stringify({ nodes: [], edges: [] }) })
    .returning('name')
    .executeTakeFirstOrThrow();

const names = async () =>
  (await handle.db.selectFrom('workflows').select('name').orderBy('name').execute()).map(({ name }) => name);

function within(maxWorkflows: number, change: (trx: Db) => Promise<unknown>): Promise<unknown> {
  return changeWithinDataQuota(handle.db, { userId: 'u', quota: { maxWorkflows, maxBytes: 1_000_000 } }, change);
}

test('what stays within the quota is made once', async () => {
  let times = 0;
  const made = await within(2, (trx) => {
    times += 1;
    return insert(trx, 'a');
  });
  expect([made, times]).toEqual([{ name: 'a' }, 1]);
});

test('what grows beyond the quota leaves nothing behind', async () => {
  expect(await within(1, (trx) => insert(trx, 'b'))).toBeNull();
  expect(await names()).toEqual(['a']);
});

test('who has more than the quota, which was lowered, may still have less or as much', async () => {
  await insert(handle.db, 'b');
  await insert(handle.db, 'c');
  const rename = (trx: Db) => trx.updateTable('workflows').set({ name: 'd' }).where('name', '=', 'c').execute();
  expect(await within(1, rename)).not.toBeNull();
  const remove = (trx: Db) => trx.deleteFrom('workflows').where('name', '=', 'd').execute();
  expect(await within(1, remove)).not.toBeNull();
  expect(await within(1, (trx) => insert(trx, 'e'))).toBeNull();
  expect(await names()).toEqual(['a', 'b']);
});

test('an error of the change is its own, and undoes it', async () => {
  const failing = async (trx: Db) => {
    await insert(trx, 'f');
    throw new Error('of the change');
  };
  await expect(within(9, failing)).rejects.toThrow('of the change');
  expect(await names()).toEqual(['a', 'b']);
});
