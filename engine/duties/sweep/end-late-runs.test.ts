import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { beginRuns } from '../../../db/runs/begin.ts';
import { doDuty, sweepContextOf } from '../../../testing/duties.ts';
import { createTestEngine, describeOnBothQueues, type TestEngine } from '../../../testing/engine.ts';
import { eventually } from '../../../testing/eventually.ts';
import { chainOf } from '../../../testing/graphs.ts';
import { endLateRuns } from './end-late-runs.ts';

describeOnBothQueues('runs past their deadline', (kind) => {
  let engine: TestEngine;
  beforeEach(async () => {
    engine = await createTestEngine(kind);
  });
  afterEach(() => engine.stop());

  test('fail with everything in them, and workers are told to stop; others go on', async () => {
    const [late, inTime] = [await engine.start(chainOf(2)), await engine.start(chainOf(2))];
    await beginRuns(engine.pool, [late, inTime]);
    await engine.pool.query(`update workflow_runs set deadline_at = now() - interval '1 second' where id = $1`, [late]);
    await doDuty(endLateRuns, sweepContextOf(engine));
    expect(await engine.run(late)).toMatchObject({ status: 'FAILED', error: expect.stringContaining('time limit') });
    expect(await engine.nodes(late)).toMatchObject({ n0: { status: 'CANCELLED' }, n1: { status: 'CANCELLED' } });
    expect(await engine.run(inTime)).toMatchObject({ status: 'RUNNING' });
    await eventually(() => {
      expect(engine.heard).toContainEqual({ kind: 'stop', runId: late });
    });
    expect(engine.heard).not.toContainEqual({ kind: 'stop', runId: inTime });
  });
});
