import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createTestEngine, type TestEngine } from '../../testing/engine.ts';
import { graphOf } from '../../testing/graphs.ts';

let engine: TestEngine;
beforeEach(async () => {
  engine = await createTestEngine('postgres');
});
afterEach(() => engine.stop());

const versionsOf = async (workflowId: number) =>
  (await engine.pool.query('select id from workflow_versions where workflow_id = $1', [workflowId])).rows;

test('runs of the same graph share one version, those started at once too', async () => {
  const workflow = await engine.createWorkflow(graphOf(['a']));
  await Promise.all(Array.from({ length: 12 }, () => engine.start(workflow.data, { workflow })));
  const { rows } = await engine.pool.query(
    'select count(*)::integer as runs, count(distinct workflow_version_id)::integer as versions from workflow_runs',
  );
  expect(rows).toEqual([{ runs: 12, versions: 1 }]);
});

test('a version that was removed since it was last used is made again', async () => {
  await engine.startWorker();
  const workflow = await engine.createWorkflow(graphOf(['a']));
  await engine.finished(await engine.start(workflow.data, { workflow }));
  const before = await versionsOf(workflow.id);
  await engine.pool.query('delete from workflow_runs');
  await engine.pool.query('delete from workflow_versions');
  const again = await engine.start(workflow.data, { workflow });
  expect(await engine.finished(again)).toMatchObject({ status: 'COMPLETED' });
  expect(await versionsOf(workflow.id)).toHaveLength(1);
  expect(await versionsOf(workflow.id)).not.toEqual(before);
});

test('a start of a workflow that is being deleted harms no other start', async () => {
  const doomed = await engine.createWorkflow(graphOf(['a']));
  const other = await engine.createWorkflow(graphOf(['b']));
  await engine.start(doomed.data, { workflow: doomed });
  await engine.pool.query('delete from workflows where id = $1', [doomed.id]);
  const [lost, kept] = await Promise.allSettled([
    engine.start(doomed.data, { workflow: doomed }),
    engine.start(other.data, { workflow: other }),
  ]);
  expect(lost.status).toBe('rejected');
  expect(kept.status).toBe('fulfilled');
});
