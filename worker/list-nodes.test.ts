import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Graph } from '../core/graph/graph.ts';
import { collectExecutor } from '../nodes/flow/collect/executor.ts';
import { outputExecutor } from '../nodes/flow/output/executor.ts';
import { pickExecutor } from '../nodes/flow/pick/executor.ts';
import { listExecutor } from '../nodes/input/list/executor.ts';
import { textExecutor } from '../nodes/input/text/executor.ts';
import { joinTextExecutor } from '../nodes/text/join/executor.ts';
import { replaceTextExecutor } from '../nodes/text/replace/executor.ts';
import { splitTextExecutor } from '../nodes/text/split/executor.ts';
import { nodeDefinitions } from '../nodes/definitions.ts';
import { createTestEngine, type TestEngine } from '../testing/engine.ts';
import { edgeOf, nodeOf } from '../testing/graphs.ts';

/* The nodes that make lists, take them and put them together, with nodes between them that take one value. */

let engine: TestEngine;
beforeAll(async () => {
  const executors = [
    textExecutor,
    listExecutor,
    splitTextExecutor,
    replaceTextExecutor,
    joinTextExecutor,
    pickExecutor,
    collectExecutor,
    outputExecutor,
  ];
  const types = new Set(executors.map(({ type }) => type));
  engine = await createTestEngine('postgres', {
    definitions: nodeDefinitions.filter(({ type }) => types.has(type)),
    executors,
  });
  await engine.startWorker();
});
afterAll(() => engine.stop());

const edge = (source: string, target: string, targetHandle: string, each?: boolean) =>
  edgeOf(source, target, {
    id: `${source}-${target}.${targetHandle}`,
    targetHandle,
    ...(each !== undefined && { data: { each } }),
  });

async function outputs(graph: Graph): Promise<Record<string, unknown>> {
  const runId = await engine.start(graph);
  const run = await engine.finished(runId);
  expect([run.status, run.error]).toEqual(['COMPLETED', null]);
  const nodes = await engine.nodes(runId);
  return Object.fromEntries(Object.entries(nodes).map(([id, { output_data: data }]) => [id, data?.['output']]));
}

test('a text is split, each part is worked on, and the best of them is chosen', async () => {
  const found = await outputs({
    nodes: [
      nodeOf('text', 'text', { text: 'a pear, a plum, an apple' }),
      nodeOf('parts', 'splitText', { by: 'separator' }),
      nodeOf('short', 'replaceText', { find: '^an? ', replacement: '', mode: 'pattern' }),
      nodeOf('loud', 'replaceText', { find: 'p', replacement: 'P' }),
      nodeOf('scores', 'list', { type: 'number', items: [1, 3, 2] }),
      nodeOf('best', 'collect', { mode: 'best' }),
      nodeOf('sorted', 'pick', { mode: 'sort' }),
      nodeOf('all', 'joinText', { between: 'comma' }),
      nodeOf('result', 'output', { name: 'result' }),
    ],
    edges: [
      edge('text', 'parts', 'text'),
      edge('parts', 'short', 'text'),
      edge('short', 'loud', 'text'),
      edge('loud', 'best', 'items'),
      edge('scores', 'best', 'scores'),
      edge('short', 'sorted', 'items'),
      edge('sorted', 'all', 'texts'),
      edge('loud', 'result', 'value'),
    ],
  });
  expect(found).toMatchObject({
    parts: ['a pear', 'a plum', 'an apple'],
    short: ['pear', 'plum', 'apple'],
    loud: ['Pear', 'Plum', 'aPPle'],
    best: 'Plum',
    sorted: ['apple', 'pear', 'plum'],
    all: 'apple, pear, plum',
    result: ['Pear', 'Plum', 'aPPle'],
  });
});

test('an edge can hand a list over one by one, beside a list that goes with it and a single value', async () => {
  const found = await outputs({
    nodes: [
      nodeOf('names', 'list', { items: ['Ada', 'Grace'] }),
      nodeOf('words', 'list', { items: ['one', 'two'] }),
      nodeOf('end', 'text', { text: '!' }),
      nodeOf('each', 'joinText', { between: 'space' }),
      nodeOf('together', 'joinText', { between: 'space' }),
      nodeOf('none', 'list', { items: [] }),
      nodeOf('nothing', 'replaceText', { find: 'a' }),
      nodeOf('counted', 'collect', { mode: 'count' }),
    ],
    edges: [
      edge('names', 'each', 'texts', true),
      edge('words', 'each', 'texts', true),
      edge('end', 'each', 'texts'),
      edge('names', 'together', 'texts'),
      edge('none', 'nothing', 'text'),
      edge('nothing', 'counted', 'items'),
    ],
  });
  expect(found).toMatchObject({
    each: ['Ada one !', 'Grace two !'],
    together: 'Ada Grace',
    nothing: [],
    counted: 0,
  });
});

test('lists of different lengths do not go together, which is said before anything is executed', async () => {
  const runId = await engine.start({
    nodes: [
      nodeOf('names', 'list', { items: ['Ada', 'Grace'] }),
      nodeOf('words', 'list', { items: ['one'] }),
      nodeOf('each', 'replaceText', { find: 'a' }),
    ],
    edges: [edge('names', 'each', 'text'), edge('words', 'each', 'replacement')],
  });
  expect((await engine.finished(runId)).status).toBe('FAILED');
  expect((await engine.nodes(runId))['each']).toMatchObject({ status: 'FAILED', error_code: 'LIST_LENGTHS_DIFFER' });
});
