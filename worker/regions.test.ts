import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { countRepeats } from '../core/graph/repeats.ts';
import type { Graph, GraphNode } from '../core/graph/graph.ts';
import { checkInvariants } from '../db/invariants/check.ts';
import { listRegionsOfRun } from '../db/regions/list-of-run.ts';
import { ifExecutor } from '../nodes/flow/if/executor.ts';
import { mergeExecutor } from '../nodes/flow/merge/executor.ts';
import { each, eachExecutors, items, listNodes } from '../testing/each-nodes.ts';
import type { NodeJob } from '../queue/run-queue.ts';
import { createTestEngine, describeOnBothQueues, type TestEngine } from '../testing/engine.ts';
import { eventually } from '../testing/eventually.ts';
import { edgeOf, nodeOf } from '../testing/graphs.ts';
import { into, named, over, partsOf, partsTold, shouted } from '../testing/regions.ts';

describeOnBothQueues('a region', (kind) => {
  let engine: TestEngine;
  let letGo = () => {};
  const held = new Promise<void>((resolve) => (letGo = resolve));
  const atOnce = { now: 0, most: 0 };
  const nodes = eachExecutors({
    shout: async (input) => ({ output: input.toUpperCase() }),
    star: async (input) => ({ output: `*${input}*` }),
    pair: async (input, { inputs }) => ({ output: `${input} ${String(inputs['other'])}` }),
    count: async (input) => {
      atOnce.now += 1;
      atOnce.most = Math.max(atOnce.most, atOnce.now);
      await new Promise(setImmediate);
      atOnce.now -= 1;
      return { output: input };
    },
    holdFirst: async (input, { signal }) => {
      if (input !== 'item 0') return { output: input };
      await Promise.race([
        held,
        new Promise((_done, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      ]);
      return { output: 'let go' };
    },
  });
  beforeAll(async () => {
    engine = await createTestEngine(kind, {
      definitions: listNodes,
      executors: [...nodes.executors, ifExecutor, mergeExecutor],
    });
    await engine.startWorker();
  });
  afterAll(async () => {
    const broken = await checkInvariants(engine.pool, { leaseMs: 60_000, windowMs: null, limit: 10_000 });
    await engine.stop();
    expect(Object.entries(broken).filter(([, violations]) => violations > 0)).toEqual([]);
  });

  test('executes its nodes once for each element, and puts out lists in their order', async () => {
    const values = named(20);
    const runId = await engine.start({
      nodes: [items('list', values), each('shout', 'shout'), each('star', 'star'), nodeOf('all', 'whole')],
      edges: [edgeOf('list', 'shout'), edgeOf('shout', 'star'), edgeOf('star', 'all')],
    });
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED', unfinished_nodes: 0 });
    expect(await engine.nodes(runId)).toMatchObject({
      shout: { status: 'COMPLETED', output_data: { output: shouted(values), errors: [] } },
      star: { status: 'COMPLETED', output_data: { output: shouted(values).map((value) => `*${value}*`) } },
      all: {
        status: 'COMPLETED',
        output_data: {
          output: shouted(values)
            .map((value) => `*${value}*`)
            .join(' '),
        },
      },
    });
    expect(nodes.calls('shout').toSorted()).toEqual(values.toSorted());
    expect(await listRegionsOfRun(engine.pool, runId)).toEqual([
      { nodes: ['shout', 'star'], origins: ['list'], failed: 0 },
    ]);
    const parts = await partsOf(engine.pool, runId);
    expect(parts.map(({ index }) => index)).toEqual(values.map((_, index) => index));
    expect(parts[3]).toMatchObject({ status: 'COMPLETED', label: 'item 3' });
    // The driver's word of how far it has come, the last one exact.
    const told = await partsTold(engine, runId);
    expect(told[0]).toEqual({
      total: 20,
      queued: 20,
      running: 0,
      waiting: 0,
      done: 0,
      cached: 0,
      failed: 0,
      skipped: 0,
    });
    expect(told.at(-1)).toEqual({
      total: 20,
      queued: 0,
      running: 0,
      waiting: 0,
      done: 20,
      cached: 0,
      failed: 0,
      skipped: 0,
    });
  });

  test('of no element completes at once, without a part', async () => {
    const runId = await engine.start(over(items('list', []), each('do', 'shout')));
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    expect(await engine.nodes(runId)).toMatchObject({
      do: { output_data: { output: [], errors: [] }, attempt: 1 },
      all: { output_data: { output: '' } },
    });
    expect(await partsOf(engine.pool, runId)).toEqual([]);
  });

  test('pairs two lists, gives every part what is single, and refuses lists of different lengths before anything is executed', async () => {
    const two = (other: GraphNode) =>
      over(items('list', ['a', 'b']), each('do', 'pair'), { nodes: [other], edges: [into(other.id, 'do', 'other')] });
    const paired = await engine.start(two(items('list2', ['c', 'd'])));
    await engine.finished(paired);
    expect(await engine.nodes(paired)).toMatchObject({ do: { output_data: { output: ['a c', 'b d'] } } });
    const single = await engine.start(two(nodeOf('single', 'text', { text: 'x' })));
    await engine.finished(single);
    expect(await engine.nodes(single)).toMatchObject({ do: { output_data: { output: ['a x', 'b x'] } } });
    const calls = nodes.calls('pair').length;
    const uneven = await engine.start(two(items('list2', ['c'])));
    expect(await engine.finished(uneven)).toMatchObject({ status: 'FAILED' });
    expect(await engine.nodes(uneven)).toMatchObject({
      do: { status: 'FAILED', error_code: 'LIST_LENGTHS_DIFFER', attempt: 1 },
      all: { status: 'SKIPPED' },
    });
    expect(nodes.calls('pair').length).toBe(calls);
  });

  test('combines each with each where it is told to', async () => {
    const graph = over(items('list', ['a', 'b']), each('do', 'pair', { each: { pairing: 'combinations' } }), {
      nodes: [items('list2', ['1', '2', '3'])],
      edges: [into('list2', 'do', 'other')],
    });
    const runId = await engine.start(graph);
    await engine.finished(runId);
    expect(await engine.nodes(runId)).toMatchObject({
      do: { output_data: { output: ['a 1', 'a 2', 'a 3', 'b 1', 'b 2', 'b 3'] } },
    });
  });

  test('has so many parts under way at once, and no more', async () => {
    const runId = await engine.start(over(items('list', named(30)), each('do', 'count', { each: { concurrency: 3 } })));
    await engine.finished(runId);
    expect(await engine.nodes(runId)).toMatchObject({ do: { output_data: { output: named(30) } } });
    expect(atOnce.most).toBeLessThanOrEqual(3);
  });

  test('executes first nodes of its elements where it makes them, without a job', async () => {
    const added: NodeJob[] = [];
    const spy = jest.spyOn(engine.queue, 'addNodes').mockImplementation(async (jobs) => void added.push(...jobs));
    const runId = await engine
      .start(over(items('list', named(30)), each('do', 'shout', { each: { concurrency: 5 } })))
      .then(async (id) => (await engine.finished(id)) && id)
      .finally(() => spy.mockRestore());
    expect(added.filter(({ isAlone }) => isAlone)).toEqual([]);
    const { rows } = await engine.pool.query(
      `select n.status, n.queued_at is not null as queued, array_agg(e.payload ->> 'status' order by e.seq) as story, array_agg(e.seq order by e.seq) as seq, p.last_seq
         from workflow_runs p join node_executions n on n.run_id = p.id
         join run_events e on e.run_id = p.id and e.node_execution_id = n.id
        where p.parent_run_id = $1 group by n.id, p.id`,
      [runId],
    );
    const story = { status: 'COMPLETED', queued: true, story: ['RUNNING', 'COMPLETED'], seq: [1, 2], last_seq: 3 };
    expect(rows).toEqual(named(30).map(() => story));
  });

  test('executes them once where the statement that made them is not answered', async () => {
    const query = engine.pool.query.bind(engine.pool);
    let lost = 0;
    const spy = jest.spyOn(engine.pool, 'query').mockImplementation((async (...args: Parameters<typeof query>) => {
      const answer: unknown = await (query(...args) as unknown as Promise<unknown>);
      const { name, values } = args[0] as unknown as { readonly name?: string; readonly values?: readonly unknown[] };
      if (name !== 'advance-regions' || values?.[0] === '[]' || lost === 3) return answer;
      lost += 1;
      throw new Error('Connection terminated');
    }) as typeof engine.pool.query);
    const before = nodes.calls('shout').length;
    const values = named(12).map((name) => `lost ${name}`);
    const runId = await engine
      .start(over(items('list', values), each('do', 'shout', { each: { concurrency: 2 } })))
      .then(async (id) => (await engine.finished(id)) && id)
      .finally(() => spy.mockRestore());
    expect(lost).toBe(3);
    expect(await engine.nodes(runId)).toMatchObject({ do: { output_data: { output: shouted(values) } } });
    expect(nodes.calls('shout').slice(before).toSorted()).toEqual(values.toSorted());
  });

  test('lets each element go its own way: none waits for another one between nodes', async () => {
    const graph: Graph = {
      nodes: [items('list', named(4)), each('first', 'holdFirst'), each('second', 'star'), nodeOf('all', 'whole')],
      edges: [edgeOf('list', 'first'), edgeOf('first', 'second'), edgeOf('second', 'all')],
    };
    const runId = await engine.start(graph);
    // The others are through both nodes while the first element is still at the first.
    await eventually(
      async () => (await partsOf(engine.pool, runId)).filter(({ status }) => status === 'COMPLETED').length === 3,
    );
    expect((await partsOf(engine.pool, runId))[0]).toMatchObject({ index: 0, status: 'RUNNING' });
    expect(await engine.nodes(runId)).toMatchObject({ first: { status: 'WAITING' }, second: { status: 'PENDING' } });
    letGo();
    await engine.finished(runId);
    expect(await engine.nodes(runId)).toMatchObject({
      second: { output_data: { output: ['*let go*', '*item 1*', '*item 2*', '*item 3*'] } },
    });
  });

  test('may come after another one, and beside it', async () => {
    const graph: Graph = {
      nodes: [
        items('list', named(5)),
        each('first', 'shout'),
        nodeOf('all', 'whole'),
        items('list2', ['x', 'y']),
        each('second', 'star'),
        each('third', 'pair'),
        nodeOf('all2', 'whole'),
      ],
      edges: [
        edgeOf('list', 'first'),
        edgeOf('first', 'all'),
        edgeOf('list2', 'second'),
        // What the first puts out as a whole goes to each part of another one.
        edgeOf('second', 'third'),
        into('all', 'third', 'other'),
        edgeOf('third', 'all2'),
      ],
    };
    const runId = await engine.start(graph);
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    const all = shouted(named(5)).join(' ');
    expect(await engine.nodes(runId)).toMatchObject({
      first: { output_data: { output: shouted(named(5)) } },
      third: { output_data: { output: [`*x* ${all}`, `*y* ${all}`] } },
    });
  });

  test('takes a way of its own for each element', async () => {
    const graph: Graph = {
      nodes: [
        items('list', ['a', 'b', 'ab']),
        nodeOf('if', 'if', { operator: 'contains', operand: 'b' }),
        each('yes', 'star'),
        each('no', 'shout'),
        nodeOf('withB', 'whole'),
        nodeOf('withoutB', 'whole'),
      ],
      edges: [
        edgeOf('list', 'if', { data: { each: true } }),
        edgeOf('if', 'yes', { sourceHandle: 'true' }),
        edgeOf('if', 'no', { sourceHandle: 'false' }),
        edgeOf('yes', 'withB'),
        edgeOf('no', 'withoutB'),
      ],
    };
    const runId = await engine.start(graph);
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    expect(await engine.nodes(runId)).toMatchObject({
      withB: { output_data: { output: '*b* *ab*' } },
      withoutB: { output_data: { output: 'A' } },
    });
  });

  test('leaves out what it has no value for: a place that is empty in its list is not executed', async () => {
    const runId = await engine.start(
      over(items('list', ['a', null, 'c']), each('do', 'shout', { each: { onError: 'goOn' } })),
    );
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    expect(await engine.nodes(runId)).toMatchObject({ do: { output_data: { output: ['A', null, 'C'], errors: [] } } });
  });

  test('is not begun where a branch that is not taken leads to it, and what comes after it is skipped', async () => {
    const graph: Graph = {
      nodes: [
        nodeOf('text', 'text', { text: 'a' }),
        nodeOf('if', 'if', { operator: 'contains', operand: 'b' }),
        each('list', 'shout'),
        items('other', ['x']),
        each('do', 'pair'),
        nodeOf('all', 'whole'),
      ],
      edges: [
        edgeOf('text', 'if'),
        edgeOf('if', 'list', { sourceHandle: 'true' }),
        edgeOf('other', 'do'),
        into('list', 'do', 'other'),
        edgeOf('do', 'all'),
      ],
    };
    // What is single is not there: the parts do without, since the input is optional.
    const runId = await engine.start(graph);
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    expect(await engine.nodes(runId)).toMatchObject({
      list: { status: 'SKIPPED' },
      do: { output_data: { output: ['x undefined'] } },
    });
  });

  test.each([
    ['is skipped, with all that comes after it,', 'isEmpty', { status: 'SKIPPED', error_code: null }],
    ['is gone through', 'isNotEmpty', { status: 'COMPLETED', output_data: { output: '*A* *B*' } }],
  ])('%s where its list comes by a branch: %s', async (_what, operator, all) => {
    const graph: Graph = {
      nodes: [
        nodeOf('text', 'text', { text: 'a b' }),
        nodeOf('if', 'if', { operator }),
        nodeOf('list', 'split'),
        each('do', 'shout'),
        each('more', 'star'),
        nodeOf('all', 'whole'),
      ],
      edges: [
        edgeOf('text', 'if'),
        edgeOf('if', 'list', { sourceHandle: 'true' }),
        edgeOf('list', 'do'),
        edgeOf('do', 'more'),
        edgeOf('more', 'all'),
      ],
    };
    const runId = await engine.start(graph);
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    const status = all.status;
    expect(await engine.nodes(runId)).toMatchObject({ do: { status, error_code: null }, more: { status }, all });
    expect((await partsOf(engine.pool, runId)).length).toBe(status === 'SKIPPED' ? 0 : 2);
  });

  test('is planned with how often its nodes are executed, as far as its lists are known', async () => {
    const graph = over(items('list', ['a', 'b', 'c']), each('do', 'shout'));
    const workflow = await engine.createWorkflow(graph);
    const request = { userId: 'user-1', workflow: { id: workflow.id }, triggerType: 'MANUAL' as const };
    const planned = async () => {
      const { plan, structure, reusable } = await engine.starter.plan(workflow, {
        userId: 'user-1',
        mode: 'from',
        nodeIds: ['do'],
      });
      const outputsOf = (nodeId: string) => reusable.get(nodeId)?.outputs;
      return countRepeats(plan, structure, engine.starterDependencies.catalogue, outputsOf).get('do');
    };
    expect(await planned()).toBe('unknown');
    await engine.finished((await engine.starter.start(request)).id);
    expect(await planned()).toBe(3);
  });
});
