import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { requestWorkerDrain } from '../db/workers/request-drain.ts';
import { createTestEngine, describeOnBothQueues, quickSweeper, type TestEngine } from '../testing/engine.ts';
import { eventually } from '../testing/eventually.ts';
import { graphOf } from '../testing/graphs.ts';

describeOnBothQueues('a worker that is told to stop', (kind) => {
  let engine: TestEngine;
  beforeEach(async () => {
    engine = await createTestEngine(kind);
  });
  afterEach(() => engine.stop());

  async function startSlowNode(ms: number): Promise<string> {
    const graph = graphOf(['slow', 'after'], ['slow>after']);
    graph.nodes[0]!.data = { ms };
    const runId = await engine.start(graph);
    await eventually(async () => (await engine.nodes(runId))['slow']!.status === 'RUNNING');
    return runId;
  }

  test('finishes what fits into the drain time; nothing is attempted twice', async () => {
    const worker = await engine.startWorker();
    const runId = await startSlowNode(800);
    await worker.stop();
    expect(await engine.nodes(runId)).toMatchObject({ slow: { status: 'COMPLETED', attempt: 1 } });
    await engine.startWorker();
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    expect(await engine.nodes(runId)).toMatchObject({ after: { status: 'COMPLETED', attempt: 1 } });
  });

  test('hands back what does not, without counting a crash, and another worker goes on at once', async () => {
    const worker = await engine.startWorker({ drainMs: 100 });
    const runId = await startSlowNode(1_500);
    await worker.stop();
    expect(await engine.nodes(runId)).toMatchObject({ slow: { status: 'QUEUED', attempt: 2, crash_count: 0 } });
    await engine.startWorker();
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    expect(await engine.nodes(runId)).toMatchObject({ slow: { attempt: 2 } });
  });

  test('leaves no session behind', async () => {
    const worker = await engine.startWorker();
    await worker.stop();
    expect((await engine.pool.query('select * from workers')).rows).toEqual([]);
  });

  test('stays and takes no more work when an operator asks for a drain', async () => {
    // Asks for its orders often; no busy machine makes it look dead.
    const leaseMs = 60_000;
    const lease = { heartbeatMs: 200, leaseMs };
    const sweeper = { ...quickSweeper, leaseMs };
    const worker = await engine.startWorker({ lease, sweeper });
    const runId = await startSlowNode(800);
    const { rows } = await engine.pool.query<{ id: string }>('select id from workers');
    expect(await requestWorkerDrain(engine.pool, rows[0]!.id)).toBe(true);
    await eventually(() => worker.isDraining());
    await eventually(async () => (await engine.nodes(runId))['slow']!.status === 'COMPLETED');
    const later = await engine.start(graphOf(['other'], []));
    await eventually(async () => (await engine.pool.query('select from workers where draining')).rows.length === 1);
    expect(await engine.nodes(runId)).toMatchObject({ slow: { attempt: 1 }, after: { status: 'QUEUED' } });
    expect(await engine.nodes(later)).toMatchObject({ other: { status: 'PENDING' } });

    await engine.startWorker({ lease, sweeper });
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    expect(await engine.finished(later)).toMatchObject({ status: 'COMPLETED' });
    expect((await engine.pool.query('select from workers where expired_at is null')).rows).toHaveLength(2);
  });
});
