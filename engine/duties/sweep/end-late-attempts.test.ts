import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { advanceNodeExecutions } from '../../../db/nodes/advance.ts';
import { beginRuns } from '../../../db/runs/begin.ts';
import { doDuty, sweepContextOf } from '../../../testing/duties.ts';
import { createTestEngine, type TestEngine } from '../../../testing/engine.ts';
import { graphOf } from '../../../testing/graphs.ts';
import { createRunPlayer } from '../../../testing/play-run.ts';
import { endLateAttempts } from './end-late-attempts.ts';

describe('attempts past their own limit', () => {
  let engine: TestEngine;
  beforeEach(async () => {
    engine = await createTestEngine('postgres');
  });
  afterEach(() => engine.stop());

  test('are ended when their worker has not done so by then; those in time go on', async () => {
    const { workerId } = await createRunPlayer(engine.pool);
    const runId = await engine.start(graphOf(['late', 'in-time', 'after'], ['late>after']));
    const { ready } = await beginRuns(engine.pool, [runId]);
    await advanceNodeExecutions(engine.pool, workerId, { completions: [], claims: ready });
    const startedAgo = (node: string, ms: number) =>
      engine.pool.query(
        `update node_executions set started_at = now() - make_interval(secs => $2 / 1000.0) where node_id = $1`,
        [node, ms],
      );
    await engine.pool.query('update node_executions set timeout_ms = 10000');
    await startedAgo('late', 31_000);
    await startedAgo('in-time', 15_000);
    await doDuty(endLateAttempts, sweepContextOf(engine, { times: { timeoutGraceMs: 20_000 } }));
    expect(await engine.nodes(runId)).toMatchObject({
      late: { status: 'FAILED', error_code: 'NODE_TIMEOUT', error: expect.stringContaining('10000 ms') },
      'in-time': { status: 'RUNNING' },
      after: { status: 'SKIPPED' },
    });
  });
});
