import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { beginRuns } from '../db/runs/begin.ts';
import { createRunStarter } from '../engine/runs/run-starter.ts';
import { createTestEngine, describeOnBothQueues, type TestEngine } from '../testing/engine.ts';
import { eventually } from '../testing/eventually.ts';
import { chainOf, graphOf } from '../testing/graphs.ts';
import { describeOnRedis } from '../testing/describe-on-redis.ts';
import { consumeNodes } from '../queue/consumer.ts';
import { createTestRedis } from '../testing/redis.ts';

describeOnBothQueues('work whose job was lost', (kind) => {
  let engine: TestEngine;
  beforeEach(async () => {
    engine = await createTestEngine(kind);
  });
  afterEach(() => engine.stop());

  const withoutQueue = () =>
    createRunStarter({
      ...engine.starterDependencies,
      queue: { ...engine.queue, addRuns: () => Promise.reject(new Error('the queue is away')) },
    });

  test('a run that was accepted while the queue was away is begun by the sweeper', async () => {
    await engine.startWorker();
    const workflow = await engine.createWorkflow(graphOf(['a', 'b'], ['a>b']));
    const { id: runId } = await withoutQueue().start({ userId: 'user-1', triggerType: 'API', workflow });
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
  });

  test('ready nodes that have no job, because their worker died between commit and enqueue, get one', async () => {
    const workflow = await engine.createWorkflow(graphOf(['a', 'b', 'c'], ['a>c', 'b>c']));
    const { id: runId } = await withoutQueue().start({ userId: 'user-1', triggerType: 'API', workflow });
    await beginRuns(engine.pool, [runId]);
    await engine.startWorker();
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    const nodes = await engine.nodes(runId);
    expect(Object.values(nodes).map((node) => node.attempt)).toEqual([1, 1, 1]);
  });

  test('an orchestrator job that is offered twice, or again after the end, does no harm', async () => {
    await engine.startWorker();
    const runId = await engine.start(chainOf(5));
    await engine.queue.addRuns([runId, runId]);
    await engine.finished(runId);
    const events = await engine.events(runId);
    await engine.queue.addRuns([runId]);
    await engine.finished(await engine.start(graphOf(['a'])));
    expect(await engine.events(runId)).toEqual(events);
  });

  test('a node job that is offered twice is executed once', async () => {
    const runId = await engine.start(graphOf(['a']));
    const { ready } = await beginRuns(engine.pool, [runId]);
    const [{ id, attempt } = { id: '', attempt: 0 }] = ready;
    await engine.queue.addNodes([{ id, runId, attempt, pool: 'io' }]);
    // The same attempt under another pool is a second job for the same row.
    await engine.queue.addNodes([{ id, runId, attempt, pool: 'cpu' }]);
    await engine.startWorker();
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    const running = (await engine.events(runId)).filter((event) => event.payload['status'] === 'RUNNING');
    expect(running.filter((event) => event.type === 'node.updated')).toHaveLength(1);
  });

  test('a retry whose job waits for the wrong time, by the clock of its worker, runs when it is due', async () => {
    const runId = await engine.start(graphOf(['a']));
    const { ready } = await beginRuns(engine.pool, [runId]);
    const { id } = ready[0]!;
    await engine.pool.query('update node_executions set attempt = 2, available_at = now() where id = $1', [id]);
    await engine.queue.addNodes([{ id, runId, attempt: 2, pool: 'io', delayMs: 3_600_000 }]);
    await engine.startWorker();
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    expect(await engine.nodes(runId)).toMatchObject({ a: { status: 'COMPLETED', attempt: 2 } });
  });

  test('a job that a lost worker still seems to hold is offered once more', async () => {
    const runId = await engine.start(graphOf(['a']));
    const { ready } = await beginRuns(engine.pool, [runId]);
    // Takes the job and never claims its attempt.
    let taken = false;
    const holder = consumeNodes(engine.backend, 'io', {
      concurrency: 1,
      execute: () => {
        taken = true;
        return new Promise(() => {});
      },
    });
    await engine.queue.addRuns([runId]);
    await engine.queue.addNodes(ready.map(({ id, attempt }) => ({ id, runId, attempt, pool: 'io' })));
    await eventually(() => taken);
    await engine.startWorker();
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    await holder.abandon();
  });

  test('a run past its deadline is ended as FAILED with everything in it', async () => {
    const graph = graphOf(['a', 'b'], ['a>b']);
    graph.nodes[0]!.data = { ms: 5_000 };
    // Of the two that hold for it the shorter one: that of the installation.
    const workflow = await engine.createWorkflow({ ...graph, settings: { runTimeoutMs: 600_000 } });
    const worker = await engine.startWorker();
    const starter = createRunStarter({ ...engine.starterDependencies, runTimeouts: { defaultMs: 500, mostMs: 700 } });
    const { id: runId } = await starter.start({ userId: 'user-1', triggerType: 'API', workflow });
    expect(await engine.finished(runId)).toMatchObject({
      status: 'FAILED',
      error: expect.stringContaining('time limit'),
    });
    expect(await engine.nodes(runId)).toMatchObject({
      a: { status: 'CANCELLED', error_code: 'RUN_TIMEOUT' },
      b: { status: 'CANCELLED' },
    });
    await eventually(() => worker.activeAttempts() === 0);
  });

  test('a run may take as long as its workflow says, as it was when the run was started, and so may its retry', async () => {
    const graph = graphOf(['a'], []);
    const workflow = await engine.createWorkflow({ ...graph, settings: { runTimeoutMs: 120_000 } });
    const started = await engine.starter.start({ userId: 'user-1', triggerType: 'API', workflow });
    await engine.pool.query(`update workflows set data = data - 'settings', version = version + 1 where id = $1`, [
      workflow.id,
    ]);
    await engine.starter.cancel(started.id);
    const again = await engine.starter.retry({ retryOf: started.id, userId: 'user-1' });
    const now = await engine.starter.start({ userId: 'user-1', triggerType: 'API', workflow: { id: workflow.id } });
    const { rows } = await engine.pool.query<{ seconds: number }>(
      `select round(extract(epoch from r.deadline_at - r.created_at))::integer as seconds
         from unnest($1::uuid[]) with ordinality as i(id, place) join workflow_runs r on r.id = i.id order by i.place`,
      [[started.id, again.id, now.id]],
    );
    expect(rows.map(({ seconds }) => seconds)).toEqual([120, 120, 600]);
  });
});

describeOnRedis('a Redis that loses everything', () => {
  let engine: TestEngine;
  beforeEach(async () => {
    engine = await createTestEngine('redis');
  });
  afterEach(() => engine.stop());

  /** Deletes every key of this test at one moment, as FLUSHALL does for a Redis of one installation; the number of keys. */
  async function flush(): Promise<number> {
    const redis = new Redis(createTestRedis().url);
    const { location } = engine.backend;
    const deleteAll = `
      local keys = redis.call('keys', ARGV[1])
      for at = 1, #keys, 1000 do redis.call('del', unpack(keys, at, math.min(at + 999, #keys))) end
      return #keys`;
    const deleted = await redis.eval(deleteAll, 0, `${location.kind === 'redis' ? location.prefix : ''}:*`);
    redis.disconnect();
    return Number(deleted);
  }

  test('in the middle of runs delays them, and every node is still executed once', async () => {
    await engine.startWorker();
    const slow = chainOf(6);
    for (const node of slow.nodes) node.data = { ms: 150 };
    const workflow = await engine.createWorkflow(slow);
    const runIds = await Promise.all(Array.from({ length: 10 }, () => engine.start(slow, { workflow })));
    for (let round = 0; round < 3; round += 1) {
      await eventually(async () => {
        const { rows } = await engine.pool.query(
          `select count(*)::integer as done from node_executions where status = 'COMPLETED'`,
        );
        return rows[0].done > 5 + round * 15;
      });
      expect(await flush()).toBeGreaterThan(0);
    }
    for (const runId of runIds) {
      expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
      const completions = (await engine.events(runId)).filter(
        (event) => event.type === 'node.updated' && event.payload['status'] === 'COMPLETED',
      );
      expect(completions).toHaveLength(6);
    }
  });
});
