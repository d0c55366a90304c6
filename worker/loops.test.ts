import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { TerminalError } from '../core/errors/app-error.ts';
import type { Graph } from '../core/graph/graph.ts';
import { checkInvariants } from '../db/invariants/check.ts';
import { ifExecutor } from '../nodes/flow/if/executor.ts';
import { outputExecutor } from '../nodes/flow/output/executor.ts';
import { repeatExecutor } from '../nodes/flow/repeat/executor.ts';
import { untilExecutor } from '../nodes/flow/until/executor.ts';
import { each, eachExecutors, items, listNodes } from '../testing/each-nodes.ts';
import { createTestEngine, describeOnBothQueues, type TestEngine } from '../testing/engine.ts';
import { eventually } from '../testing/eventually.ts';
import { edgeOf, nodeOf } from '../testing/graphs.ts';

const repeat = (id: string, max: number) => nodeOf(id, 'repeat', { max });
const until = (id: string, expression: string) => nodeOf(id, 'until', { expression });
const into = (source: string, target: string, more = {}) => edgeOf(source, target, { targetHandle: 'value', ...more });

/** text -> repeat -> do -> until -> end: until the value is so long. */
function loop(text: string, script: string, { max = 10, length = 3, data = {} } = {}): Graph {
  return {
    nodes: [
      nodeOf('text', 'text', { text }),
      repeat('repeat', max),
      each('do', script, data),
      until('until', `size(value) >= ${length}`),
      each('end', 'shout'),
    ],
    edges: [
      into('text', 'repeat'),
      edgeOf('repeat', 'do', { targetHandle: 'input' }),
      into('do', 'until'),
      edgeOf('until', 'end', { sourceHandle: 'output', targetHandle: 'input' }),
    ],
  };
}

describeOnBothQueues('loops', (kind) => {
  let engine: TestEngine;
  let refused = 0;
  const gates: (() => void)[] = [];
  const nodes = eachExecutors({
    shout: async (value) => ({ output: value.toUpperCase() }),
    add: async (value) => ({ output: `${value}x` }),
    same: async (value) => ({ output: value }),
    /** Refuses the value `aaa` as often as the test says. */
    grow: async (value) => {
      if (value === 'aaa' && refused > 0) {
        refused -= 1;
        throw new TerminalError('PROVIDER_BAD_REQUEST', 'Not aaa.');
      }
      return { output: `${value}a` };
    },
    gate: (value) => new Promise((done) => gates.push(() => done({ output: `${value}x` }))),
    hold: (_value, { signal }) =>
      new Promise((_done, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  });

  beforeAll(async () => {
    engine = await createTestEngine(kind, {
      definitions: listNodes,
      executors: [...nodes.executors, ifExecutor, outputExecutor, repeatExecutor, untilExecutor],
    });
    await engine.startWorker();
  });
  afterAll(async () => {
    const broken = await checkInvariants(engine.pool, { leaseMs: 60_000, windowMs: null, limit: 10_000 });
    await engine.stop();
    expect(Object.entries(broken).filter(([, violations]) => violations > 0)).toEqual([]);
  });

  async function finished(graph: Graph, status = 'COMPLETED'): Promise<string> {
    const runId = await engine.start(graph);
    expect(await engine.finished(runId)).toMatchObject({ status });
    return runId;
  }

  async function outputsOf(runId: string, nodeId: string): Promise<unknown> {
    return (await engine.nodes(runId))[nodeId]?.output_data;
  }

  async function lapsOf(runId: string): Promise<readonly { label: string | null; status: string }[]> {
    const { rows } = await engine.pool.query<{ label: string | null; status: string }>(
      'select part_label as label, status from workflow_runs where parent_run_id = $1 order by part_index',
      [runId],
    );
    return rows;
  }

  test('hand the value of each lap to the next, until the condition holds', async () => {
    const runId = await finished(loop('a', 'add'));
    expect(await engine.nodes(runId)).toMatchObject({
      repeat: { output_data: { output: 'ax' } },
      do: { output_data: { output: 'axx' } },
      until: { output_data: { output: 'axx', laps: ['ax', 'axx'], ended: 'condition' } },
      end: { output_data: { output: 'AXX' } },
    });
    expect(await lapsOf(runId)).toEqual([
      { label: 'a', status: 'COMPLETED' },
      { label: 'ax', status: 'COMPLETED' },
    ]);
    const { rows } = await engine.pool.query<{ parts: unknown }>(
      `select e.payload -> 'parts' as parts from run_events e join node_executions n on n.id = e.node_execution_id
        where e.run_id = $1 and n.node_id = 'repeat' and e.payload ? 'parts' order by e.seq desc limit 1`,
      [runId],
    );
    expect(rows).toEqual([
      { parts: { total: 2, queued: 0, running: 0, waiting: 0, done: 2, cached: 0, failed: 0, skipped: 0 } },
    ]);
  });

  test('end after as many laps as they may have', async () => {
    const runId = await finished(loop('a', 'same', { max: 3 }));
    expect(await outputsOf(runId, 'until')).toEqual({ output: 'a', laps: ['a', 'a', 'a'], ended: 'maximum' });
    expect(await lapsOf(runId)).toHaveLength(3);
  });

  test('end with the value before where a branch leads past their end, and fail where there is none', async () => {
    const branching = (text: string): Graph => ({
      nodes: [
        nodeOf('text', 'text', { text }),
        repeat('repeat', 5),
        nodeOf('if', 'if', { operator: 'contains', operand: 'xx' }),
        each('do', 'add'),
        until('until', 'false'),
      ],
      edges: [
        into('text', 'repeat'),
        into('repeat', 'if'),
        edgeOf('if', 'do', { sourceHandle: 'false', targetHandle: 'input' }),
        into('do', 'until'),
      ],
    });
    const runId = await finished(branching('a'));
    expect(await outputsOf(runId, 'until')).toEqual({ output: 'axx', laps: ['ax', 'axx'], ended: 'noValue' });
    const none = await finished(branching('xx'), 'FAILED');
    expect(await engine.nodes(none)).toMatchObject({
      until: { status: 'FAILED', error_code: 'LAP_FAILED', error: expect.stringContaining('No value reached') },
    });
  });

  test('check another value than the one that is handed on', async () => {
    const runId = await finished({
      nodes: [
        nodeOf('text', 'text', { text: 'a' }),
        repeat('repeat', 9),
        each('do', 'add'),
        each('judge', 'shout'),
        nodeOf('until', 'until', { operator: 'is', operand: 'AXXX' }),
      ],
      edges: [
        into('text', 'repeat'),
        edgeOf('repeat', 'do', { targetHandle: 'input' }),
        edgeOf('do', 'judge', { targetHandle: 'input' }),
        into('do', 'until'),
        edgeOf('judge', 'until', { targetHandle: 'check' }),
      ],
    });
    expect(await outputsOf(runId, 'until')).toMatchObject({ output: 'axxx', ended: 'condition' });
  });

  test('fail with the lap that failed; a retry goes on in it', async () => {
    refused = 1;
    const runId = await finished(loop('a', 'grow', { length: 5 }), 'FAILED');
    expect(await engine.nodes(runId)).toMatchObject({
      repeat: { status: 'FAILED', error_code: 'LAP_FAILED', error: expect.stringMatching(/^Lap 3: .*Not aaa\./) },
      until: { status: 'SKIPPED' },
    });
    const before = nodes.calls('grow').length;
    const again = await engine.starter.retry({ retryOf: runId, userId: 'user-1' });
    expect(await engine.finished(again.id)).toMatchObject({ status: 'COMPLETED' });
    expect(await outputsOf(again.id, 'until')).toEqual({
      output: 'aaaaa',
      laps: ['aa', 'aaa', 'aaaa', 'aaaaa'],
      ended: 'condition',
    });
    expect(nodes.calls('grow').slice(before)).toEqual(['aaa', 'aaaa']);
  });

  test('are not gone through again by a retry of what came after them', async () => {
    const graph = loop('b', 'add');
    const held = { ...graph, nodes: graph.nodes.map((node) => (node.id === 'end' ? each('end', 'hold') : node)) };
    const runId = await engine.start(held);
    await eventually(() => expect(nodes.calls('hold')).toContain('bxx'));
    expect(await engine.starter.cancel(runId)).toBe(true);
    await engine.finished(runId);
    const before = nodes.calls('add').length;
    const again = await engine.starter.retry({ retryOf: runId, userId: 'user-1' });
    await eventually(() => expect(nodes.calls('hold').filter((value) => value === 'bxx')).toHaveLength(2));
    await engine.starter.cancel(again.id);
    await engine.finished(again.id);
    expect(nodes.calls('add').length).toBe(before);
  });

  test('stop with the run that is canceled', async () => {
    const graph = loop('c', 'hold');
    const runId = await engine.start(graph);
    await eventually(() => expect(nodes.calls('hold')).toContain('c'));
    expect(await engine.starter.cancel(runId)).toBe(true);
    expect(await engine.finished(runId)).toMatchObject({ status: 'CANCELLED' });
    await eventually(async () => expect((await lapsOf(runId)).map(({ status }) => status)).toEqual(['CANCELLED']));
  });

  test('lead on from their end where that handles a lap that failed', async () => {
    refused = 1;
    const graph = loop('a', 'grow', { length: 9 });
    const runId = await finished({
      nodes: [...graph.nodes, nodeOf('why', 'output', { name: 'why' })],
      edges: [...graph.edges, edgeOf('until', 'why', { sourceHandle: 'error', targetHandle: 'value' })],
    });
    expect(await engine.nodes(runId)).toMatchObject({
      until: { status: 'FAILED', error_code: 'LAP_FAILED' },
      why: { output_data: { output: { code: 'LAP_FAILED', message: expect.stringContaining('Not aaa.') } } },
      end: { status: 'SKIPPED' },
    });
  });

  test('lead on from their end where that fails by itself', async () => {
    const graph = loop('a', 'grow');
    const bad = {
      ...graph,
      nodes: graph.nodes.map((node) => (node.id === 'until' ? until('until', 'value + 1 == 2') : node)),
    };
    const runId = await finished({
      nodes: [...bad.nodes, nodeOf('why', 'output', { name: 'why' })],
      edges: [...bad.edges, edgeOf('until', 'why', { sourceHandle: 'error', targetHandle: 'value' })],
    });
    expect(await engine.nodes(runId)).toMatchObject({
      until: { status: 'FAILED', error_code: 'LAP_FAILED' },
      end: { status: 'SKIPPED' },
    });
  });

  test('stand still between two laps while they are paused, and go on where they were', async () => {
    const runId = await engine.start(loop('p', 'gate', { length: 4 }));
    await eventually(() => expect(gates).toHaveLength(1));
    const executionId = (await engine.nodes(runId))['repeat']!.id;
    const steer = (action: 'pause' | 'goOn' | 'cancel') =>
      engine.starter.steer({ executionId, runId, wholeRunId: runId, action });
    expect(await steer('pause')).toMatchObject({ paused: true });
    gates.shift()!();
    await eventually(async () => expect((await lapsOf(runId)).map(({ status }) => status)).toEqual(['COMPLETED']));
    expect(await engine.nodes(runId)).toMatchObject({ repeat: { status: 'WAITING' } });
    await steer('goOn');
    await eventually(() => expect(gates).toHaveLength(1));
    // Paused in the lap that turns out to be the last.
    gates.shift()!();
    await eventually(() => expect(gates).toHaveLength(1));
    await steer('pause');
    gates.shift()!();
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    expect(await outputsOf(runId, 'until')).toMatchObject({ output: 'pxxx', ended: 'condition' });
  });

  test('take what is in the cache, lap by lap', async () => {
    const graph = loop('cached', 'add', { length: 9, data: { isDeterministic: true } });
    await finished(graph);
    const before = nodes.calls('add').length;
    const again = await finished(graph);
    expect(nodes.calls('add').length).toBe(before);
    expect(await outputsOf(again, 'until')).toMatchObject({ output: 'cachedxxx' });
  });

  test('go through a list in each lap, and lie within one another', async () => {
    const runId = await finished({
      nodes: [
        nodeOf('text', 'text', { text: 'a b' }),
        repeat('outer', 2),
        nodeOf('split', 'split'),
        each('do', 'add'),
        nodeOf('all', 'whole'),
        repeat('inner', 2),
        each('more', 'grow'),
        until('until-inner', 'false'),
        until('until', 'false'),
      ],
      edges: [
        into('text', 'outer'),
        edgeOf('outer', 'split'),
        edgeOf('split', 'do', { targetHandle: 'input' }),
        edgeOf('do', 'all'),
        into('all', 'inner'),
        edgeOf('inner', 'more', { targetHandle: 'input' }),
        into('more', 'until-inner'),
        into('until-inner', 'until', { sourceHandle: 'output' }),
      ],
    });
    expect(await outputsOf(runId, 'until')).toEqual({
      output: 'axx bxaaxaa',
      laps: ['ax bxaa', 'axx bxaaxaa'],
      ended: 'maximum',
    });
  });

  test('are gone through for each element, each with as many laps as it takes', async () => {
    const graph = loop('none', 'add', { length: 4 });
    const runId = await finished({
      nodes: [items('text', ['a', 'bbbb', 'cc']), ...graph.nodes.slice(1, -1), nodeOf('end', 'whole')],
      edges: [
        into('text', 'repeat', { data: { each: true } }),
        ...graph.edges.slice(1, -1),
        edgeOf('until', 'end', { sourceHandle: 'output' }),
      ],
    });
    expect(await engine.nodes(runId)).toMatchObject({
      until: {
        output_data: {
          output: ['axxx', 'bbbbx', 'ccxx'],
          laps: [['ax', 'axx', 'axxx'], ['bbbbx'], ['ccx', 'ccxx']],
          ended: ['condition', 'condition', 'condition'],
        },
      },
      end: { output_data: { output: 'axxx bbbbx ccxx' } },
    });
  });

  test('are executed as far as a run goes: once without their end', async () => {
    const graph = loop('d', 'add');
    const workflow = await engine.createWorkflow(graph);
    const start = (mode: 'to' | 'from', nodeIds: readonly string[]) =>
      engine.starter.start({ userId: 'user-1', triggerType: 'MANUAL', workflow, mode, nodeIds: [...nodeIds] });
    const part = await start('to', ['do']);
    await engine.finished(part.id);
    expect(await outputsOf(part.id, 'do')).toEqual({ output: 'dx' });
    expect(await lapsOf(part.id)).toEqual([]);
    const rest = await start('from', ['do']);
    await engine.finished(rest.id);
    expect(await outputsOf(rest.id, 'until')).toEqual({ output: 'dxx', laps: ['dx', 'dxx'], ended: 'condition' });
  });
});
