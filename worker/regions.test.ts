import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { v7 as newId } from 'uuid';
import { TerminalError } from '../core/errors/app-error.ts';
import { countRepeats } from '../core/graph/repeats.ts';
import type { Graph, GraphEdge, GraphNode } from '../core/graph/graph.ts';
import { checkInvariants } from '../db/invariants/check.ts';
import { ifExecutor } from '../nodes/flow/if/executor.ts';
import { mergeExecutor } from '../nodes/flow/merge/executor.ts';
import { each, eachExecutors, items, listNodes } from '../testing/each-nodes.ts';
import { createTestEngine, describeOnBothQueues, type TestEngine } from '../testing/engine.ts';
import { eventually } from '../testing/eventually.ts';
import { edgeOf, nodeOf } from '../testing/graphs.ts';
import { createRegionFacts } from './region-facts.ts';
import { createWorkflowVersions } from './versions.ts';

const named = (count: number) => Array.from({ length: count }, (_, index) => `item ${index}`);
const shouted = (values: readonly string[]) => values.map((value) => value.toUpperCase());

/** list -> do -> all, with settings of the region. */
function over(list: GraphNode, node: GraphNode, more: Partial<Graph> = {}): Graph {
  return {
    nodes: [list, node, nodeOf('all', 'whole'), ...(more.nodes ?? [])],
    edges: [edgeOf(list.id, node.id), edgeOf(node.id, 'all'), ...(more.edges ?? [])],
  };
}

const into = (source: string, target: string, targetHandle: string, rest: Partial<GraphEdge> = {}) =>
  edgeOf(source, target, { id: `${source}-${target}.${targetHandle}`, targetHandle, ...rest });

describeOnBothQueues('a region', (kind) => {
  let engine: TestEngine;
  let letGo = () => {};
  const held = new Promise<void>((resolve) => (letGo = resolve));
  const atOnce = { now: 0, most: 0 };
  const tries = new Map<string, number>();
  const nodes = eachExecutors({
    shout: async (input) => ({ output: input.toUpperCase() }),
    star: async (input) => ({ output: `*${input}*` }),
    pair: async (input, { inputs }) => ({ output: `${input} ${String(inputs['other'])}` }),
    refuseSeven: async (input) => {
      if (input === 'item 7') throw new TerminalError('PROVIDER_BAD_REQUEST', 'Not seven.');
      return { output: input.toUpperCase() };
    },
    refuseFirstTime: async (input) => {
      tries.set(input, (tries.get(input) ?? 0) + 1);
      if (input === 'item 7' && tries.get(input) === 1) throw new TerminalError('PROVIDER_BAD_REQUEST', 'Not seven.');
      return { output: input.toUpperCase() };
    },
    refuseSevenOnce: async (input) => {
      tries.set(`${input} once`, (tries.get(`${input} once`) ?? 0) + 1);
      if (input === 'item 7' && tries.get(`${input} once`)! < 2)
        throw new TerminalError('PROVIDER_BAD_REQUEST', 'Not seven.');
      return { output: input.toUpperCase() };
    },
    refuseAll: async () => {
      throw new TerminalError('PROVIDER_BAD_REQUEST', 'No.');
    },
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
    holdAll: (_input, { signal }) =>
      new Promise((_done, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
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

  async function partsOf(
    runId: string,
  ): Promise<{ index: number; status: string; key: string; label: string | null }[]> {
    const { rows } = await engine.pool.query<{ index: number; status: string; key: string; label: string | null }>(
      `select part_index as index, status, part_key as key, part_label as label from workflow_runs
        where parent_run_id = $1 order by part_index`,
      [runId],
    );
    return rows;
  }

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
    const parts = await partsOf(runId);
    expect(parts.map(({ index }) => index)).toEqual(values.map((_, index) => index));
    expect(parts[3]).toMatchObject({ status: 'COMPLETED', label: 'item 3' });
    // The driver's word of how far it has come, the last one exact.
    const told = (await engine.events(runId)).flatMap(({ payload }) => ('parts' in payload ? [payload['parts']] : []));
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
    expect(await partsOf(runId)).toEqual([]);
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

  test('lets each element go its own way: none waits for another one between nodes', async () => {
    const graph: Graph = {
      nodes: [items('list', named(4)), each('first', 'holdFirst'), each('second', 'star'), nodeOf('all', 'whole')],
      edges: [edgeOf('list', 'first'), edgeOf('first', 'second'), edgeOf('second', 'all')],
    };
    const runId = await engine.start(graph);
    // The others are through both nodes while the first element is still at the first.
    await eventually(async () => (await partsOf(runId)).filter(({ status }) => status === 'COMPLETED').length === 3);
    expect((await partsOf(runId))[0]).toMatchObject({ index: 0, status: 'RUNNING' });
    expect(await engine.nodes(runId)).toMatchObject({ first: { status: 'WAITING' }, second: { status: 'PENDING' } });
    letGo();
    await engine.finished(runId);
    expect(await engine.nodes(runId)).toMatchObject({
      second: { output_data: { output: ['*let go*', '*item 1*', '*item 2*', '*item 3*'] } },
    });
  });

  test.each([
    ['goOn', ['ITEM 6', null, 'ITEM 8'], 'ITEM 6 - ITEM 8'],
    ['leaveOut', ['ITEM 6', 'ITEM 8'], 'ITEM 6 ITEM 8'],
  ])('with %s puts out the rest, and says which element failed', async (onError, output, joined) => {
    const runId = await engine.start(
      over(items('list', named(9).slice(6)), each('do', 'refuseSeven', { each: { onError } })),
    );
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED', error: null });
    const [, second] = await partsOf(runId);
    const error = { index: 1, key: second!.key, code: 'PROVIDER_BAD_REQUEST', message: 'Not seven.', attempts: 1 };
    expect(await engine.nodes(runId)).toMatchObject({
      do: { status: 'COMPLETED', output_data: { output, errors: [error] } },
      all: { output_data: { output: joined } },
    });
  });

  test('stops where an element fails: no new part begins, and what was made is kept', async () => {
    const settings = { each: { concurrency: 1 } };
    const runId = await engine.start(over(items('list', named(20)), each('do', 'refuseSeven', settings)));
    expect(await engine.finished(runId)).toMatchObject({ status: 'FAILED', unfinished_nodes: 0 });
    expect(await engine.nodes(runId)).toMatchObject({
      do: { status: 'FAILED', error_code: 'ELEMENTS_FAILED', error: expect.stringContaining('Element 8: Not seven.') },
      all: { status: 'SKIPPED', error_code: 'DEPENDENCY_FAILED' },
    });
    const statuses = (await partsOf(runId)).map(({ status }) => status);
    expect(statuses).toEqual([...Array.from({ length: 7 }, () => 'COMPLETED'), 'FAILED']);
    const told = (await engine.events(runId)).flatMap(({ payload }) => ('parts' in payload ? [payload['parts']] : []));
    expect(told.at(-1)).toMatchObject({ total: 20, done: 7, failed: 1, skipped: 12, queued: 0, running: 0 });
  });

  test('fails after all where more elements failed than may', async () => {
    const settings = { each: { onError: 'goOn', failAbove: { percent: 20 } } };
    const runId = await engine.start(over(items('list', named(30)), each('do', 'refuseAll', settings)));
    expect(await engine.finished(runId)).toMatchObject({ status: 'FAILED' });
    expect(await engine.nodes(runId)).toMatchObject({ do: { error_code: 'ELEMENTS_FAILED' } });
    // Of the window that was under way when the seventh failed nothing more is begun.
    expect((await partsOf(runId)).length).toBeLessThan(30);
  });

  test('is retried with what is missing alone; what completed stands in', async () => {
    const onError = { each: { onError: 'goOn' } };
    const runId = await engine.start(over(items('list', named(12)), each('do', 'refuseFirstTime', onError)));
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    const before = nodes.calls('refuseFirstTime').length;
    const retry = await engine.starter.retry({ retryOf: runId, userId: 'user-1' });
    expect(await engine.finished(retry.id)).toMatchObject({ status: 'COMPLETED' });
    expect(nodes.calls('refuseFirstTime').slice(before)).toEqual(['item 7']);
    expect(await engine.nodes(retry.id)).toMatchObject({
      do: { output_data: { output: shouted(named(12)), errors: [] } },
      all: { output_data: { output: shouted(named(12)).join(' ') } },
    });
    const told = (await engine.events(retry.id)).flatMap(({ payload }) =>
      'parts' in payload ? [payload['parts']] : [],
    );
    expect(told.at(-1)).toMatchObject({ total: 12, done: 12, cached: 11, failed: 0 });
    await expect(engine.starter.retry({ retryOf: retry.id, userId: 'user-1' })).rejects.toMatchObject({
      code: 'RUN_NOTHING_TO_RETRY',
    });
  });

  test('is retried with what is missing alone after a retry that was canceled before it came to the region', async () => {
    const onError = { each: { onError: 'goOn' } };
    const list = items('list', named(9).toReversed());
    const runId = await engine.start(over(list, each('do', 'refuseSevenOnce', onError)));
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    const canceled = newId();
    // As if it had been canceled at once.
    await engine.pool.query(
      `with r as (
         insert into workflow_runs (id, workflow_id, workflow_version_id, user_id, trigger_type, mode, retry_of, status,
                                    unfinished_nodes, last_seq, deadline_at, admitted_at, finished_at)
         select $2, workflow_id, workflow_version_id, user_id, 'RETRY', mode, id, 'CANCELLED', 0, 0, now(), now(), now()
           from workflow_runs where id = $1)
       insert into node_executions (id, run_id, node_id, node_type, pool, status, dependencies, dependents, fingerprint,
                                    timeout_ms, pending_dependencies, output_data, region, finished_at)
       select gen_random_uuid(), $2, node_id, node_type, pool, case when node_id = 'list' then 'COMPLETED' else 'CANCELLED' end,
              dependencies, dependents, fingerprint, timeout_ms, 0, case when node_id = 'list' then output_data end, region, now()
         from node_executions where run_id = $1`,
      [runId, canceled],
    );
    const before = nodes.calls('refuseSevenOnce').length;
    const retry = await engine.starter.retry({ retryOf: canceled, userId: 'user-1' });
    expect(await engine.finished(retry.id)).toMatchObject({ status: 'COMPLETED' });
    expect(nodes.calls('refuseSevenOnce').slice(before)).toEqual(['item 7']);
  });

  test('goes on where the worker knew of it before another one opened it with parts that stand in', async () => {
    const { pool, starterDependencies } = engine;
    const { catalogue } = starterDependencies;
    const versions = createWorkflowVersions(pool, catalogue);
    const facts = createRegionFacts({ pool, catalogue, versions, maxElements: 100 });
    const runId = await engine.start(over(items('list', named(4)), each('do', 'shout')));
    await engine.finished(runId);
    const driver = (await engine.nodes(runId))['do']!.id;
    const { rows } = await pool.query('delete from run_regions where node_execution_id = $1 returning *', [driver]);
    expect(await facts.read(driver)).toMatchObject({ isOpen: false, cursor: 0 });
    await pool.query('insert into run_regions select * from jsonb_populate_record(null::run_regions, $1)', [
      { ...(rows[0] as object), next_index: 1 },
    ]);
    expect(await facts.read(driver)).toMatchObject({ isOpen: true, cursor: 1, ahead: new Set([1, 2, 3]) });
    await pool.query('update run_regions set next_index = 4 where node_execution_id = $1', [driver]);
  });

  test('ends with its run: every part is canceled', async () => {
    const runId = await engine.start(over(items('list', named(20)), each('do', 'holdAll')));
    await eventually(async () => (await partsOf(runId)).length === 8);
    await eventually(() => nodes.calls('holdAll').length >= 8);
    expect(await engine.starter.cancel(runId)).toBe(true);
    const parts = await partsOf(runId);
    expect(parts.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 'CANCELLED'));
    expect(await engine.nodes(runId)).toMatchObject({ do: { status: 'CANCELLED' }, all: { status: 'CANCELLED' } });
    const { rows } = await engine.pool.query(
      `select distinct n.status from workflow_runs p join node_executions n on n.run_id = p.id where p.parent_run_id = $1`,
      [runId],
    );
    expect(rows).toEqual([{ status: 'CANCELLED' }]);
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
    expect((await partsOf(runId)).length).toBe(status === 'SKIPPED' ? 0 : 2);
  });

  test('runs as a part of a workflow on the list that an earlier run has given', async () => {
    const graph: Graph = {
      nodes: [items('list', named(3)), each('first', 'shout'), each('second', 'star'), nodeOf('all', 'whole')],
      edges: [edgeOf('list', 'first'), edgeOf('first', 'second'), edgeOf('second', 'all')],
    };
    const workflow = await engine.createWorkflow(graph);
    const request = { userId: 'user-1', workflow: { id: workflow.id }, triggerType: 'MANUAL' as const };
    const whole = await engine.starter.start(request);
    await engine.finished(whole.id);
    const before = nodes.calls('star').length;
    const half = await engine.starter.start({ ...request, mode: 'selected', nodeIds: ['second'] });
    expect(await engine.finished(half.id)).toMatchObject({ status: 'COMPLETED' });
    expect(nodes.calls('star').length - before).toBe(3);
    expect(await engine.nodes(half.id)).toMatchObject({
      first: { status: 'COMPLETED', cached: true },
      second: { output_data: { output: shouted(named(3)).map((value) => `*${value}*`) } },
    });
  });

  test('takes equal elements from the cache, and says how many', async () => {
    const graph = over(
      items('list', ['a', 'b', 'a']),
      each('do', 'shout', { isDeterministic: true, label: `cache ${kind}` }),
    );
    const before = nodes.calls('shout').length;
    const first = await engine.start(graph);
    await engine.finished(first);
    expect(nodes.calls('shout').length - before).toBe(2);
    const again = await engine.start(graph);
    await engine.finished(again);
    expect(nodes.calls('shout').length - before).toBe(2);
    const told = (await engine.events(again)).flatMap(({ payload }) => ('parts' in payload ? [payload['parts']] : []));
    expect(told.at(-1)).toMatchObject({ done: 3, cached: 3 });
  });

  test('handles the failure of an element within its part', async () => {
    const graph: Graph = {
      nodes: [
        items('list', named(9).slice(6)),
        each('do', 'refuseSeven'),
        nodeOf('meet', 'merge'),
        each('note', 'star'),
        nodeOf('all', 'whole'),
      ],
      edges: [edgeOf('list', 'do'), edgeOf('do', 'all'), edgeOf('do', 'meet', { sourceHandle: 'error' })],
    };
    graph.nodes = graph.nodes.filter(({ id }) => id !== 'note');
    const runId = await engine.start(graph);
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED', error: null });
    expect(await engine.nodes(runId)).toMatchObject({
      do: {
        output_data: {
          output: ['ITEM 6', 'ITEM 8'],
          errors: [],
          error: [{ code: 'PROVIDER_BAD_REQUEST', message: 'Not seven.' }],
        },
      },
    });
  });

  test('has no more elements, and a run no more executions, than the installation allows', async () => {
    const worker = await createTestEngine(kind, { definitions: listNodes, executors: nodes.executors });
    try {
      await worker.startWorker({ regions: { maxElements: 5, maxExecutions: 8 } });
      const calls = nodes.calls('shout').length;
      const long = await worker.start(over(items('list', named(6)), each('do', 'shout')));
      await worker.finished(long);
      expect(await worker.nodes(long)).toMatchObject({ do: { status: 'FAILED', error_code: 'LIST_TOO_LONG' } });
      const large = await worker.start({
        nodes: [items('list', named(5)), each('do', 'shout'), each('more', 'star')],
        edges: [edgeOf('list', 'do'), edgeOf('do', 'more')],
      });
      await worker.finished(large);
      expect(await worker.nodes(large)).toMatchObject({ do: { status: 'FAILED', error_code: 'RUN_TOO_LARGE' } });
      expect(nodes.calls('shout').length).toBe(calls);
    } finally {
      await worker.stop();
    }
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

  test('is refused where it lies within another one', async () => {
    const graph: Graph = {
      nodes: [items('list', ['a b', 'c']), nodeOf('split', 'split'), each('do', 'shout')],
      edges: [edgeOf('list', 'split'), edgeOf('split', 'do')],
    };
    await expect(engine.start(graph)).rejects.toMatchObject({ code: 'TYPE_MISMATCH' });
  });
});
