import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { edgeOf, nodeOf } from '../testing/graphs.ts';
import { makePicture } from '../testing/media.ts';
import { createRunPlayer } from '../testing/play-run.ts';
import { eventually } from '../testing/eventually.ts';
import { startTestServer, type TestServer, type TestUser } from '../testing/test-server.ts';
import { exportWorkflow, importWorkflow } from './commands/archives.ts';
import { runByName } from './commands/run-by-name.ts';
import { listVersions, printTypes, publish, slugOf } from './commands/versions.ts';
import { isWorkflowFile } from './run/workflow-file.ts';

let server: TestServer;
let user: TestUser;
let folder: string;
let workflowId: number;
let lines: string[];
const print = (text: string) => void lines.push(text);
const access = () => ({ server: server.url, apiKey: user.key, print });

const graph = {
  nodes: [
    nodeOf('t', 'text', { text: '', input: { name: 'topic', required: true } }),
    nodeOf('n', 'number', { value: 1, input: { name: 'count' } }),
    nodeOf('i', 'image', { input: { name: 'photo', required: true } }),
    nodeOf('w', 'delay', { ms: 0 }),
    nodeOf('o', 'output', { name: 'copy' }),
  ],
  edges: [edgeOf('t', 'w'), edgeOf('w', 'o', { targetHandle: 'value' })],
};

beforeAll(async () => {
  lines = [];
  folder = await mkdtemp(join(tmpdir(), 'heddle-by-name-'));
  server = await startTestServer();
  user = await server.addUser();
  workflowId = (await user.call('POST', '/api/workflows', { body: { name: 'Tea', data: graph } })).body.id;
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const run = (inputs: readonly string[], version?: number) =>
  runByName({
    ...access(),
    slug: 'tea',
    version,
    inputs,
    out: join(folder, 'out'),
    useCache: true,
    say: print,
  });

test('a workflow is published by its id and then by its name, and its versions are listed and made live', async () => {
  await publish({ ...access(), workflow: String(workflowId), note: 'first' });
  await publish({ ...access(), workflow: 'tea', note: 'second\nline' });
  expect(lines.splice(0)).toEqual(['tea is live in version 1.', 'tea is live in version 2.']);
  await listVersions({ ...access(), workflow: 'tea', live: 1 });
  expect(lines.splice(0)).toEqual([
    expect.stringMatching(/^ {5}2 {2}\S+Z {2}\S+@example.com {2}second line$/),
    expect.stringMatching(/^\* {4}1 {2}\S+Z {2}\S+@example.com {2}first$/),
  ]);
  await expect(listVersions({ ...access(), workflow: 'tea', live: 9 })).rejects.toMatchObject({
    message: expect.stringContaining('no published version 9'),
  });
});

test('a published workflow runs by its name, with files uploaded, and its results are saved by theirs', async () => {
  const photo = await makePicture('png');
  const player = await createRunPlayer(server.database.pool);
  const ending = run(['topic=12', 'count=7', `photo=${photo}`], 2);
  const started = await eventually(async () => {
    const { items } = (await user.call('GET', `/api/workflows/${workflowId}/runs`)).body;
    expect(items).toHaveLength(1);
    return items[0];
  });
  await player.finish(started.id);
  expect(await ending).toBe(0);
  expect(await readdir(join(folder, 'out'))).toEqual(['copy.txt']);
  expect(await readFile(join(folder, 'out', 'copy.txt'), 'utf8')).toBe('from o');
  const { inputs, workflowVersion } = (await user.call('GET', `/api/runs/${started.id}`)).body;
  expect({ inputs, workflowVersion }).toMatchObject({
    workflowVersion: 2,
    inputs: { topic: '12', count: 7, photo: expect.stringMatching(/^\/api\/assets\//) },
  });
});

test('a name that it does not have, and a value that does not fit, are told in words, and nothing runs', async () => {
  await expect(run(['subject=a', 'photo=/nowhere.png'])).rejects.toMatchObject({
    message: '"tea" has no input "subject". Give some of: topic, count, photo.',
  });
  await expect(run(['topic=a', 'photo=https://example.com/a.png', 'count=seven'])).rejects.toMatchObject({
    message: expect.stringContaining('Give a number, not text.'),
  });
  await expect(run(['topic=a'])).rejects.toMatchObject({ message: expect.stringContaining('"photo" is missing') });
  expect((await user.call('GET', `/api/workflows/${workflowId}/runs`)).body.items).toHaveLength(1);
});

test('its types are printed', async () => {
  await printTypes({ ...access(), workflow: 'tea', version: undefined });
  expect(lines.splice(0).join('\n')).toMatch(/export interface Tea \{[\s\S]*readonly topic: string;/);
});

test('a workflow is saved with its versions and files, and imported with them', async () => {
  const [archive, alone] = [join(folder, 'tea.zip'), join(folder, 'tea.json')];
  await exportWorkflow({ ...access(), workflow: 'tea', out: archive, hasVersions: true, hasMedia: true });
  await exportWorkflow({ ...access(), workflow: 'tea', out: alone, hasVersions: false, hasMedia: false });
  expect(lines.splice(0)).toEqual([archive, alone]);
  expect(JSON.parse(await readFile(alone, 'utf8'))).toMatchObject({ heddle: 'workflow', name: 'Tea' });
  await importWorkflow({ ...access(), file: archive, isLive: true });
  expect(lines.splice(0)).toEqual([
    expect.stringMatching(/^\d+ {2}Tea$/),
    'versions: 1, 2',
    expect.stringMatching(/^tea-[0-9a-f]{8} is live in version 1\.$/),
  ]);
  await importWorkflow({ ...access(), file: alone, isLive: false });
  expect(lines.splice(0)).toEqual([expect.stringMatching(/^\d+ {2}Tea$/)]);
  const nowhere = join(folder, 'nowhere', 'tea.zip');
  await expect(
    exportWorkflow({ ...access(), workflow: 'tea', out: nowhere, hasVersions: true, hasMedia: false }),
  ).rejects.toThrow(`${nowhere} could not be saved`);
  await expect(importWorkflow({ ...access(), file: nowhere, isLive: false })).rejects.toThrow('cannot be read');
});

test('files and names are told apart', () => {
  expect(['tea', 'tea-2'].map(isWorkflowFile)).toEqual([false, false]);
  expect(['tea.json', './tea', 'package.json', 'Tea'].map(isWorkflowFile)).toEqual([true, true, true, true]);
  expect(() => slugOf('a--b')).toThrow('Check it.');
});
