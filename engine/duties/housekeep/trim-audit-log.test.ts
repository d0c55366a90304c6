import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { doDuty, openOwnedDatabase, type OwnedDatabase } from '../../../testing/duties.ts';
import { trimEntriesTo } from './trim-audit-log.ts';

let database: OwnedDatabase;
beforeAll(async () => {
  database = await openOwnedDatabase();
});
afterAll(() => database.stop());

test('the audit log holds so many lines, and whoever has few keeps them all', async () => {
  await database.pool.query(
    `insert into audit_log (id, at, action, share)
     select gen_random_uuid(), now() - make_interval(secs => n), 'key.create',
            case when n % 100 = 0 then 'user calm' else 'user noisy' end
       from generate_series(1, 2100) n`,
  );
  await doDuty(trimEntriesTo(2_000), database);
  const { rows } = await database.pool.query(
    'select share, count(*)::integer as lines from audit_log group by share order by share',
  );
  expect(rows).toEqual([
    { share: 'user calm', lines: 21 },
    { share: 'user noisy', lines: 1_979 },
  ]);
});
