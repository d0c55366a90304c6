import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { cleanContextOf, doDuty, openOwnedDatabase, type OwnedDatabase } from '../../../testing/duties.ts';
import { deleteUnusedVersions } from './delete-unused-versions.ts';

let database: OwnedDatabase;
beforeAll(async () => {
  database = await openOwnedDatabase();
});
afterAll(() => database.stop());

test('graphs that no run uses any more go after a day', async () => {
  const { workflowId, workflowVersionId } = database.old;
  await database.pool.query(
    `insert into workflow_versions (id, workflow_id, content_hash, data, created_at)
     values (gen_random_uuid(), $1, repeat('0', 64), '{}', now() - interval '25 hours'),
            ('00000000-0000-4000-8000-00000000000a', $1, repeat('1', 64), '{}', now() - interval '23 hours'),
            ('00000000-0000-4000-8000-00000000000b', $1, repeat('2', 64), '{}', now() - interval '1 year'),
            ('00000000-0000-4000-8000-00000000000c', $1, repeat('3', 64), '{}', now() - interval '1 year')`,
    [workflowId],
  );
  await database.pool.query(
    `with published as (
       insert into published_versions (workflow_id, number, version_id, revision)
       values ($1, 2, '00000000-0000-4000-8000-00000000000b', 1))
     insert into kept_drafts (id, workflow_id, version_id)
     values (gen_random_uuid(), $1, '00000000-0000-4000-8000-00000000000c')`,
    [workflowId],
  );
  await database.pool.query(`update workflow_versions set created_at = now() - interval '2 days' where id = $1`, [
    workflowVersionId,
  ]);
  await doDuty(deleteUnusedVersions, cleanContextOf(database));
  const { rows } = await database.pool.query('select id from workflow_versions where workflow_id = $1 order by id', [
    workflowId,
  ]);
  // One is used by a run, one is young, one is published, and one is a draft that was kept.
  const kept = ['a', 'b', 'c'].map((last) => `00000000-0000-4000-8000-00000000000${last}`);
  expect(rows.map(({ id }) => id).toSorted()).toEqual([...kept, workflowVersionId].toSorted());
});
