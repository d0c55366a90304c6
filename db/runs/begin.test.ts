import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestEngine, type TestEngine } from '../../testing/engine.ts';
import { edgeOf, nodeOf } from '../../testing/graphs.ts';
import { createRunPlayer } from '../../testing/play-run.ts';
import type { Queryable } from '../statement.ts';
import { beginRuns } from './begin.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await createTestEngine('postgres');
});
afterAll(() => engine.stop());

test('a run of which nothing is left to execute ends, although the first answer was lost', async () => {
  const { pool } = engine;
  const graph = {
    nodes: [
      nodeOf('text', 'text', { text: 'b' }),
      nodeOf('if', 'if', { operator: 'contains', operand: 'b' }),
      nodeOf('no'),
    ],
    edges: [edgeOf('text', 'if'), edgeOf('if', 'no', { sourceHandle: 'false' })],
  };
  const workflow = await engine.createWorkflow(graph);
  const earlier = await engine.start(graph, { workflow, nodeIds: ['text', 'if'] });
  const player = await createRunPlayer(pool);
  while (await player.step(earlier, (nodeId) => ({ [nodeId === 'if' ? 'true' : 'output']: 'b' })));
  const ruledOut = await engine.start(graph, { workflow, nodeIds: ['no'] });

  const losing = {
    query: async (...values: Parameters<Queryable['query']>) => {
      await pool.query(...values);
      throw new Error('The answer is lost.');
    },
  } as Queryable;
  await expect(beginRuns(losing, [ruledOut])).rejects.toThrow('The answer is lost.');
  expect(await engine.run(ruledOut)).toMatchObject({ status: 'RUNNING', unfinished_nodes: 0 });
  const { runs, ready } = await beginRuns(pool, [ruledOut]);
  expect({ runs, ready }).toMatchObject({ runs: [{ runId: ruledOut, status: 'COMPLETED' }], ready: [] });
  expect(await engine.run(ruledOut)).toMatchObject({ status: 'COMPLETED' });
});
