import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { advanceNodeExecutions } from '../db/nodes/advance.ts';
import { beginRuns } from '../db/runs/begin.ts';
import { insertWorkerSession } from '../db/workers/insert.ts';
import { createSweeper } from '../engine/duties/sweep/sweeper.ts';
import {
  createTestEngine,
  describeOnBothQueues,
  quickSweeper,
  recordingLogger,
  shortLease,
  type TestEngine,
} from '../testing/engine.ts';
import { eventually } from '../testing/eventually.ts';
import { graphOf } from '../testing/graphs.ts';

const deadWorkerId = '00000000-0000-4000-8000-00000000dead';

describeOnBothQueues('an attempt of a dead worker', (kind) => {
  let engine: TestEngine;
  beforeEach(async () => {
    engine = await createTestEngine(kind);
  });
  afterEach(() => engine.stop());

  /** Begins a run and claims its first node for a worker that will never be heard of again. */
  async function claimAndDie(graph = graphOf(['a', 'b'], ['a>b'])) {
    const runId = await engine.start(graph);
    const { ready } = await beginRuns(engine.pool, [runId]);
    await insertWorkerSession(engine.pool, {
      id: deadWorkerId,
      hostname: 'gone',
      pid: 1,
      version: 'test',
      pools: ['io'],
      concurrency: 1,
    });
    const { claims } = await advanceNodeExecutions(engine.pool, deadWorkerId, { completions: [], claims: ready });
    return { runId, claims };
  }

  test('runs again as the next attempt, and the run completes with one committed result', async () => {
    const { runId } = await claimAndDie();
    await engine.startWorker(shortLease);
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    expect(await engine.nodes(runId)).toMatchObject({
      a: { status: 'COMPLETED', attempt: 2, crash_count: 1 },
      b: { status: 'COMPLETED', attempt: 1 },
    });
    const completions = (await engine.events(runId)).filter((event) => event.payload['status'] === 'COMPLETED');
    expect(completions.filter((event) => event.type === 'node.updated')).toHaveLength(2);
  });

  test('that was rescued cannot be recorded any more: the late result touches no row', async () => {
    const { runId, claims } = await claimAndDie();
    await engine.startWorker(shortLease);
    await engine.finished(runId);
    const before = await engine.nodes(runId);
    const completions = claims.map(({ id, attempt }) => ({
      id,
      runId,
      attempt,
      inputs: {},
      outputs: { output: 'late' },
      cached: false,
      usage: null,
      continuesIn: 'io' as const,
    }));
    const late = await advanceNodeExecutions(engine.pool, deadWorkerId, { completions, claims: [] });
    expect(late).toEqual({ recorded: [], runs: [], ready: [], continuations: [], claims: [] });
    expect(await engine.nodes(runId)).toEqual(before);
  });

  test('that was killed three times fails for good: the node is poison', async () => {
    const { runId } = await claimAndDie();
    await engine.pool.query('update node_executions set crash_count = 2 where run_id = $1', [runId]);
    await engine.startWorker(shortLease);
    expect(await engine.finished(runId)).toMatchObject({ status: 'FAILED' });
    expect(await engine.nodes(runId)).toMatchObject({
      a: { status: 'FAILED', error_code: 'NODE_CRASHED_WORKER', crash_count: 3 },
      b: { status: 'SKIPPED' },
    });
  });

  test('does not count as a crash while many workers vanish at once', async () => {
    const { runId } = await claimAndDie();
    await engine.pool.query('update node_executions set crash_count = 2 where run_id = $1', [runId]);
    await engine.pool.query(
      `insert into workers (id, hostname, pid, version, pools, concurrency, heartbeat_at)
       select gen_random_uuid(), 'gone', 1, 'test', '{io}', 1, now() - interval '20 seconds' from generate_series(1, 5)`,
    );
    await engine.startWorker(shortLease);
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    expect(await engine.nodes(runId)).toMatchObject({ a: { status: 'COMPLETED', attempt: 2, crash_count: 2 } });
  });

  test('is rescued by one sweeper only, however many sweep at once', async () => {
    const { runId } = await claimAndDie();
    await engine.pool.query(`update workers set heartbeat_at = now() - interval '1 minute'`);
    const sweepers = Array.from({ length: 5 }, () =>
      createSweeper({ ...engine, logger: recordingLogger(), times: quickSweeper }),
    );
    const swept = await Promise.all(sweepers.map((sweeper) => sweeper.round()));
    expect(swept).toContain(true);
    expect(await engine.nodes(runId)).toMatchObject({ a: { status: 'QUEUED', attempt: 2, crash_count: 1 } });
  });
});

describeOnBothQueues('a worker whose lease ran out', (kind) => {
  let engine: TestEngine;
  beforeEach(async () => {
    engine = await createTestEngine(kind);
  });
  afterEach(() => engine.stop());

  test('stops what it runs, starts a new session and goes on', async () => {
    const worker = await engine.startWorker({ ...shortLease, sweeper: { ...quickSweeper, intervalMs: 60_000 } });
    const graph = graphOf(['slow']);
    graph.nodes[0]!.data = { ms: 1_500 };
    const runId = await engine.start(graph);
    await eventually(async () => (await engine.nodes(runId))['slow']!.status === 'RUNNING');
    await engine.pool.query(`update workers set expired_at = now()`);
    await eventually(() =>
      worker.logger.lines.some((line) => 'code' in line.fields && line.fields.code === 'LEASE_LOST'),
    );
    await eventually(() => worker.activeAttempts() === 0);
    const rescuer = createSweeper({ ...engine, logger: recordingLogger(), times: shortLease.sweeper });
    await rescuer.round();
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    expect(await engine.nodes(runId)).toMatchObject({ slow: { status: 'COMPLETED', attempt: 2 } });
  });
});
