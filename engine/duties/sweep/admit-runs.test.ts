import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { doDuty, sweepContextOf } from '../../../testing/duties.ts';
import { createTestEngine, describeOnBothQueues, type TestEngine } from '../../../testing/engine.ts';
import { chainOf } from '../../../testing/graphs.ts';
import { orchestratorQueueName } from '../../../queue/names.ts';
import { admitRuns } from './admit-runs.ts';

describeOnBothQueues('runs that wait for their turn', (kind) => {
  let engine: TestEngine;
  beforeEach(async () => {
    engine = await createTestEngine(kind, { maxActiveRunsPerUser: 1 });
  });
  afterEach(() => engine.stop());

  const admitted = async () =>
    (
      await engine.pool.query<{ id: string }>(
        'select id from workflow_runs where admitted_at is not null and finished_at is null',
      )
    ).rows.map(({ id }) => id);
  const orchestratorJobs = async () =>
    (await engine.queue.counts()).find(({ queue }) => queue === orchestratorQueueName)!.waiting;

  test('get it, with a job, where nobody gave it to them after the run before', async () => {
    const first = await engine.start(chainOf(1));
    const second = await engine.start(chainOf(1));
    await engine.turns.idle();
    await engine.queue.addRuns([first]);
    const context = sweepContextOf(engine);
    await doDuty(admitRuns, context);
    expect(await admitted()).toEqual([first]);
    // It goes without anybody who would give its room to the next one.
    await engine.pool.query('delete from workflow_runs where id = $1', [first]);
    await doDuty(admitRuns, context);
    expect(await admitted()).toEqual([second]);
    expect(await orchestratorJobs()).toBe(2);
  });
});
