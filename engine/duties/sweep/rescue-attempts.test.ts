import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { advanceNodeExecutions } from '../../../db/nodes/advance.ts';
import { beginRuns } from '../../../db/runs/begin.ts';
import { doDuty, sweepContextOf, takeNodeJobs } from '../../../testing/duties.ts';
import { createTestEngine, describeOnBothQueues, type TestEngine } from '../../../testing/engine.ts';
import { graphOf } from '../../../testing/graphs.ts';
import { createRunPlayer } from '../../../testing/play-run.ts';
import { rescueAttempts } from './rescue-attempts.ts';

describeOnBothQueues('attempts of a worker whose session is over', (kind) => {
  let engine: TestEngine;
  beforeEach(async () => {
    engine = await createTestEngine(kind);
  });
  afterEach(() => engine.stop());

  /** Begins a run and claims its first node for a worker; the session of that one is over then, unless it lives. */
  async function claim({ lives = false } = {}): Promise<string> {
    const { workerId } = await createRunPlayer(engine.pool);
    const runId = await engine.start(graphOf(['a', 'b'], ['a>b']));
    await engine.queue.addRuns([runId]);
    const { ready } = await beginRuns(engine.pool, [runId]);
    await advanceNodeExecutions(engine.pool, workerId, { completions: [], claims: ready });
    if (!lives) await engine.pool.query('update workers set expired_at = now() where id = $1', [workerId]);
    return runId;
  }

  test('go back to the queue as the next attempt, each with a job', async () => {
    const runId = await claim();
    let rescued = 0;
    const context = sweepContextOf(engine, { onRescue: (attempts) => (rescued += attempts) });
    await doDuty(rescueAttempts, context);
    const { a } = await engine.nodes(runId);
    expect(a).toMatchObject({ status: 'QUEUED', attempt: 2, crash_count: 1 });
    expect(rescued).toBe(1);
    expect(await takeNodeJobs(engine, 1)).toEqual([{ id: a!.id, runId, attempt: 2 }]);
  });

  test('end, and what needs them is skipped, at the third death', async () => {
    const runId = await claim();
    await engine.pool.query('update node_executions set crash_count = 2');
    await doDuty(rescueAttempts, sweepContextOf(engine));
    expect(await engine.nodes(runId)).toMatchObject({
      a: { status: 'FAILED', error_code: 'NODE_CRASHED_WORKER', crash_count: 3 },
      b: { status: 'SKIPPED' },
    });
  });

  test('are taken back while the queue is away as well: their rows wait for a later sweep', async () => {
    const runId = await claim();
    const queue = { ...engine.queue, addNodes: () => Promise.reject(new Error('the queue is away')) };
    const context = sweepContextOf(engine, { queue });
    await doDuty(rescueAttempts, context);
    expect(await engine.nodes(runId)).toMatchObject({ a: { status: 'QUEUED', attempt: 2 } });
    expect(context.lines.map(({ message }) => message)).toContain('the queue cannot be reached');
  });

  test('are left alone while the session goes on', async () => {
    const runId = await claim({ lives: true });
    await doDuty(rescueAttempts, sweepContextOf(engine));
    expect(await engine.nodes(runId)).toMatchObject({ a: { status: 'RUNNING', attempt: 1, crash_count: 0 } });
  });
});
