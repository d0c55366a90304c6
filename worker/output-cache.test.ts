import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestEngine, describeOnBothQueues, type TestEngine } from '../testing/engine.ts';
import { eventually } from '../testing/eventually.ts';
import { edgeOf, nodeOf } from '../testing/graphs.ts';
import { scripted, scriptedExecutor, scriptedNode } from '../testing/scripted-node.ts';

describeOnBothQueues('earlier outputs', (kind) => {
  let engine: TestEngine;
  const nodes = scriptedExecutor({
    pure: async ({ inputs }) => ({ output: `seen ${JSON.stringify(inputs)}` }),
    moody: async () => ({ output: 'something else each time' }),
    broken: async () => {
      throw new Error('no');
    },
  });
  beforeAll(async () => {
    engine = await createTestEngine(kind, { definitions: [scriptedNode], executors: [nodes.executor] });
    await engine.startWorker();
  });
  afterAll(() => engine.stop());

  const graphWith = (text: string, script: string, data: Record<string, unknown>) => ({
    nodes: [nodeOf('text', 'text', { text }), scripted('node', script, data)],
    edges: [edgeOf('text', 'node')],
  });
  async function runNode(graph: ReturnType<typeof graphWith>, useCache?: boolean) {
    const runId = await engine.start(graph, { useCache });
    await engine.finished(runId);
    return (await engine.nodes(runId))['node']!;
  }
  const kept = (count: number) =>
    eventually(async () => (await engine.pool.query('select from output_cache')).rows.length === count);

  test('stand in for a deterministic node with the same config and inputs, in any workflow', async () => {
    const first = await runNode(graphWith('a', 'pure', { isDeterministic: true }));
    await kept(1);
    const second = await runNode(graphWith('a', 'pure', { isDeterministic: true, label: 'Another name' }));
    expect(first).toMatchObject({ status: 'COMPLETED', cached: false });
    expect(second).toMatchObject({ status: 'COMPLETED', cached: true, output_data: first.output_data });
    expect(nodes.calls('pure')).toBe(1);
  });

  test('do not stand in when an input differs, or when the run asks for fresh results', async () => {
    const before = nodes.calls('pure');
    expect(await runNode(graphWith('b', 'pure', { isDeterministic: true }))).toMatchObject({ cached: false });
    expect(await runNode(graphWith('b', 'pure', { isDeterministic: true }), false)).toMatchObject({ cached: false });
    expect(nodes.calls('pure')).toBe(before + 2);
  });

  test('stand in for a node that is not deterministic only when the run asks for it', async () => {
    await runNode(graphWith('a', 'moody', {}), true);
    await kept(3);
    expect(await runNode(graphWith('a', 'moody', {}))).toMatchObject({ cached: false });
    expect(await runNode(graphWith('a', 'moody', {}), true)).toMatchObject({ cached: true });
  });

  test('never include errors', async () => {
    await runNode(graphWith('a', 'broken', { isDeterministic: true }));
    const before = nodes.calls('broken');
    expect(await runNode(graphWith('a', 'broken', { isDeterministic: true }))).toMatchObject({ status: 'FAILED' });
    expect(nodes.calls('broken')).toBeGreaterThan(before);
  });
});
