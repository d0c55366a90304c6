import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { doDuty, openOwnedDatabase, type OwnedDatabase } from '../../../testing/duties.ts';
import { deleteOldFires } from './delete-old-fires.ts';

let database: OwnedDatabase;
beforeAll(async () => {
  database = await openOwnedDatabase();
  await database.pool.query('delete from trigger_fires');
});
afterAll(() => database.stop());

const triggerOf = async (userId: string) =>
  (await database.pool.query('select id from triggers where user_id = $1', [userId])).rows[0].id;

test('of each trigger the newest thousand stay for thirty days, and what is not over', async () => {
  const [busy, quiet] = [await triggerOf(database.old.userId), await triggerOf(database.young.userId)];
  const insert = (triggerId: string, count: number, every: string, status = 'skipped') =>
    database.pool.query(
      `insert into trigger_fires (id, trigger_id, fire_key, due_at, status, try_at)
       select gen_random_uuid(), $1, $4 || n, now() - n * $3::interval, $4, case when $4 = 'due' then now() end
         from generate_series(1, $2) n`,
      [triggerId, count, every, status],
    );
  await insert(busy, 1_005, '1 minute');
  await insert(quiet, 40, '1 day');
  await insert(quiet, 40, '1 day', 'due');
  await doDuty(deleteOldFires, database);
  const { rows } = await database.pool.query(
    `select trigger_id, status, count(*)::integer as count from trigger_fires group by 1, 2 order by count`,
  );
  expect(rows).toEqual([
    { trigger_id: quiet, status: 'skipped', count: 29 },
    { trigger_id: quiet, status: 'due', count: 40 },
    { trigger_id: busy, status: 'skipped', count: 1_000 },
  ]);
});
