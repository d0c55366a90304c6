import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { interfaceOf } from '../core/interface/json-schema.ts';
import { nodeCatalogue } from '../nodes/definitions.ts';
import { templates } from '../core/templates/list.ts';
import { typescriptOf } from '../core/interface/typescript.ts';
import { eventually } from '../testing/eventually.ts';
import { edgeOf, nodeOf } from '../testing/graphs.ts';
import { makePicture } from '../testing/media.ts';
import { createRunPlayer, type RunPlayer } from '../testing/play-run.ts';
import { projectRoot } from '../testing/processes.ts';
import { startTestServer, type TestServer, type TestUser } from '../testing/test-server.ts';
import { createClient, HeddleError, RunFailedError, type RunEvent } from './client.ts';

let server: TestServer;
let user: TestUser;
let player: RunPlayer;

const graph = {
  nodes: [
    nodeOf('t', 'text', { text: '', input: { name: 'topic', required: true } }),
    nodeOf('n', 'number', { value: 3, input: { name: 'count' } }),
    nodeOf('i', 'image', { input: { name: 'photo', default: 'https://example.com/a.png' } }),
    nodeOf('w', 'delay', { ms: 0 }),
    nodeOf('o', 'output', { name: 'copy' }),
  ],
  edges: [edgeOf('t', 'w'), edgeOf('t', 'o', { targetHandle: 'value' })],
};

beforeAll(async () => {
  server = await startTestServer();
  user = await server.addUser();
  player = await createRunPlayer(server.database.pool);
  const { id } = (await user.call('POST', '/api/workflows', { body: { name: 'Shot', data: graph } })).body;
  expect((await user.call('POST', `/api/workflows/${id}/publish`, { body: { slug: 'shot' } })).status).toBe(201);
});
afterAll(() => server.stop());

const client = (options: { fetch?: typeof fetch } = {}) =>
  createClient({ server: server.url, apiKey: user.key, ...options });

/** Plays each new run of a list to its end as it appears. */
async function playNext(known: number): Promise<void> {
  const run = await eventually(async () => {
    const { items } = (await user.call('GET', '/api/runs?limit=100')).body;
    expect(items.length).toBeGreaterThan(known);
    return items[0];
  });
  await player.finish(run.id);
}
const countRuns = async () => (await user.call('GET', '/api/runs?limit=100')).body.items.length as number;

describe('the client', () => {
  test('runs a workflow by its name, waits, and gives its outputs', async () => {
    const known = await countRuns();
    const outputs = client().run('shot', { topic: 'tea' });
    await playNext(known);
    expect(await outputs).toEqual({ copy: 'from o' });
  });

  test('throws the run that does not complete', async () => {
    const started = await client().start('shot', { topic: 'tea' });
    await client().cancel(started.id);
    const waited = await client().wait(started.id);
    expect(waited.status).toBe('CANCELLED');
    expect(new RunFailedError(waited).message).not.toBe('');
  });

  test('throws what the server refuses, with the path of each wrong input', async () => {
    const refusal = await client()
      .start('shot', { topic: 'tea', count: 'many' })
      .catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(HeddleError);
    expect(refusal).toMatchObject({
      status: 422,
      code: 'RUN_INPUT_INVALID',
      errors: [{ path: 'inputs.count', message: expect.stringContaining('Give a number') }],
      isPassing: false,
    });
    await expect(client().read('00000000-0000-4000-8000-000000000000')).rejects.toMatchObject({
      code: 'RUN_NOT_FOUND',
    });
    await expect(client().start('nothing', {})).rejects.toMatchObject({ status: 404 });
  });

  test('sends files among the inputs, uploads and downloads them', async () => {
    const picture = new Uint8Array(await readFile(await makePicture('png')));
    const run = await client().start('shot', { topic: 'a', count: 4, photo: new File([picture], 'tea.png') });
    expect(run.inputs).toMatchObject({ topic: 'a', count: 4, photo: expect.stringMatching(/^\/api\/assets\//) });
    const uploaded = await client().upload(new Blob([picture]), 'again.png');
    expect(uploaded).toMatchObject({ name: 'again.png', mimeType: 'image/png', bytes: picture.length });
    const back = await client().download(uploaded);
    expect(new Uint8Array(await back.arrayBuffer())).toEqual(picture);
    await expect(client().download({ url: 'https://elsewhere.example/x' })).rejects.toThrow('no path on the server');
  });

  test('starts one run although the answer to the first try is lost', async () => {
    const known = await countRuns();
    let tries = 0;
    const run = await client({
      fetch: async (...request) => {
        const answer = await fetch(...request);
        tries += 1;
        if (tries > 1) return answer;
        await answer.body?.cancel();
        throw new TypeError('the connection was lost');
      },
    }).start('shot', { topic: 'once' });
    expect([tries, await countRuns()]).toEqual([2, known + 1]);
    expect((await client().read(run.id)).inputs).toMatchObject({ topic: 'once' });
  });

  test('goes on with the events of a run where the stream breaks, with none missing and none twice', async () => {
    const { id } = await client().start('shot', { topic: 'events' });
    await player.finish(id);
    let streams = 0;
    const broken = client({
      fetch: async (...request) => {
        const answer = await fetch(...request);
        streams += 1;
        if (streams > 2) return answer;
        // The first two end after a piece of the first events.
        const text = await answer.text();
        return new Response(text.slice(0, Math.round(text.length * 0.3)), answer);
      },
    });
    const events: RunEvent[] = [];
    for await (const event of broken.events(id)) events.push(event);
    expect(streams).toBe(3);
    const seqs = events.flatMap((event) => (event.type === 'done' ? [] : [event.seq]));
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
    expect(events.at(-1)).toMatchObject({ type: 'done', run: { status: 'COMPLETED', outputs: { copy: 'from o' } } });
    const after: RunEvent[] = [];
    for await (const event of client().events(id, { after: seqs.length - 1 })) after.push(event);
    expect(after.map(({ type }) => type)).toEqual(['run.updated', 'done']);
  });

  test('stops when its signal aborts, with the reason of that', async () => {
    const { id } = await client().start('shot', { topic: 'left alone' });
    const leaving = new AbortController();
    const waiting = client().wait(id, { signal: leaving.signal });
    leaving.abort(new Error('somebody left'));
    await expect(waiting).rejects.toThrow('somebody left');
  });
});

test('packed, it works typed in a fresh folder, and the compiler refuses wrong inputs', async () => {
  const run = promisify(execFile);
  const folder = await mkdtemp(join(tmpdir(), 'heddle-client-'));
  try {
    const env = { ...process.env, NODE_OPTIONS: '' };
    const npm = (args: readonly string[], cwd: string) =>
      run('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], { cwd, env });
    await npm(['pack', '--pack-destination', folder], join(projectRoot, 'client'));
    await mkdir(join(folder, 'app'));
    const app = join(folder, 'app');
    await writeFile(join(app, 'package.json'), JSON.stringify({ type: 'module', private: true }));
    await npm(['install', '--offline', join(folder, 'heddle-client-0.1.0.tgz')], app);

    const named = (await user.call('GET', '/api/w/shot')).body;
    await writeFile(join(app, 'shot.ts'), typescriptOf(named));
    const use = (inputs: string) => `
      import { createClient, type HeddleClient } from '@heddle/client';
      import type { Shot } from './shot.js';
      const heddle: HeddleClient<{ shot: Shot }> = createClient<{ shot: Shot }>({ server: process.argv[2]!, apiKey: process.argv[3] });
      const { copy } = await heddle.run('shot', ${inputs});
      const words: string | undefined = copy;
      console.log(JSON.stringify({ words }));
    `;
    await writeFile(join(app, 'use.ts'), use("{ topic: 'tea', count: 2 }"));
    await writeFile(join(app, 'wrong.ts'), use("{ count: 'two' }"));
    // The types of every template compile as well.
    const ofTemplates = templates.map(({ id, title: name, graph }) => {
      const made = interfaceOf(graph, nodeCatalogue, (text) => text);
      return [`${id}.ts`, typescriptOf({ slug: id, name, version: 1, ...made })] as const;
    });
    for (const [file, types] of ofTemplates) await writeFile(join(app, file), types);
    const compile = (...files: readonly string[]) =>
      run(
        process.execPath,
        [
          join(projectRoot, 'node_modules/typescript/bin/tsc'),
          ...['--strict', '--exactOptionalPropertyTypes', '--module', 'nodenext', '--target', 'es2023'],
          ...['--types', 'node', '--typeRoots', join(projectRoot, 'node_modules/@types'), ...files],
        ],
        { cwd: app, env },
      );
    expect(
      await compile('use.ts', ...ofTemplates.map(([file]) => file)).catch((error: { stdout: string }) => error),
    ).toMatchObject({ stdout: '' });
    const { stdout: refused } = await compile('wrong.ts').catch((error: { stdout: string }) => error);
    expect(refused).toMatch(/^wrong\.ts\(.*Type 'string' is not assignable to type 'number'/);

    const known = await countRuns();
    const used = run(process.execPath, ['use.js', server.url, user.key], { cwd: app, env });
    await playNext(known);
    expect(JSON.parse((await used).stdout)).toEqual({ words: 'from o' });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
