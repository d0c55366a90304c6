import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { doDuty, openOwnedDatabase, type OwnedDatabase } from '../../../testing/duties.ts';
import { deleteOldMessages } from './delete-old-webhook-messages.ts';

let database: OwnedDatabase;
beforeAll(async () => {
  database = await openOwnedDatabase();
});
afterAll(() => database.stop());

test('what came by webhook is remembered for a day', async () => {
  await database.pool.query(
    `insert into webhook_messages (id, received_at)
     values ('old', now() - interval '25 hours'), ('young', now() - interval '23 hours')`,
  );
  await database.pool.query(
    `insert into ended_sessions (id, ended_at)
     values ('old', now() - interval '25 hours'), ('young', now() - interval '23 hours')`,
  );
  await doDuty(deleteOldMessages, database);
  const { rows } = await database.pool.query('select id from webhook_messages union all select id from ended_sessions');
  expect(rows).toEqual([{ id: 'young' }, { id: 'young' }]);
});
