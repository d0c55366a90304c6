import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { doDuty, openOwnedDatabase, type OwnedDatabase } from '../../../testing/duties.ts';
import { deleteFullBuckets } from './delete-full-buckets.ts';

let database: OwnedDatabase;
beforeAll(async () => {
  database = await openOwnedDatabase();
});
afterAll(() => database.stop());

test('a rate bucket goes when it is full again, an hour after it was used', async () => {
  await database.pool.query(
    `insert into rate_buckets (key, tokens, granted, refilled_at)
     values ('old', 0, 0, now() - interval '61 minutes'), ('young', 0, 0, now() - interval '59 minutes')`,
  );
  await doDuty(deleteFullBuckets, database);
  const { rows } = await database.pool.query('select key from rate_buckets');
  expect(rows).toEqual([{ key: 'young' }]);
});
