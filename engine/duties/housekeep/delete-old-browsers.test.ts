import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { doDuty, openOwnedDatabase, type OwnedDatabase } from '../../../testing/duties.ts';
import { deleteOldBrowsers } from './delete-old-browsers.ts';

let database: OwnedDatabase;
beforeAll(async () => {
  database = await openOwnedDatabase();
});
afterAll(() => database.stop());

test('a browser is forgotten a year after it was used last, and no day sooner', async () => {
  await database.pool.query(`update known_browsers set last_used_at = now() - interval '366 days' where user_id = $1`, [
    database.old.userId,
  ]);
  await database.pool.query(`update known_browsers set last_used_at = now() - interval '364 days' where user_id = $1`, [
    database.young.userId,
  ]);
  await doDuty(deleteOldBrowsers, database);
  expect(await database.ownersIn('known_browsers')).toEqual([database.young.userId]);
});
