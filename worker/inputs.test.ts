import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { nodeDefinitions } from '../nodes/definitions.ts';
import { nodeExecutors } from '../nodes/executors.ts';
import { createTestEngine, describeOnBothQueues, type TestEngine } from '../testing/engine.ts';
import { edgeOf, nodeOf } from '../testing/graphs.ts';
import { scripted, scriptedExecutor, scriptedNode } from '../testing/scripted-node.ts';

describeOnBothQueues('the inputs of a run', (kind) => {
  let engine: TestEngine;
  let shouts = 0;
  const nodes = scriptedExecutor({
    shout: async ({ inputs }) => {
      shouts += 1;
      return { output: String([inputs['input']].flat()[0]).toUpperCase() };
    },
  });
  const graph = {
    nodes: [
      nodeOf('t', 'text', { text: 'own', input: { name: 'topic' } }),
      scripted('s', 'shout', { isDeterministic: true }),
      nodeOf('o', 'output', { name: 'copy' }),
    ],
    edges: [edgeOf('t', 's'), edgeOf('s', 'o', { targetHandle: 'value' })],
  };
  beforeAll(async () => {
    engine = await createTestEngine(kind, {
      definitions: [...nodeDefinitions, scriptedNode],
      executors: [...nodeExecutors, nodes.executor],
    });
    await engine.startWorker();
  });
  afterAll(() => engine.stop());

  async function copyOf(inputs?: Record<string, unknown>): Promise<unknown> {
    const runId = await engine.start(graph, { inputs });
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    return (await engine.nodes(runId))['o']!.output_data;
  }

  test('travel through the graph to its outputs; without them the nodes have their own values', async () => {
    expect(await copyOf({ topic: 'given' })).toEqual({ output: 'GIVEN' });
    expect(await copyOf()).toEqual({ output: 'OWN' });
  });

  test('are found in the cache by their content, however they came to be', async () => {
    await copyOf({ topic: 'twice' });
    const before = shouts;
    expect(await copyOf({ topic: 'twice' })).toEqual({ output: 'TWICE' });
    expect(shouts).toBe(before);
    expect(await copyOf({ topic: 'else' })).toEqual({ output: 'ELSE' });
    expect(shouts).toBe(before + 1);
  });
});
