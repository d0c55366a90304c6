import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { createRunStarter } from './run-starter.ts';
import { countStatements } from '../../testing/count-statements.ts';
import { createTestEngine, type TestEngine } from '../../testing/engine.ts';
import { graphOf } from '../../testing/graphs.ts';

const applicationName = 'starts-of-the-test';
const someId = '01a23798-f79d-70bf-bee7-541bf1114bef';

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

test('a start that was given up and is made again at once, with the same id, makes one run and fails no other start', async () => {
  const workflow = await engine.createWorkflow(graphOf(['a', 'b']));
  const statements = countStatements(applicationName);
  const pool = new pg.Pool({ ...engine.pool.options, application_name: applicationName });
  const starter = createRunStarter({ ...engine.starterDependencies, pool });
  const start = (runId?: string) => starter.start({ userId: 'user-1', triggerType: 'API', workflow, runId });
  try {
    await start();
    statements.take();
    // They go together; one that failed would be taken apart.
    const [first, again, thrice, other] = await Promise.all([start(), start(someId), start(someId), start()]);
    expect([again.id, thrice.id]).toEqual([someId, someId]);
    expect([again.run?.id, thrice.run]).toEqual([someId, null]);
    expect(statements.take().filter((text) => text.includes('insert into workflow_runs'))).toHaveLength(1);
    const { rows } = await engine.pool.query(
      'select r.id, count(*)::integer as nodes from workflow_runs r join node_executions n on n.run_id = r.id group by r.id',
    );
    expect(rows).toHaveLength(4);
    expect(rows).toEqual(expect.arrayContaining([first.id, someId, other.id].map((id) => ({ id, nodes: 2 }))));
  } finally {
    statements.stop();
    await pool.end();
  }
});

test('a start that is refused is refused as often as it stands in a group', async () => {
  const workflow = await engine.createWorkflow(graphOf(['a']));
  const limits = { maxActive: 1, maxWaiting: 0 };
  const starter = createRunStarter({ ...engine.starterDependencies, limits });
  const start = (runId?: string) => starter.start({ userId: 'user-1', triggerType: 'API', workflow, runId });
  await start();
  const refused = await Promise.allSettled([start(someId), start(someId)]);
  expect(refused).toMatchObject(
    Array.from({ length: 2 }, () => ({ status: 'rejected', reason: { code: 'RUN_QUEUE_FULL' } })),
  );
  expect((await engine.pool.query('select id from workflow_runs')).rows).toHaveLength(1);
});

describe('a start that waits for a lock in vain', () => {
  let impatient: pg.Pool;
  let holder: pg.PoolClient;
  beforeEach(async () => {
    impatient = new pg.Pool({ ...engine.pool.options, lock_timeout: 300 });
    holder = await engine.pool.connect();
    await engine.pool.query(`insert into users (id, email) values ('user-3', 'user-3@example.org')`);
    await holder.query('begin');
  });
  afterEach(async () => {
    await holder.query('rollback');
    holder.release();
    await impatient.end();
  });

  /** Starts, at once and in one group, of two users whose workflows have been started before. */
  async function startBoth(hold: (workflowId: number) => Promise<unknown>): Promise<PromiseSettledResult<unknown>[]> {
    const starter = createRunStarter({ ...engine.starterDependencies, pool: impatient });
    const own = await engine.createWorkflow(graphOf(['a']));
    const other = await engine.createWorkflow(graphOf(['b']));
    await engine.pool.query(`update workflows set user_id = 'user-3' where id = $1`, [other.id]);
    const start = (userId: string, workflow: { id: number }) => starter.start({ userId, triggerType: 'API', workflow });
    await start('user-1', own);
    await start('user-3', other);
    await hold(other.id);
    return Promise.allSettled([start('user-3', other), start('user-1', own)]);
  }

  test('for its workflow, which is being deleted, fails alone', async () => {
    const starts = await startBoth((id) => holder.query('delete from workflows where id = $1', [id]));
    expect(starts).toMatchObject([{ status: 'rejected', reason: { code: '55P03' } }, { status: 'fulfilled' }]);
  });

  test('for its user, whose access is being ended, fails alone', async () => {
    const starts = await startBoth(() =>
      holder.query(`select pg_advisory_xact_lock(hashtextextended('heddle-turns user-3', 0))`),
    );
    expect(starts).toMatchObject([{ status: 'rejected', reason: { code: '55P03' } }, { status: 'fulfilled' }]);
  });
});
