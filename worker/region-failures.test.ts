import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { v7 as newId } from 'uuid';
import { TerminalError } from '../core/errors/app-error.ts';
import type { Graph } from '../core/graph/graph.ts';
import { checkInvariants } from '../db/invariants/check.ts';
import { ifExecutor } from '../nodes/flow/if/executor.ts';
import { mergeExecutor } from '../nodes/flow/merge/executor.ts';
import { each, eachExecutors, items, listNodes } from '../testing/each-nodes.ts';
import { createTestEngine, describeOnBothQueues, unavailable, type TestEngine } from '../testing/engine.ts';
import { eventually } from '../testing/eventually.ts';
import { edgeOf, nodeOf } from '../testing/graphs.ts';
import { createRegionFacts } from './region-facts.ts';
import { createWorkflowVersions } from './versions.ts';
import { named, over, partsOf, partsTold, shouted } from '../testing/regions.ts';

describeOnBothQueues('a region', (kind) => {
  let engine: TestEngine;
  const tries = new Map<string, number>();
  const nodes = eachExecutors({
    shout: async (input) => ({ output: input.toUpperCase() }),
    star: async (input) => ({ output: `*${input}*` }),
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

  test.each([
    ['goOn', ['ITEM 6', null, 'ITEM 8'], 'ITEM 6 - ITEM 8'],
    ['leaveOut', ['ITEM 6', 'ITEM 8'], 'ITEM 6 ITEM 8'],
  ])('with %s puts out the rest, and says which element failed', async (onError, output, joined) => {
    const runId = await engine.start(
      over(items('list', named(9).slice(6)), each('do', 'refuseSeven', { each: { onError } })),
    );
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED', error: null });
    const [, second] = await partsOf(engine.pool, runId);
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
    const statuses = (await partsOf(engine.pool, runId)).map(({ status }) => status);
    expect(statuses).toEqual([...Array.from({ length: 7 }, () => 'COMPLETED'), 'FAILED']);
    const told = await partsTold(engine, runId);
    expect(told.at(-1)).toMatchObject({ total: 20, done: 7, failed: 1, skipped: 12, queued: 0, running: 0 });
  });

  test('fails after all where more elements failed than may', async () => {
    const settings = { each: { onError: 'goOn', failAbove: { percent: 20 } } };
    const runId = await engine.start(over(items('list', named(30)), each('do', 'refuseAll', settings)));
    expect(await engine.finished(runId)).toMatchObject({ status: 'FAILED' });
    expect(await engine.nodes(runId)).toMatchObject({ do: { error_code: 'ELEMENTS_FAILED' } });
    // Of the window that was under way when the seventh failed nothing more is begun.
    expect((await partsOf(engine.pool, runId)).length).toBeLessThan(30);
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
    const told = await partsTold(engine, retry.id);
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
    const facts = createRegionFacts({ pool, catalogue, versions, maxElements: 100, lists: unavailable('lists') });
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
    await eventually(async () => (await partsOf(engine.pool, runId)).length === 8);
    await eventually(() => nodes.calls('holdAll').length >= 8);
    expect(await engine.starter.cancel(runId)).toBe(true);
    const parts = await partsOf(engine.pool, runId);
    expect(parts.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 'CANCELLED'));
    expect(await engine.nodes(runId)).toMatchObject({ do: { status: 'CANCELLED' }, all: { status: 'CANCELLED' } });
    const { rows } = await engine.pool.query(
      `select distinct n.status from workflow_runs p join node_executions n on n.run_id = p.id where p.parent_run_id = $1`,
      [runId],
    );
    expect(rows).toEqual([{ status: 'CANCELLED' }]);
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
    const told = await partsTold(engine, again);
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
});
