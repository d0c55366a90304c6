import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { doDuty, openOwnedDatabase, type OwnedDatabase } from '../../../testing/duties.ts';
import { deleteEndedSessions } from './delete-ended-sessions.ts';

let database: OwnedDatabase;
beforeAll(async () => {
  database = await openOwnedDatabase();
});
afterAll(() => database.stop());

test('sessions and sign-in links that are past their end go, the others stay', async () => {
  await database.pool.query(`update sessions set expires_at = now() - interval '1 second' where user_id = $1`, [
    database.old.userId,
  ]);
  await database.pool.query(`update sign_in_tokens set expires_at = now() - interval '1 second' where user_id = $1`, [
    database.old.userId,
  ]);
  await doDuty(deleteEndedSessions, database);
  expect(await database.ownersIn('sessions')).toEqual([database.young.userId]);
  expect(await database.ownersIn('sign_in_tokens')).toEqual([database.young.userId]);
});
