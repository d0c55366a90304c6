import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { doDuty, openOwnedDatabase, type OwnedDatabase } from '../../../testing/duties.ts';
import { deleteOldEntries } from './delete-old-audit-entries.ts';

let database: OwnedDatabase;
beforeAll(async () => {
  database = await openOwnedDatabase();
});
afterAll(() => database.stop());

test('the audit log goes back for a year', async () => {
  await database.pool.query(
    `insert into audit_log (id, action, share, at)
     values (gen_random_uuid(), 'old', 'user a', now() - interval '366 days'),
            (gen_random_uuid(), 'young', 'user a', now() - interval '364 days')`,
  );
  await doDuty(deleteOldEntries, database);
  const { rows } = await database.pool.query('select action from audit_log');
  expect(rows).toEqual([{ action: 'young' }]);
});
