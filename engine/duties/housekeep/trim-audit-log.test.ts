import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { doDuty, openOwnedDatabase, type OwnedDatabase } from '../../../testing/duties.ts';
import { trimEntries } from './trim-audit-log.ts';

let database: OwnedDatabase;
beforeAll(async () => {
  database = await openOwnedDatabase();
});
afterAll(() => database.stop());

test('the audit log holds 200,000 lines, and whoever has few keeps them all', async () => {
  await database.pool.query(
    `insert into audit_log (id, at, action, share)
     select gen_random_uuid(), now() - make_interval(secs => n), 'key.create',
            case when n % 1000 = 0 then 'user calm' else 'user noisy' end
       from generate_series(1, 200100) n`,
  );
  await doDuty(trimEntries, database);
  const { rows } = await database.pool.query(
    'select share, count(*)::integer as lines from audit_log group by share order by share',
  );
  expect(rows).toEqual([
    { share: 'user calm', lines: 200 },
    { share: 'user noisy', lines: 199_800 },
  ]);
});
