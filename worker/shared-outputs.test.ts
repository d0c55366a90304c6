import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { cancelRun } from '../db/runs/end.ts';
import { createTestEngine, describeOnBothQueues, shortLease, type TestEngine } from '../testing/engine.ts';
import { eventually } from '../testing/eventually.ts';
import { edgeOf, nodeOf } from '../testing/graphs.ts';
import { scripted, scriptedExecutor, scriptedNode } from '../testing/scripted-node.ts';

/** Opens for everybody who waits at it. */
function createGate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

describeOnBothQueues('equal nodes', (kind) => {
  let engine: TestEngine;
  let workers: Awaited<ReturnType<TestEngine['startWorker']>>[] = [];
  let gate = createGate();
  const nodes = scriptedExecutor({
    slow: async ({ inputs, signal }) => {
      await Promise.race([
        gate.opened,
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      ]);
      return { output: `made ${nodes.calls('slow')} of ${JSON.stringify(inputs)}` };
    },
    failsFirst: async () => {
      const call = nodes.calls('failsFirst');
      if (call > 1) return { output: 'made by the second' };
      await gate.opened;
      throw new Error('not this time');
    },
    other: async () => ({ output: 'other' }),
  });
  beforeAll(async () => {
    engine = await createTestEngine(kind, { definitions: [scriptedNode], executors: [nodes.executor] });
  });
  afterEach(async () => {
    gate.open();
    await Promise.all(workers.splice(0).map((worker) => worker.stop()));
    await engine.pool.query('delete from output_cache');
    gate = createGate();
  });
  afterAll(() => engine.stop());

  const work = async (count: number, options: Parameters<TestEngine['startWorker']>[0] = {}) => {
    workers = await Promise.all(Array.from({ length: count }, () => engine.startWorker(options)));
    return workers;
  };
  const equal = (id: string, script = 'slow') => scripted(id, script, { isDeterministic: true });
  const running = (runId: string, ids: readonly string[]) =>
    eventually(async () => {
      const rows = await engine.nodes(runId);
      return ids.every((id) => rows[id]!.status === 'RUNNING');
    });
  /** Whether nobody of those that could has more than asked. */
  const called = (script: string, before: number) => nodes.calls(script) - before;

  test('of one run are executed once, and the one that waits holds no place', async () => {
    const before = nodes.calls('slow');
    await work(1, { concurrency: { io: 2 } });
    const runId = await engine.start({
      nodes: [equal('a'), equal('b'), equal('c'), nodeOf('behind'), scripted('x', 'other'), scripted('y', 'other')],
      edges: [edgeOf('b', 'behind'), edgeOf('x', 'y')],
    });
    await running(runId, ['a', 'b', 'c']);
    await eventually(async () => (await engine.nodes(runId))['y']!.status === 'COMPLETED');
    expect((await engine.run(runId)).status).toBe('RUNNING');
    gate.open();
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    const rows = await engine.nodes(runId);
    expect(called('slow', before)).toBe(1);
    expect(['a', 'b', 'c'].map((id) => rows[id]!.attempt)).toEqual([1, 1, 1]);
    expect(['a', 'b', 'c'].filter((id) => rows[id]!.cached)).toHaveLength(2);
    expect(new Set(['a', 'b', 'c', 'behind'].map((id) => JSON.stringify(rows[id]!.output_data))).size).toBe(1);
  });

  test('of a user are executed once, in whatever runs and workers they are', async () => {
    const before = nodes.calls('slow');
    await work(2);
    const graph = { nodes: [equal('a'), nodeOf('behind')], edges: [edgeOf('a', 'behind')] };
    const runIds = await Promise.all(Array.from({ length: 6 }, () => engine.start(graph)));
    for (const runId of runIds) await running(runId, ['a']);
    gate.open();
    for (const runId of runIds) expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    expect(called('slow', before)).toBe(1);
  });

  test('are each executed where a run asks for fresh results', async () => {
    const before = nodes.calls('slow');
    await work(1);
    gate.open();
    const runId = await engine.start({ nodes: [equal('a'), equal('b')], edges: [] }, { useCache: false });
    await engine.finished(runId);
    expect(called('slow', before)).toBe(2);
  });

  test('are executed by the next one where the first one fails', async () => {
    await work(1, { retryPolicy: { maxTries: 1, baseDelayMs: 1, maxDelayMs: 1, maxRetryAfterMs: 1 } });
    const runId = await engine.start({
      nodes: [equal('a', 'failsFirst'), equal('b', 'failsFirst'), equal('c', 'failsFirst')],
      edges: [],
    });
    await running(runId, ['a', 'b', 'c']);
    gate.open();
    expect(await engine.finished(runId)).toMatchObject({ status: 'FAILED' });
    const rows = Object.values(await engine.nodes(runId));
    expect(rows.map(({ status }) => status).toSorted()).toEqual(['COMPLETED', 'COMPLETED', 'FAILED']);
    expect(nodes.calls('failsFirst')).toBe(2);
    expect(rows.map(({ attempt }) => attempt)).toEqual([1, 1, 1]);
  });

  test('wait for nothing when the run of the first one, or of one that waits, is cancelled', async () => {
    const before = nodes.calls('slow');
    await work(2, { lease: { heartbeatMs: 100, leaseMs: 10_000 } });
    const graph = { nodes: [equal('a')], edges: [] };
    const first = await engine.start(graph);
    await eventually(() => called('slow', before) === 1);
    const [second, third] = await Promise.all([engine.start(graph), engine.start(graph)]);
    for (const runId of [second, third]) await running(runId, ['a']);
    expect(called('slow', before)).toBe(1);
    await cancelRun(engine.pool, second);
    // Its worker hears of it with a heartbeat; before that it would be the next one.
    await eventually(() =>
      workers.some(({ logger }) => logger.lines.some(({ message }) => message.startsWith('stopped an attempt'))),
    );
    await cancelRun(engine.pool, first);
    await eventually(() => called('slow', before) === 2);
    gate.open();
    expect(await engine.finished(third)).toMatchObject({ status: 'COMPLETED' });
    expect((await engine.run(first)).status).toBe('CANCELLED');
    expect((await engine.run(second)).status).toBe('CANCELLED');
    expect(called('slow', before)).toBe(2);
  });

  test('are executed by the next one where the worker of the first one dies', async () => {
    const before = nodes.calls('slow');
    await work(2, { ...shortLease, maxHops: 0 });
    const graph = { nodes: [equal('a'), equal('b')], edges: [] };
    const runId = await engine.start(graph);
    await running(runId, ['a', 'b']);
    await eventually(() => called('slow', before) === 1);
    await engine.pool.query(
      `update workers set expired_at = now() where id = (
         select n.worker_id from output_cache c join node_executions n on n.id = c.made_by)`,
    );
    await eventually(() => called('slow', before) === 2);
    gate.open();
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    expect(called('slow', before)).toBe(2);
  });

  test('that wait are handed back when their worker drains, and the first one is finished', async () => {
    const before = nodes.calls('slow');
    // However busy the machine is: the first one is not handed back as well.
    const [worker] = await work(1, { drainMs: 300_000 });
    const runId = await engine.start({ nodes: [equal('a'), equal('b')], edges: [] });
    await running(runId, ['a', 'b']);
    const stopping = worker!.stop();
    await eventually(async () => Object.values(await engine.nodes(runId)).some(({ status }) => status === 'QUEUED'));
    gate.open();
    await stopping;
    workers = [];
    // The one that was handed back waits for a worker, unless this one has taken it once more while it stopped.
    expect(Object.values(await engine.nodes(runId)).map(({ status }) => status)).not.toContain('RUNNING');
    await work(1);
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    expect(called('slow', before)).toBe(1);
  });

  test('do not hold up a node for longer than its time limit, which counts from where it begins itself', async () => {
    const before = nodes.calls('slow');
    await work(1);
    const limited = (id: string) => scripted(id, 'slow', { isDeterministic: true, timeoutMs: 1_500 });
    const runId = await engine.start({ nodes: [limited('a'), limited('b')], edges: [] });
    await engine.finished(runId);
    const rows = Object.values(await engine.nodes(runId));
    expect(rows.map(({ error_code: code }) => code)).toEqual(['NODE_TIMEOUT', 'NODE_TIMEOUT']);
    expect(called('slow', before)).toBe(2);
    const [earlier, later] = rows.toSorted((a, b) => a.started_at!.getTime() - b.started_at!.getTime());
    expect(later!.started_at!.getTime()).toBeGreaterThanOrEqual(earlier!.finished_at!.getTime());
  });
});
