import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestEngine, describeOnBothQueues, type TestEngine } from '../testing/engine.ts';
import { eventually } from '../testing/eventually.ts';
import { edgeOf, graphOf, nodeOf } from '../testing/graphs.ts';
import { scripted, scriptedExecutor, scriptedNode } from '../testing/scripted-node.ts';

describeOnBothQueues('a run', (kind) => {
  let engine: TestEngine;
  /** Ends what waits in `meet` once two are there: alone each would wait for ever. */
  const meet: (() => void)[] = [];
  let letGo: () => void;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  const nodes = scriptedExecutor({
    meet: async () => {
      await new Promise<void>((resolve) => {
        meet.push(resolve);
        if (meet.length === 2) for (const end of meet.splice(0)) end();
      });
      return { output: 'met' };
    },
    hold: async () => {
      await held;
      return { output: 'let go' };
    },
  });
  beforeAll(async () => {
    engine = await createTestEngine(kind, { definitions: [scriptedNode], executors: [nodes.executor] });
    await engine.startWorker();
  });
  afterAll(() => engine.stop());

  test('executes a diamond, the two middle nodes at the same time', async () => {
    const { edges } = graphOf(['a', 'b', 'c', 'd'], ['a>b', 'a>c', 'b>d', 'c>d']);
    const graph = { nodes: [nodeOf('a'), scripted('b', 'meet'), scripted('c', 'meet'), nodeOf('d')], edges };
    const runId = await engine.start(graph);
    const run = await engine.finished(runId);
    const { a, b, c, d } = (await engine.nodes(runId)) as Record<string, { started_at: Date; finished_at: Date }>;
    expect(run).toMatchObject({ status: 'COMPLETED', error: null, unfinished_nodes: 0 });
    expect(b!.started_at.getTime()).toBeLessThanOrEqual(c!.finished_at.getTime());
    expect(c!.started_at.getTime()).toBeLessThanOrEqual(b!.finished_at.getTime());
    for (const middle of [b!, c!]) {
      expect(middle.started_at.getTime()).toBeGreaterThanOrEqual(a!.finished_at.getTime());
      expect(d!.started_at.getTime()).toBeGreaterThanOrEqual(middle.finished_at.getTime());
    }
  });

  test('passes outputs along edges: the value itself for one edge, all in edge order for several', async () => {
    const graph = {
      nodes: [
        nodeOf('hello', 'text', { text: 'hello' }),
        nodeOf('world', 'text', { text: 'world' }),
        nodeOf('one'),
        nodeOf('both'),
      ],
      edges: [edgeOf('hello', 'one'), edgeOf('world', 'both'), edgeOf('one', 'both')],
    };
    const runId = await engine.start(graph);
    await engine.finished(runId);
    const { one, both } = await engine.nodes(runId);
    expect(one).toMatchObject({ input_data: { input: ['hello'] }, output_data: { output: 'hello' } });
    expect(both).toMatchObject({
      input_data: { input: ['world', 'hello'] },
      output_data: { output: ['world', 'hello'] },
    });
  });

  test('starts a node the moment its own dependencies are done: a slow branch holds up nobody', async () => {
    const { nodes: quick, edges } = graphOf(['quick1', 'quick2', 'quick3'], ['quick1>quick2', 'quick2>quick3']);
    const runId = await engine.start({ nodes: [scripted('slow', 'hold'), ...quick], edges });
    await eventually(async () => (await engine.nodes(runId))['quick3']!.status === 'COMPLETED');
    expect((await engine.nodes(runId))['slow']!.status).toBe('RUNNING');
    letGo();
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
  });

  test('writes every status change as an event, numbered without a gap', async () => {
    const graph = graphOf(['a', 'b', 'c'], ['a>c', 'b>c']);
    const runId = await engine.start(graph);
    const { last_seq: lastSeq } = await engine.finished(runId);
    const events = await engine.events(runId);
    expect(events.map((event) => event.seq)).toEqual(Array.from({ length: lastSeq }, (_, index) => index + 1));
    const nodes = await engine.nodes(runId);
    for (const id of ['a', 'b', 'c']) {
      const own = events.filter((event) => event.node_execution_id === nodes[id]!.id);
      const statuses = own.map((event) => event.payload['status']);
      // The only worker makes no jobs: it begins with `a` and `b`, and goes on with `c`.
      expect(statuses).toEqual(['RUNNING', 'COMPLETED']);
    }
    const ofRun = events.filter((event) => event.type === 'run.updated');
    expect(ofRun.map((event) => event.payload['status'])).toEqual(['PENDING', 'RUNNING', 'COMPLETED']);
    expect(events.at(-1)!.type).toBe('run.updated');
    // The notice is sent once the commit is through, and on a way of its own.
    await eventually(() =>
      engine.heard.some((one) => one.kind === 'events' && one.runId === runId && one.seq === lastSeq),
    );
  });

  test('completes a graph of inline nodes without a job', async () => {
    const runId = await engine.start({ nodes: [nodeOf('t', 'text', { text: 'hi' })], edges: [] });
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
  });

  test('leaves no job behind when it ends', async () => {
    const runId = await engine.start(graphOf(['a', 'b'], ['a>b']));
    await engine.finished(runId);
    await eventually(async () => {
      for (const counts of await engine.queue.counts()) {
        expect(counts).toMatchObject({ waiting: 0, active: 0, delayed: 0 });
      }
    });
  });

  test('of many at once completes them all, each node once', async () => {
    const graph = graphOf(['a', 'b', 'c', 'd'], ['a>b', 'a>c', 'b>d', 'c>d']);
    const workflow = await engine.createWorkflow(graph);
    const runIds = await Promise.all(Array.from({ length: 30 }, () => engine.start(graph, { workflow })));
    for (const runId of runIds) {
      expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
      expect(Object.values(await engine.nodes(runId)).every((node) => node.attempt === 1)).toBe(true);
    }
  });
});
