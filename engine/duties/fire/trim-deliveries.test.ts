import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { doDuty, openOwnedDatabase, type OwnedDatabase } from '../../../testing/duties.ts';
import { recordingLogger, unavailable } from '../../../testing/engine.ts';
import type { FireContext } from './fire-context.ts';
import { trimDeliveries } from './trim-deliveries.ts';

let database: OwnedDatabase;
beforeAll(async () => {
  database = await openOwnedDatabase();
  await database.pool.query('delete from trigger_fires');
});
afterAll(() => database.stop());

test('a webhook keeps 16 MiB of what arrived, the latest; its fires stay', async () => {
  const { pool, old, young } = database;
  const triggerOf = async (userId: string) =>
    (await pool.query('select id from triggers where user_id = $1', [userId])).rows[0].id as string;
  const deliver = async (triggerId: string, count: number, bytes: number) => {
    await pool.query(
      `with fire as (
         insert into trigger_fires (id, trigger_id, fire_key, due_at, status)
         select gen_random_uuid(), $1, 'd' || n, now() - n * interval '1 minute', 'skipped' from generate_series(1, $2) n
         returning id, due_at)
       insert into trigger_deliveries (fire_id, trigger_id, received_at, query, headers, body)
       select id, $1, due_at, '{}', '{}', convert_to(repeat('x', $3), 'UTF8') from fire`,
      [triggerId, count, bytes],
    );
  };
  const [full, small] = [await triggerOf(old.userId), await triggerOf(young.userId)];
  await deliver(full, 20, 1_048_576 - 1_000);
  await deliver(small, 20, 1_000);
  await doDuty(trimDeliveries, {
    pool,
    newId: () => '',
    now: () => null,
    logger: recordingLogger(),
    starter: unavailable<FireContext['starter']>('starter'),
    inputsAfter: unavailable<FireContext['inputsAfter']>('inputs'),
  });
  const { rows } = await pool.query(
    `select f.trigger_id, count(*)::integer as fires, count(d.fire_id)::integer as kept,
            bool_and(d.fire_id is not null = (f.due_at >= now() - interval '16.5 minutes')) as "isLatest"
       from trigger_fires f left join trigger_deliveries d on d.fire_id = f.id group by 1 order by kept`,
  );
  expect(rows).toEqual([
    { trigger_id: full, fires: 20, kept: 16, isLatest: true },
    { trigger_id: small, fires: 20, kept: 20, isLatest: false },
  ]);
});
