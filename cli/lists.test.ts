import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { advanceNodeExecutions } from '../db/nodes/advance.ts';
import { openRegion } from '../db/regions/open.ts';
import { beginRuns } from '../db/runs/begin.ts';
import { edgeOf, nodeOf } from '../testing/graphs.ts';
import { createRunPlayer, type RunPlayer } from '../testing/play-run.ts';
import { startTestServer, type TestServer, type TestUser } from '../testing/test-server.ts';
import { showLists } from './commands/lists.ts';
import { createApiClient } from './run/api-client.ts';
import { elementsIn, readElements, readFirst } from './run/elements.ts';

let server: TestServer;
let user: TestUser;
let player: RunPlayer;
const lines: string[] = [];
const print = (text: string) => void lines.push(text);
const access = () => ({ server: server.url, apiKey: user.key, print });

beforeAll(async () => {
  server = await startTestServer();
  player = await createRunPlayer(server.database.pool);
  user = await server.addUser();
});
afterAll(() => server.stop());

/** A run whose node `wait` goes through a list of four, of which none is begun. */
async function started(): Promise<string> {
  const data = {
    nodes: [nodeOf('list', 'list', { type: 'text', items: ['a', 'b', 'c', 'd'] }), nodeOf('wait')],
    edges: [edgeOf('list', 'wait', { targetHandle: 'input', data: { each: true } })],
  };
  const workflow = (await user.call('POST', '/api/workflows', { body: { name: 'Four', data } })).body.id;
  return (await user.call('POST', `/api/workflows/${workflow}/run`)).body.id;
}

async function opened(runId: string): Promise<void> {
  const { pool } = server.database;
  const claimed = async (ready: Awaited<ReturnType<typeof beginRuns>>['ready']) =>
    (await advanceNodeExecutions(pool, player.workerId, { completions: [], claims: ready })).claims[0]!;
  const list = await claimed((await beginRuns(pool, [runId])).ready);
  const completion = {
    id: list.id,
    runId,
    attempt: list.attempt,
    inputs: {},
    outputs: { output: ['a', 'b', 'c', 'd'] },
  };
  const { continuations } = await advanceNodeExecutions(pool, player.workerId, {
    completions: [{ ...completion, cached: false, usage: null, continuesIn: null }],
    claims: [],
  });
  // What is executed on the spot is claimed by the completion before it.
  const driver = continuations[0]!;
  const region = { id: driver.id, runId, attempt: driver.attempt, inputs: {}, sharedKey: '0'.repeat(64), next: 0 };
  await openRegion(pool, { ...region, total: 4, nodes: 1, width: 2, mostFailed: 0 }, []);
}

test('lists that a run goes through are shown, paused, gone on with and canceled', async () => {
  const run = await started();
  await showLists({ ...access(), run, act: null });
  expect(lines.splice(0)).toEqual(['The run has not gone through a list so far.']);
  const pause = { action: 'pause', nodeId: 'wait' } as const;
  await expect(showLists({ ...access(), run, act: pause })).rejects.toThrow('does not go through a list at the moment');

  await opened(run);
  await showLists({ ...access(), run, act: null });
  await showLists({ ...access(), run, act: pause });
  await showLists({ ...access(), run, act: pause });
  await showLists({ ...access(), run, act: null });
  await showLists({ ...access(), run, act: { action: 'goOn', nodeId: 'wait' } });
  expect(lines.splice(0)).toEqual([
    'wait: 0 of 4 done, 4 queued',
    ...Array.from({ length: 3 }, () => expect.stringMatching(/^wait: 0 of 4 done, 4 queued, paused by \S+@\S+$/)),
    'wait: 0 of 4 done, 4 queued',
  ]);
  await showLists({ ...access(), run, act: { action: 'cancel', nodeId: 'wait' } });
  expect(lines.splice(0)).toEqual(['wait: 0 of 4 done, 4 skipped']);
  const { body } = await user.call('POST', `/api/runs/${run}/lists`, { body: { nodeId: 'list', action: 'pause' } });
  expect(body).toMatchObject({ code: 'NODE_NOT_FOUND' });
  const events = (await user.call('GET', `/api/runs/${run}/events`)).body.items as { parts?: { paused?: true } }[];
  expect(events.filter(({ parts }) => parts?.paused === true)).toHaveLength(2);
});

const listed = {
  nodes: [
    nodeOf('list', 'list', { type: 'text', items: ['a', 'b', 'c', 'd'] }),
    nodeOf('wait', 'delay', { label: 'Step: one' }),
    nodeOf('later', 'delay', { label: 'Later' }),
  ],
  edges: [
    edgeOf('list', 'wait', { targetHandle: 'input', data: { each: true } }),
    edgeOf('wait', 'later', { targetHandle: 'input', data: { each: true } }),
  ],
};

test.each([
  ['the first of the first list', readFirst('3'), { nodeId: 'wait', only: { first: 3 } }],
  ['the first of that of a node', readFirst('later:1'), { nodeId: 'later', only: { first: 1 } }],
  ['places in the first list', readElements('5,0'), { nodeId: 'wait', only: { at: [5, 0] } }],
  ['places in that of a node by its label', readElements('step: ONE:7'), { nodeId: 'wait', only: { at: [7] } }],
])('elements are named as %s', (_, asked, expected) => {
  expect(elementsIn(listed, asked!)).toEqual(expected);
});

test('elements that cannot be meant are refused, with what there is', () => {
  expect(['0', 'three', '1,2', 'wait:', ''].map(readFirst)).toEqual([null, null, null, null, null]);
  expect(['-1', '1;2', 'wait:', '1,'].map(readElements)).toEqual([null, null, null, null]);
  expect(() => elementsIn(listed, readFirst('nobody:1')!)).toThrow('There is no node "nobody"');
  expect(() => elementsIn({ ...listed, edges: [] }, readFirst('1')!)).toThrow('goes through a list');
});

test('a start with elements freezes them into the graph of its run', async () => {
  const { id } = (await user.call('POST', '/api/workflows', { body: { name: 'Some', data: listed } })).body;
  const elements = elementsIn(listed, readElements('2,1')!);
  const asked = { useCache: true, inputs: {}, elements };
  const run = await createApiClient({ server: server.url, apiKey: user.key }).startRun(id, randomUUID(), asked);
  const { body } = await user.call('GET', `/api/runs/${run.id}/graph`);
  const each = body.nodes.map((node: { data: { each?: { only?: unknown } } }) => node.data.each?.only);
  expect(each).toEqual([undefined, { at: [2, 1] }, { at: [2, 1] }]);
});
