import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../testing/eventually.ts';
import { edgeOf, nodeOf } from '../testing/graphs.ts';
import { makePicture } from '../testing/media.ts';
import { createRunPlayer, type RunPlayer } from '../testing/play-run.ts';
import { startTestServer, type TestServer, type TestUser } from '../testing/test-server.ts';
import { listBatches, runBatch, type BatchAct, type BatchOptions } from './commands/batches.ts';

let server: TestServer;
let user: TestUser;
let player: RunPlayer;
let folder: string;
let lines: string[];
const print = (text: string) => void lines.push(text);

beforeAll(async () => {
  lines = [];
  folder = await mkdtemp(join(tmpdir(), 'heddle-batches-'));
  server = await startTestServer();
  user = await server.addUser();
  player = await createRunPlayer(server.database.pool);
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

async function makeWorkflow(type: string, data: object): Promise<string> {
  const graph = {
    nodes: [nodeOf('t', type, { ...data, input: { name: 'topic' } }), nodeOf('o', 'output', { name: 'said' })],
    edges: [edgeOf('t', 'o', { targetHandle: 'value' })],
  };
  return String((await user.call('POST', '/api/workflows', { body: { name: 'Tea', data: graph } })).body.id);
}

const run = (workflow: string, files: readonly string[], options: Partial<BatchOptions> = {}) =>
  runBatch({
    ...{ server: server.url, apiKey: user.key, workflow, files, print, say: print, pollMs: 20 },
    ...{ input: undefined, name: undefined, window: undefined, isEstimate: false, isDetached: false },
    out: join(folder, 'results', 'batch.csv'),
    ...options,
  });
const list = async (workflow: string, act: { readonly kind: BatchAct; readonly id: string } | null = null) => {
  await listBatches({ server: server.url, apiKey: user.key, workflow, print, act });
  return lines.splice(0);
};

/** Finishes runs as they begin, until the work is over. */
async function playing<Result>(work: Promise<Result>): Promise<Result> {
  let isOver = false;
  const watched = work.finally(() => (isOver = true));
  await eventually(async () => {
    const { rows } = await server.database.pool.query<{ id: string }>(
      `select id from workflow_runs where finished_at is null and admitted_at is not null`,
    );
    for (const { id } of rows) await player.finish(id);
    expect(isOver).toBe(true);
  });
  return watched;
}

test('rows of a table are run, followed to their end, and saved with what came of them', async () => {
  const workflow = await makeWorkflow('text', { text: '' });
  expect(await list(workflow)).toEqual(['The workflow has no batches.']);
  const table = join(folder, 'rows.csv');
  await writeFile(table, 'topic\ntea\n"a, b"\n');
  expect(await run(workflow, [table], { isEstimate: true })).toBe(0);
  expect(lines.splice(0)).toEqual(['2 rows, cost unknown, time unknown']);
  expect(await playing(run(workflow, [table], { name: 'Drinks', window: 1 }))).toBe(0);
  const [id, ...told] = lines.splice(0);
  expect(told.at(-2)).toBe('finished: 2 of 2 done');
  const saved = await readFile(told.at(-1)!, 'utf8');
  expect(saved.split('\r\n').slice(0, 3)).toEqual([
    'row,input.topic,output.said,status,error,cost_usd,duration_ms,run',
    expect.stringMatching(/^1,tea,from o,done,/),
    expect.stringMatching(/^2,"a, b",from o,done,/),
  ]);
  expect(await list(workflow)).toEqual([`${id!.slice(-8)}  Drinks  finished: 2 of 2 done`]);
  expect(await list(workflow, { kind: 'delete', id: id!.slice(-8) })).toEqual(['The workflow has no batches.']);
  await expect(list(workflow, { kind: 'pause', id: 'none' })).rejects.toThrow('"heddle batches" lists them');
});

test('each of many files is a row for the input that takes one; it is paused and canceled', async () => {
  const workflow = await makeWorkflow('image', {});
  const pictures = [await makePicture('png'), await makePicture('jpeg')];
  expect(await run(workflow, pictures, { isDetached: true })).toBe(0);
  const [id] = lines.splice(0);
  const { items } = (await user.call('GET', `/api/batches/${id}/rows`)).body;
  expect(items.map(({ inputs }: { inputs: object }) => Object.keys(inputs))).toEqual([['topic'], ['topic']]);
  expect(await list(workflow, { kind: 'pause', id: id!.slice(-8) })).toEqual([
    expect.stringContaining('paused: 0 of 2'),
  ]);
  expect(await list(workflow, { kind: 'resume', id: id!.slice(-8) })).toEqual([
    expect.stringContaining('running: 0 of'),
  ]);
  expect(await list(workflow, { kind: 'cancel', id: id!.slice(-8) })).toEqual([
    expect.stringContaining('cancelled: 0'),
  ]);
});

test('what is wrong is said in words', async () => {
  const workflow = await makeWorkflow('text', { text: '' });
  const table = join(folder, 'wrong.csv');
  await writeFile(table, 'topc\ntea\n');
  await expect(run(workflow, [table])).rejects.toThrow('Name the columns by some of: topic.');
  await expect(run(workflow, [join(folder, 'none.csv')])).rejects.toThrow('cannot be read');
  await expect(run(workflow, ['a.png', 'b.png'])).rejects.toThrow('no input that takes a file');
});
