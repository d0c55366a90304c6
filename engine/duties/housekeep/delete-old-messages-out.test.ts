import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { doDuty, openOwnedDatabase, type OwnedDatabase } from '../../../testing/duties.ts';
import { deleteOldMessagesOut } from './delete-old-messages-out.ts';

let database: OwnedDatabase;
beforeAll(async () => {
  database = await openOwnedDatabase();
  await database.pool.query('delete from callback_messages');
});
afterAll(() => database.stop());

const callbackOf = async (userId: string) =>
  (await database.pool.query('select id from workflow_callbacks where user_id = $1', [userId])).rows[0].id;

test('of each callback the newest thousand stay for thirty days, and what is still to be sent', async () => {
  const [busy, quiet] = [await callbackOf(database.old.userId), await callbackOf(database.young.userId)];
  const insert = (callbackId: string, count: number, every: string, status = 'delivered') =>
    database.pool.query(
      `insert into callback_messages (id, callback_id, run_id, event, status, try_at, created_at)
       select gen_random_uuid(), $1, gen_random_uuid(), 'run.finished', $4::text, case when $4::text = 'due' then now() end,
              now() - n * $3::interval
         from generate_series(1, $2) n`,
      [callbackId, count, every, status],
    );
  await insert(busy, 1_005, '1 minute');
  await insert(quiet, 40, '1 day');
  await insert(quiet, 40, '1 day', 'due');
  await doDuty(deleteOldMessagesOut, database);
  const { rows } = await database.pool.query(
    `select callback_id, status, count(*)::integer as count from callback_messages group by 1, 2 order by count`,
  );
  expect(rows).toEqual([
    { callback_id: quiet, status: 'delivered', count: 29 },
    { callback_id: quiet, status: 'due', count: 40 },
    { callback_id: busy, status: 'delivered', count: 1_000 },
  ]);
});
