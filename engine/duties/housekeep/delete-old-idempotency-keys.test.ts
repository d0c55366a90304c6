import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { doDuty, openOwnedDatabase, type OwnedDatabase } from '../../../testing/duties.ts';
import { deleteOldKeys } from './delete-old-idempotency-keys.ts';

let database: OwnedDatabase;
beforeAll(async () => {
  database = await openOwnedDatabase();
});
afterAll(() => database.stop());

test('an idempotency key is good for a day', async () => {
  await database.pool.query(`update idempotency_keys set created_at = now() - interval '25 hours' where user_id = $1`, [
    database.old.userId,
  ]);
  await database.pool.query(`update idempotency_keys set created_at = now() - interval '23 hours' where user_id = $1`, [
    database.young.userId,
  ]);
  await doDuty(deleteOldKeys, database);
  expect(await database.ownersIn('idempotency_keys')).toEqual([database.young.userId]);
});
