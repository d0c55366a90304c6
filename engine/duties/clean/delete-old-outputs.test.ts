import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { cleanContextOf, doDuty, openOwnedDatabase, type OwnedDatabase } from '../../../testing/duties.ts';
import { deleteOldOutputs } from './delete-old-outputs.ts';

let database: OwnedDatabase;
beforeEach(async () => {
  database = await openOwnedDatabase();
  await database.pool.query(`update output_cache set created_at = now() - interval '31 days' where user_id = $1`, [
    database.old.userId,
  ]);
});
afterEach(() => database.stop());

test('cached outputs that are older than the runs that are kept go', async () => {
  await doDuty(deleteOldOutputs, cleanContextOf(database, { days: 30, perWorkflow: null }));
  expect(await database.ownersIn('output_cache')).toEqual([database.young.userId]);
});

test('cached outputs stay where runs are not kept by days', async () => {
  await doDuty(deleteOldOutputs, cleanContextOf(database, { days: null, perWorkflow: 1 }));
  expect(await database.ownersIn('output_cache')).toHaveLength(2);
});
