import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { beginRuns } from '../../../db/runs/begin.ts';
import { describeOnRedis } from '../../../testing/describe-on-redis.ts';
import { doDuty, sweepContextOf, takeNodeJobs } from '../../../testing/duties.ts';
import { createTestEngine, describeOnBothQueues, type TestEngine } from '../../../testing/engine.ts';
import { chainOf } from '../../../testing/graphs.ts';
import { orchestratorQueueName, type NodePool } from '../../../queue/names.ts';
import { reconcileQueue } from './reconcile-queue.ts';

/** A run whose first node is QUEUED since a minute, without a job. */
async function strand(engine: TestEngine): Promise<{ runId: string; id: string }> {
  const runId = await engine.start(chainOf(2));
  await engine.queue.addRuns([runId]);
  await beginRuns(engine.pool, [runId]);
  await engine.pool.query(`update workflow_runs set progressed_at = now() - interval '1 minute'`);
  await engine.pool.query(`update node_executions set queued_at = now() - interval '1 minute' where node_id = 'n0'`);
  return { runId, id: (await engine.nodes(runId))['n0']!.id };
}

describeOnBothQueues('a QUEUED node that nobody claims', (kind) => {
  let engine: TestEngine;
  beforeEach(async () => {
    engine = await createTestEngine(kind);
    await engine.queue.markGeneration();
  });
  afterEach(() => engine.stop());

  const nodeJobs = async () =>
    (await engine.queue.counts())
      .filter(({ queue }) => queue !== orchestratorQueueName)
      .reduce((sum, { waiting }) => sum + waiting, 0);

  test('gets a job again when it is overdue, and no sooner', async () => {
    const { runId, id } = await strand(engine);
    await doDuty(reconcileQueue, sweepContextOf(engine, { times: { overdueMs: 3_600_000 } }));
    expect(await nodeJobs()).toBe(0);
    await doDuty(reconcileQueue, sweepContextOf(engine, { times: { overdueMs: 1_000 } }));
    expect(await takeNodeJobs(engine, 1)).toEqual([{ id, runId, attempt: 1 }]);
  });

  test('gets it before what waits already, for its run stands still', async () => {
    const other = await strand(engine);
    const { rows } = await engine.pool.query<{ pool: NodePool }>('select pool from node_executions where id = $1', [
      other.id,
    ]);
    await engine.queue.addNodes([{ ...other, attempt: 1, pool: rows[0]!.pool }]);
    const lost = await strand(engine);
    await doDuty(reconcileQueue, sweepContextOf(engine, { times: { overdueMs: 1_000 } }));
    expect(await takeNodeJobs(engine, 2)).toEqual([lost, other].map((job) => ({ ...job, attempt: 1 })));
  });

  test('gets it with the next sweep where the queue was away when it was to be added', async () => {
    const { runId, id } = await strand(engine);
    const context = sweepContextOf(engine, { times: { overdueMs: 3_600_000 } });
    const added: string[] = [];
    let isAway = true;
    const add = (name: string) => async () => {
      if (isAway) throw new Error('the queue is away');
      added.push(name);
      if (name === 'first') await engine.queue.addNodes([{ id, runId, attempt: 1, pool: 'io' }]);
    };
    const never = async () => Promise.reject(new Error('the queue does not take this'));
    for (const job of [never, add('first'), add('second')]) await context.enqueue(job);
    await doDuty(reconcileQueue, context);
    expect(added).toEqual([]);
    isAway = false;
    // What is never taken keeps nothing from being added.
    await doDuty(reconcileQueue, context);
    await doDuty(reconcileQueue, context);
    expect(added.toSorted()).toEqual(['first', 'second']);
    expect(await takeNodeJobs(engine, 1)).toEqual([{ id, runId, attempt: 1 }]);
    expect(context.lines.filter(({ level }) => level === 'warn').length).toBeGreaterThan(0);
  });

  test('gets none behind a backlog: it waits in a queue, as it should', async () => {
    await strand(engine);
    const counts = async () => [{ queue: orchestratorQueueName, waiting: 1_000, active: 0, delayed: 0 }];
    const context = () => sweepContextOf(engine, { queue: { ...engine.queue, counts } });
    await doDuty(reconcileQueue, context());
    expect(await nodeJobs()).toBe(0);
    // But for what was taken before: it goes before the backlog, so its job is lost.
    const again = await strand(engine);
    await engine.pool.query('update node_executions set attempt = 2 where id = $1', [again.id]);
    await doDuty(reconcileQueue, context());
    expect(await takeNodeJobs(engine, 1)).toEqual([{ ...again, attempt: 2 }]);
    expect(await nodeJobs()).toBe(0);
  });
});

describeOnRedis('a queue that lost its generation key', () => {
  let engine: TestEngine;
  beforeEach(async () => {
    engine = await createTestEngine('redis');
  });
  afterEach(() => engine.stop());

  test('is filled again at once, however young the work is, and marked', async () => {
    const { runId, id } = await strand(engine);
    const pending = await engine.start(chainOf(1));
    const context = sweepContextOf(engine, { times: { overdueMs: 3_600_000 } });
    expect(await engine.queue.hasGeneration()).toBe(false);
    await doDuty(reconcileQueue, context);
    expect(await engine.queue.hasGeneration()).toBe(true);
    expect(context.lines).toMatchObject([{ level: 'warn', fields: { nodes: 1, runs: 1 } }]);
    expect(await takeNodeJobs(engine, 1)).toEqual([{ id, runId, attempt: 1 }]);
    const jobs = await engine.queue.inner.find(({ name }) => name === orchestratorQueueName)!.getJob(pending);
    expect(jobs).toBeDefined();
  });

  test('is filled with what was taken before first: it has waited once already', async () => {
    const young = [await strand(engine), await strand(engine)];
    const again = await strand(engine);
    await engine.pool.query('update node_executions set attempt = 2 where id = $1', [again.id]);
    await doDuty(reconcileQueue, sweepContextOf(engine));
    const [first, ...rest] = await takeNodeJobs(engine, 3);
    expect(first).toEqual({ ...again, attempt: 2 });
    expect(new Set(rest.map(({ id }) => id))).toEqual(new Set(young.map(({ id }) => id)));
  });
});
