import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { doDuty, sweepContextOf, takeNodeJobs } from '../../../testing/duties.ts';
import { createTestEngine, describeOnBothQueues, type TestEngine } from '../../../testing/engine.ts';
import { chainOf } from '../../../testing/graphs.ts';
import { beginForgottenRuns } from './begin-forgotten-runs.ts';

describeOnBothQueues('a run that has its turn and no orchestrator job', (kind) => {
  let engine: TestEngine;
  beforeEach(async () => {
    engine = await createTestEngine(kind);
  });
  afterEach(() => engine.stop());

  test('is begun when it is overdue, and its ready nodes have jobs', async () => {
    const runId = await engine.start(chainOf(2));
    const context = sweepContextOf(engine, { times: { overdueMs: 60_000 } });
    await doDuty(beginForgottenRuns, context);
    expect(await engine.run(runId)).toMatchObject({ status: 'PENDING' });
    await engine.pool.query(`update workflow_runs set admitted_at = now() - interval '61 seconds'`);
    await doDuty(beginForgottenRuns, context);
    expect(await engine.run(runId)).toMatchObject({ status: 'RUNNING' });
    const { n0, n1 } = await engine.nodes(runId);
    expect([n0!.status, n1!.status]).toEqual(['QUEUED', 'PENDING']);
    expect(await takeNodeJobs(engine, 1)).toEqual([{ id: n0!.id, runId, attempt: 1 }]);
  });

  test('is begun while the queue is away as well', async () => {
    const runId = await engine.start(chainOf(2));
    await engine.pool.query(`update workflow_runs set admitted_at = now() - interval '1 minute'`);
    const away = () => Promise.reject(new Error('the queue is away'));
    const context = sweepContextOf(engine, { queue: { ...engine.queue, addRuns: away, addNodes: away } });
    await doDuty(beginForgottenRuns, context);
    expect(await engine.run(runId)).toMatchObject({ status: 'RUNNING' });
    // Told once, however often it is tried.
    expect(context.lines.map(({ message }) => message)).toEqual(['the queue cannot be reached']);
  });
});
