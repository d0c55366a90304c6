import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { doDuty, openOwnedDatabase, type OwnedDatabase } from '../../../testing/duties.ts';
import { deleteExpiredRoom } from './delete-expired-room.ts';

let database: OwnedDatabase;
beforeAll(async () => {
  database = await openOwnedDatabase();
});
afterAll(() => database.stop());

test('room that a dead server had taken for an upload is given back when its time is over', async () => {
  await database.pool.query(
    `update asset_reservations set expires_at = now() - interval '1 second' where user_id = $1`,
    [database.old.userId],
  );
  await doDuty(deleteExpiredRoom, database);
  expect(await database.ownersIn('asset_reservations')).toEqual([database.young.userId]);
});
