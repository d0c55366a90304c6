import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Graph } from '../../core/graph/graph.ts';
import { createTestEngine, type TestEngine } from '../../testing/engine.ts';
import { edgeOf, nodeOf } from '../../testing/graphs.ts';
import { createRunPlayer, type RunPlayer } from '../../testing/play-run.ts';
import { advanceNodeExecutions } from '../nodes/advance.ts';
import { beginRuns } from '../runs/begin.ts';

let engine: TestEngine;
let player: RunPlayer;
beforeAll(async () => {
  engine = await createTestEngine('postgres');
  player = await createRunPlayer(engine.pool);
});
afterAll(() => engine.stop());

const runsAtOnce = 20;
const ids = Array.from({ length: 200 }, (_, index) => `n${index}`);
const [first = ''] = ids;
const chain: Graph = {
  nodes: [
    nodeOf('text', 'text', { text: 'b' }),
    nodeOf('if', 'if', { operator: 'contains', operand: 'b' }),
    ...ids.map((id) => nodeOf(id)),
  ],
  edges: [
    edgeOf('text', 'if'),
    edgeOf('if', first, { sourceHandle: 'true' }),
    ...ids.slice(1).map((id, index) => edgeOf(ids[index]!, id)),
  ],
};

/** Where each row is stored: a row that is written again has another place. */
async function places(): Promise<ReadonlyMap<string, string>> {
  const { rows } = await engine.pool.query<{ name: string; place: string }>(
    `select run_id || ' ' || node_id as name, ctid::text as place from node_executions`,
  );
  return new Map(rows.map(({ name, place }) => [name, place]));
}

test('many long ways that are open are read through once, and only what changes is written', async () => {
  const runIds: string[] = [];
  const workflow = await engine.createWorkflow(chain);
  while (runIds.length < runsAtOnce) runIds.push(await engine.start(chain, { workflow }));
  const step = async (taken: string, attempts: readonly { id: string; runId: string; attempt: number }[]) => {
    const { continuations, ready } = await advanceNodeExecutions(engine.pool, player.workerId, {
      completions: attempts.map(({ id, runId, attempt }) => ({
        ...{ id, runId, attempt, inputs: {}, outputs: { [taken]: 'b' }, cached: false, usage: null },
        ...{ continuesIn: 'io', branches: true },
      })),
      claims: [],
    });
    expect(ready).toEqual([]);
    return continuations;
  };
  const { ready } = await beginRuns(engine.pool, runIds);
  const claimed = await advanceNodeExecutions(engine.pool, player.workerId, { completions: [], claims: ready });
  const decided = await step('output', claimed.claims);
  expect(decided.map(({ nodeId }) => nodeId)).toEqual(runIds.map(() => 'if'));

  const before = await places();
  const next = await step('true', decided);
  expect(next.map(({ nodeId }) => nodeId)).toEqual(runIds.map(() => first));
  const written = [...(await places())].filter(([name, place]) => before.get(name) !== place).map(([name]) => name);
  expect(written.toSorted()).toEqual(runIds.flatMap((id) => [`${id} if`, `${id} ${first}`]).toSorted());
});
