import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { RetryableError, TerminalError } from '../core/errors/app-error.ts';
import type { Graph, GraphEdge, GraphNode } from '../core/graph/graph.ts';
import { checkInvariants } from '../db/invariants/check.ts';
import { ifExecutor } from '../nodes/flow/if/executor.ts';
import { mergeExecutor } from '../nodes/flow/merge/executor.ts';
import { switchExecutor } from '../nodes/flow/switch/executor.ts';
import { createTestEngine, describeOnBothQueues, type TestEngine } from '../testing/engine.ts';
import { eventually } from '../testing/eventually.ts';
import { edgeOf, graphOf, nodeOf } from '../testing/graphs.ts';
import { scripted, scriptedExecutor, scriptedNode } from '../testing/scripted-node.ts';

const from = (source: string, sourceHandle: string, target: string, rest: Partial<GraphEdge> = {}) =>
  edgeOf(source, target, { id: `${source}.${sourceHandle}-${target}`, sourceHandle, ...rest });

/** A text that is asked for the letter b, and what hangs on the two ways. */
function twoWays(text: string, { yes, no }: { yes: GraphNode; no: GraphNode }, more: Partial<Graph> = {}): Graph {
  return {
    nodes: [
      nodeOf('text', 'text', { text }),
      nodeOf('if', 'if', { operator: 'contains', operand: 'b' }),
      yes,
      no,
      ...(more.nodes ?? []),
    ],
    edges: [edgeOf('text', 'if'), from('if', 'true', yes.id), from('if', 'false', no.id), ...(more.edges ?? [])],
  };
}

describeOnBothQueues('branches', (kind) => {
  let engine: TestEngine;
  let letGo = () => {};
  const held = new Promise<void>((resolve) => (letGo = resolve));
  const nodes = scriptedExecutor({
    refuse: async () => {
      throw new TerminalError('PROVIDER_BAD_REQUEST', 'No.');
    },
    refuseOnce: async () => {
      if (nodes.calls('refuseOnce') === 1) throw new TerminalError('PROVIDER_BAD_REQUEST', 'Not now.');
      return { output: 'now' };
    },
    overload: async () => {
      throw new RetryableError('PROVIDER_OVERLOADED', 'Busy.');
    },
    pass: async ({ inputs }) => ({ output: inputs['input'] ?? null }),
    count: async () => ({ output: `made ${nodes.calls('count')}` }),
    hold: async () => {
      await held;
      return { output: 'let go' };
    },
  });
  beforeAll(async () => {
    engine = await createTestEngine(kind, {
      definitions: [scriptedNode],
      executors: [ifExecutor, switchExecutor, mergeExecutor, nodes.executor],
    });
    await engine.startWorker();
  });
  afterAll(async () => {
    const broken = await checkInvariants(engine.pool, { leaseMs: 60_000, windowMs: null, limit: 1_000 });
    await engine.stop();
    expect(Object.entries(broken).filter(([, violations]) => violations > 0)).toEqual([]);
  });

  const edgeStates = (row: unknown) =>
    Object.fromEntries(
      (row as { edges: { in: { id: string; state?: string }[] } }).edges.in.map(({ id, state }) => [id, state]),
    );

  test('take the way that the value asks for; the other one is skipped, and the ways meet', async () => {
    const merge: Partial<Graph> = {
      nodes: [nodeOf('further'), nodeOf('meet', 'merge')],
      edges: [edgeOf('no', 'further'), edgeOf('further', 'meet'), edgeOf('yes', 'meet')],
    };
    const runId = await engine.start(twoWays('abc', { yes: nodeOf('yes'), no: nodeOf('no') }, merge));
    expect(await engine.finished(runId)).toMatchObject({
      status: 'COMPLETED',
      error: null,
      unfinished_nodes: 0,
      failed_nodes: 0,
    });
    const rows = await engine.nodes(runId);
    expect(rows).toMatchObject({
      if: { status: 'COMPLETED', output_data: { true: 'abc' } },
      yes: { status: 'COMPLETED', attempt: 1 },
      no: { status: 'SKIPPED', error: null, error_code: null, output_data: null },
      further: { status: 'SKIPPED', error_code: null },
      meet: { status: 'COMPLETED', input_data: { values: ['abc'] }, output_data: { output: 'abc' } },
    });
    expect(edgeStates(rows['meet'])).toEqual({ 'further-meet': 'dead', 'yes-meet': 'live' });
    const events = await engine.events(runId);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  });

  test('go through a switch by its first case, else by else', async () => {
    const cases = [
      { id: 'refund', label: 'Refund', operator: 'matches', operand: '(?i)refund|money back' },
      { id: 'long', operator: 'isNotEmpty', expression: 'value.size() > 20' },
    ];
    const graph = (text: string): Graph => ({
      nodes: [
        nodeOf('text', 'text', { text }),
        nodeOf('switch', 'switch', { cases }),
        ...['refund', 'long', 'else'].map((id) => nodeOf(id)),
      ],
      edges: [edgeOf('text', 'switch'), ...['refund', 'long', 'else'].map((id) => from('switch', id, id))],
    });
    for (const [text, taken] of [
      ['I want a REFUND, and this is long', 'refund'],
      ['this is long, and about something', 'long'],
      ['short', 'else'],
    ] as const) {
      const runId = await engine.start(graph(text));
      expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
      const rows = await engine.nodes(runId);
      const statuses = ['refund', 'long', 'else'].map((id) => [id, rows[id]!.status]);
      expect(statuses).toEqual(['refund', 'long', 'else'].map((id) => [id, id === taken ? 'COMPLETED' : 'SKIPPED']));
    }
  });

  test('a condition that cannot be asked fails its node, in words', async () => {
    const graph: Graph = {
      nodes: [
        nodeOf('text', 'text', { text: 'many' }),
        nodeOf('if', 'if', { operator: 'greater', operand: 5 }),
        nodeOf('yes'),
      ],
      edges: [edgeOf('text', 'if'), from('if', 'true', 'yes')],
    };
    const runId = await engine.start(graph);
    expect(await engine.finished(runId)).toMatchObject({ status: 'FAILED' });
    expect(await engine.nodes(runId)).toMatchObject({
      if: { status: 'FAILED', error_code: 'CONDITION_INVALID', attempt: 1 },
      yes: { status: 'SKIPPED', error_code: 'DEPENDENCY_FAILED' },
    });
  });

  test('a handle that takes many has the values that came, in edge order', async () => {
    const ways: Partial<Graph> = {
      nodes: [nodeOf('other', 'text', { text: 'other' }), nodeOf('all', 'merge', { mode: 'all' })],
      edges: [from('other', 'output', 'all'), from('no', 'output', 'all'), from('yes', 'output', 'all')],
    };
    const runId = await engine.start(twoWays('b', { yes: nodeOf('yes'), no: nodeOf('no') }, ways));
    await engine.finished(runId);
    expect((await engine.nodes(runId))['all']).toMatchObject({
      status: 'COMPLETED',
      output_data: { output: ['other', 'b'] },
    });
  });

  test('a long way that is not taken is skipped in one statement, with an event for each node', async () => {
    const ids = Array.from({ length: 60 }, (_, index) => `n${index}`);
    const chain = graphOf(
      ids,
      ids.slice(1).map((id, index) => `${ids[index]}>${id}`),
    );
    const runId = await engine.start(
      twoWays('b', { yes: nodeOf('yes'), no: nodeOf('no') }, { ...chain, edges: [edgeOf('no', 'n0'), ...chain.edges] }),
    );
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    const rows = await engine.nodes(runId);
    expect(new Set(ids.map((id) => rows[id]!.status))).toEqual(new Set(['SKIPPED']));
    const skips = (await engine.events(runId)).filter(({ payload }) => payload['status'] === 'SKIPPED');
    expect(skips).toHaveLength(61);
    // All of them were written in one go.
    expect(skips.map(({ seq }) => seq - skips[0]!.seq)).toEqual(skips.map((_, index) => index));
  });

  test('a failure that is handled gives its error to what is connected, and the run completes', async () => {
    const runId = await engine.start({
      nodes: [scripted('bad', 'overload'), nodeOf('next'), scripted('rescue', 'pass'), nodeOf('meet', 'merge')],
      edges: [
        from('bad', 'output', 'next'),
        from('bad', 'error', 'rescue'),
        edgeOf('next', 'meet'),
        edgeOf('rescue', 'meet'),
      ],
    });
    expect(await engine.finished(runId)).toMatchObject({
      status: 'COMPLETED',
      error: null,
      failed_nodes: 0,
      handled_failures: 1,
    });
    const error = { code: 'PROVIDER_OVERLOADED', message: 'Busy.', attempts: 3 };
    expect(await engine.nodes(runId)).toMatchObject({
      bad: { status: 'FAILED', attempt: 3, output_data: { error } },
      next: { status: 'SKIPPED', error_code: null },
      rescue: { status: 'COMPLETED', attempt: 1, output_data: { output: [error] } },
      meet: { status: 'COMPLETED' },
    });
  });

  test('what handles an error is skipped where nothing fails', async () => {
    const runId = await engine.start({
      nodes: [nodeOf('good'), nodeOf('next'), nodeOf('rescue')],
      edges: [from('good', 'output', 'next'), from('good', 'error', 'rescue')],
    });
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED', handled_failures: null });
    expect(await engine.nodes(runId)).toMatchObject({
      next: { status: 'COMPLETED' },
      rescue: { status: 'SKIPPED', error_code: null },
    });
  });

  test('a failure on the way that was taken fails the run, and says so where the ways meet', async () => {
    const runId = await engine.start(
      twoWays(
        'b',
        { yes: scripted('yes', 'refuse'), no: nodeOf('no') },
        {
          nodes: [nodeOf('meet', 'merge')],
          edges: [edgeOf('yes', 'meet'), edgeOf('no', 'meet')],
        },
      ),
    );
    expect(await engine.finished(runId)).toMatchObject({ status: 'FAILED', failed_nodes: 1 });
    expect(await engine.nodes(runId)).toMatchObject({
      no: { status: 'SKIPPED', error_code: null },
      meet: { status: 'SKIPPED', error_code: 'DEPENDENCY_FAILED', error: expect.stringContaining('"yes"') },
    });
  });

  test('a retry keeps to the way that was taken, and does again only what failed', async () => {
    const calls = nodes.calls('count');
    const runId = await engine.start(
      twoWays(
        'b',
        { yes: scripted('yes', 'refuseOnce'), no: scripted('no', 'count') },
        {
          nodes: [scripted('bad', 'refuse'), nodeOf('rescue'), nodeOf('meet', 'merge')],
          edges: [from('bad', 'error', 'rescue'), edgeOf('no', 'meet'), edgeOf('yes', 'meet')],
        },
      ),
    );
    expect(await engine.finished(runId)).toMatchObject({ status: 'FAILED', handled_failures: 1 });
    const refusals = nodes.calls('refuse');
    const { id: again } = await engine.starter.retry({ userId: 'user-1', retryOf: runId });
    expect(await engine.finished(again)).toMatchObject({ status: 'COMPLETED' });
    const rows = await engine.nodes(again);
    expect(rows).toMatchObject({
      if: { status: 'COMPLETED', cached: true },
      yes: { status: 'COMPLETED', output_data: { output: 'now' } },
      no: { status: 'SKIPPED', error_code: null },
      bad: { status: 'FAILED', output_data: { error: { code: 'PROVIDER_BAD_REQUEST' } } },
      rescue: { status: 'COMPLETED', cached: true },
      meet: { status: 'COMPLETED', input_data: { values: ['now'] } },
    });
    expect([nodes.calls('count'), nodes.calls('refuse')]).toEqual([calls, refusals]);
    await expect(engine.starter.retry({ userId: 'user-1', retryOf: again })).rejects.toMatchObject({
      code: 'RUN_NOTHING_TO_RETRY',
    });
  });

  test('a part that goes on from a way not taken can be retried', async () => {
    const graph = twoWays(
      'b',
      { yes: nodeOf('yes'), no: nodeOf('no') },
      { nodes: [scripted('last', 'refuse')], edges: [edgeOf('yes', 'last'), edgeOf('no', 'last')] },
    );
    const workflow = await engine.createWorkflow(graph);
    await engine.finished(await engine.start(graph, { workflow }));
    const part = await engine.start(graph, { workflow, nodeIds: ['last'] });
    expect(await engine.finished(part)).toMatchObject({ status: 'FAILED' });
    const { id: again } = await engine.starter.retry({ userId: 'user-1', retryOf: part });
    expect(await engine.finished(again)).toMatchObject({ status: 'FAILED' });
    expect(await engine.nodes(again)).toMatchObject({
      yes: { status: 'COMPLETED', cached: true },
      no: { status: 'SKIPPED', error_code: null },
      last: { status: 'FAILED', error_code: 'PROVIDER_BAD_REQUEST', attempt: 1 },
    });
  });

  test('a part goes on from a failure that was handled earlier, and nothing is told of as broken', async () => {
    const graph: Graph = {
      nodes: [scripted('bad', 'refuse'), scripted('rescue', 'pass')],
      edges: [from('bad', 'error', 'rescue')],
    };
    const workflow = await engine.createWorkflow(graph);
    await engine.finished(await engine.start(graph, { workflow }));
    const part = await engine.start(graph, { workflow, nodeIds: ['rescue'] });
    expect(await engine.finished(part)).toMatchObject({ status: 'COMPLETED' });
    expect(await engine.nodes(part)).toMatchObject({
      bad: { status: 'FAILED', started_at: null },
      rescue: { status: 'COMPLETED', cached: false, edges: null },
    });
    const broken = await checkInvariants(engine.pool, {
      leaseMs: 60_000,
      windowMs: null,
      limit: 1_000,
    });
    expect(broken.nodes_started_too_early).toBe(0);
  });

  test('a part of the workflow goes on from the ways that were taken', async () => {
    const graph = twoWays(
      'b',
      { yes: nodeOf('yes'), no: nodeOf('no') },
      {
        nodes: [nodeOf('meet', 'merge')],
        edges: [edgeOf('no', 'meet'), edgeOf('yes', 'meet')],
      },
    );
    const workflow = await engine.createWorkflow(graph);
    await engine.finished(await engine.start(graph, { workflow }));
    const part = await engine.start(graph, { workflow, nodeIds: ['meet'] });
    expect(await engine.finished(part)).toMatchObject({ status: 'COMPLETED' });
    expect(await engine.nodes(part)).toMatchObject({
      no: { status: 'SKIPPED' },
      meet: { status: 'COMPLETED', cached: false, input_data: { values: ['b'] } },
    });
    const dead = await engine.start(graph, { workflow, nodeIds: ['no'] });
    expect(await engine.finished(dead)).toMatchObject({ status: 'COMPLETED', unfinished_nodes: 0 });
    expect(await engine.nodes(dead)).toMatchObject({ no: { status: 'SKIPPED', error_code: null } });
  });

  test('an earlier output stands in behind a branch as anywhere', async () => {
    const graph = twoWays('b', {
      yes: scripted('yes', 'count', { isDeterministic: true, label: 'kept' }),
      no: nodeOf('no'),
    });
    const first = await engine.start(graph);
    await engine.finished(first);
    const calls = nodes.calls('count');
    await eventually(async () => {
      const again = await engine.start(graph);
      await engine.finished(again);
      expect((await engine.nodes(again))['yes']).toMatchObject({ status: 'COMPLETED', cached: true });
    });
    expect(nodes.calls('count')).toBeLessThanOrEqual(calls + 1);
  });

  test('a cancel ends what is open, and leaves what was decided', async () => {
    const runId = await engine.start(
      twoWays(
        'b',
        { yes: scripted('yes', 'hold'), no: nodeOf('no') },
        {
          nodes: [nodeOf('meet', 'merge')],
          edges: [edgeOf('yes', 'meet'), edgeOf('no', 'meet')],
        },
      ),
    );
    await eventually(async () => (await engine.nodes(runId))['yes']!.status === 'RUNNING');
    expect(await engine.starter.cancel(runId)).toBe(true);
    letGo();
    expect(await engine.run(runId)).toMatchObject({ status: 'CANCELLED' });
    expect(await engine.nodes(runId)).toMatchObject({
      if: { status: 'COMPLETED' },
      no: { status: 'SKIPPED', error_code: null },
      yes: { status: 'CANCELLED' },
      meet: { status: 'CANCELLED' },
    });
  });

  test('a run without any branch has the plain statement, and nothing of edges in its rows', async () => {
    const names: string[] = [];
    const query = engine.pool.query.bind(engine.pool) as (...values: unknown[]) => unknown;
    Object.assign(engine.pool, {
      query: (...values: unknown[]) => {
        const [config] = values as [{ name?: string }];
        if (config.name !== undefined) names.push(config.name);
        return query(...values);
      },
    });
    const runId = await engine.start(graphOf(['a', 'b', 'c'], ['a>b', 'a>c']));
    await engine.finished(runId);
    Object.assign(engine.pool, { query });
    expect(names).toContain('advance-node-executions');
    expect(names).not.toContain('advance-node-executions-with-branches');
    const rows = await engine.nodes(runId);
    expect(Object.values(rows)).toEqual(
      ['a', 'b', 'c'].map(() => expect.objectContaining({ edges: null, handles_error: null })),
    );
    const keys = new Set((await engine.events(runId)).flatMap(({ payload }) => Object.keys(payload)));
    expect(keys.has('edges') || keys.has('skipReason')).toBe(false);
  });
});
