import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { doDuty, openOwnedDatabase, type OwnedDatabase } from '../../../testing/duties.ts';
import { deleteOldLinkRuns } from './delete-old-link-runs.ts';

let database: OwnedDatabase;
beforeAll(async () => {
  database = await openOwnedDatabase();
});
afterAll(() => database.stop());

test('whose a run was is forgotten once the run is gone, a day after it was begun', async () => {
  const { pool } = database;
  await pool.query(
    `insert into app_link_runs (run_id, link_id, visitor, created_at)
     select gen_random_uuid(), (select id from app_links limit 1), '\\x01', now() - make_interval(hours => n)
       from unnest(array[23, 25]) n`,
  );
  await pool.query(`update app_link_runs set created_at = now() - interval '1 week' where visitor <> '\\x01'`);
  await doDuty(deleteOldLinkRuns, database);
  const { rows } = await pool.query(
    `select visitor = '\\x01' as "isNew", count(*)::integer as runs from app_link_runs group by 1 order by 1`,
  );
  // Those whose runs are there stay however old they are.
  expect(rows).toEqual([
    { isNew: false, runs: 2 },
    { isNew: true, runs: 1 },
  ]);
});
