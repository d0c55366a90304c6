import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestEngine, type TestEngine } from '../../testing/engine.ts';
import { edgeOf, nodeOf } from '../../testing/graphs.ts';
import { createRunPlayer } from '../../testing/play-run.ts';
import type { Queryable } from '../statement.ts';
import { beginRuns } from './begin.ts';
import { findBegun } from './find-begun.ts';

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

test('what the session keeps is claimed by it: pure nodes, and as many of its pool as it says; a lost answer is found again', async () => {
  const { pool } = engine;
  const { workerId } = await createRunPlayer(pool);
  const graph = { nodes: [nodeOf('text', 'text', { text: 'a' }), nodeOf('b'), nodeOf('c'), nodeOf('d')], edges: [] };
  const workflow = await engine.createWorkflow(graph);
  const [first, second] = [await engine.start(graph, { workflow }), await engine.start(graph, { workflow })];
  const runIds = [first, second];
  const { ready, claims } = await beginRuns(pool, runIds, { workerId, pool: 'io', keeps: [2, 0] });
  const namesOf = (
    of: string,
    list: readonly { readonly runId: string; readonly id: string }[],
    ids: ReadonlyMap<string, string>,
  ) =>
    list
      .filter(({ runId }) => runId === of)
      .map(({ id }) => ids.get(id)!)
      .toSorted();
  const { rows } = await pool.query<{ id: string; node_id: string; status: string }>(
    'select id, node_id, status from node_executions where run_id = any ($1)',
    [runIds],
  );
  const ids = new Map(rows.map(({ id, node_id: nodeId }) => [id, nodeId]));
  expect(namesOf(first, claims, ids)).toEqual(['b', 'c', 'text']);
  expect(namesOf(first, ready, ids)).toEqual(['d']);
  expect(namesOf(second, claims, ids)).toEqual(['text']);
  expect(namesOf(second, ready, ids)).toEqual(['b', 'c', 'd']);
  expect(rows.filter(({ status }) => status === 'RUNNING')).toHaveLength(claims.length);

  const known = claims[0]!.id;
  const found = await findBegun(pool, runIds, workerId, (id) => id === known);
  expect(found.map(({ id }) => id).toSorted()).toEqual(
    claims.flatMap(({ id }) => (id === known ? [] : [id])).toSorted(),
  );
  expect(found[0]).toEqual(claims.find(({ id }) => id === found[0]!.id));
});

test('a session that was expired keeps nothing', async () => {
  const { pool } = engine;
  const { workerId } = await createRunPlayer(pool);
  await pool.query('update workers set expired_at = now() where id = $1', [workerId]);
  const runId = await engine.start({ nodes: [nodeOf('text', 'text', { text: 'a' }), nodeOf('b')], edges: [] });
  const { ready, claims } = await beginRuns(pool, [runId], { workerId, pool: 'io', keeps: [2] });
  expect({ ready: ready.length, claims }).toEqual({ ready: 2, claims: [] });
});
