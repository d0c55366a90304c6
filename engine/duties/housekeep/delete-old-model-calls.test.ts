import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { doDuty, openOwnedDatabase, type OwnedDatabase } from '../../../testing/duties.ts';
import { deleteOldCalls } from './delete-old-model-calls.ts';

let database: OwnedDatabase;
beforeAll(async () => {
  database = await openOwnedDatabase();
});
afterAll(() => database.stop());

test('what calls have cost is kept for a year and a month', async () => {
  const makeOlder = (userId: string, days: number) =>
    database.pool.query(`update model_calls set created_at = now() - make_interval(days => $2) where user_id = $1`, [
      userId,
      days,
    ]);
  await makeOlder(database.old.userId, 401);
  await makeOlder(database.young.userId, 399);
  await doDuty(deleteOldCalls, database);
  expect(await database.ownersIn('model_calls')).toEqual([database.young.userId]);
});
