import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFakeGeminiFiles, type FakeGeminiFiles } from '../testing/fake-gemini-files.ts';
import { startRecordingServer, type RecordingServer } from '../testing/recording-server.ts';
import { WireMemory } from './adaptions.ts';
import { createGeminiProvider } from './gemini.ts';
import { defaultCallLimits } from './provider.ts';
import { createModelRegistry, type ModelRegistry } from './registry.ts';

/* The wire format is that of Google's public document of the Files API. */

const key = 'a-key-that-nobody-may-see';
const { signal } = new AbortController();
let folder: string;
let server: RecordingServer;
let files: FakeGeminiFiles;
let waits: number[];

beforeAll(async () => {
  server = await startRecordingServer();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heddle-gemini-files-'));
  waits = [];
  serve();
});
afterEach(async () => {
  server.reset();
  await rm(folder, { recursive: true });
});
afterAll(() => server.stop());

/** Everything that is about no file is answered with a word. */
function serve(options: Partial<Parameters<typeof createFakeGeminiFiles>[0]> = {}): void {
  files = createFakeGeminiFiles({ url: () => server.url, now: Date.now, ...options });
  server.replies((response, request) => {
    if (files.answer(response, request)) return;
    const isHeard = !request.path.includes('stream');
    const text = isHeard ? '{"segments":[{"start":0,"end":1,"text":"Hello"}]}' : 'A film.';
    const document = JSON.stringify({ candidates: [{ content: { parts: [{ text }] }, finishReason: 'STOP' }] });
    response.setHeader('content-type', isHeard ? 'application/json' : 'text/event-stream');
    response.end(isHeard ? document : `data: ${document}\n\n`);
  });
}

const open = (apiKey = key): ModelRegistry =>
  createModelRegistry({
    providers: [
      createGeminiProvider({
        ...{
          apiKey,
          baseUrl: server.url,
          models: [],
          limits: defaultCallLimits,
          now: Date.now,
          memory: new WireMemory(),
        },
        wait: async (ms) => void waits.push(ms),
      }),
    ],
    fitImage: () => Promise.reject(new Error('no images here')),
    tempDir: folder,
    now: Date.now,
  });

const megabyte = 1024 * 1024;
const film = async (name = 'film.mp4', megabytes = 15) => {
  const file = join(folder, name);
  const bytes = Buffer.alloc(megabytes * megabyte, 'frames ');
  await writeFile(file, bytes);
  return { file, mimeType: 'video/mp4', bytes };
};
const ask = (registry: ModelRegistry, asked: readonly { file: string; mimeType: string }[]) =>
  registry.generate(
    { model: 'gemini-9', userMessage: 'What is this?', images: [], files: asked, temperature: 1, idempotencyKey: 'k' },
    { signal, onDelta: () => {} },
  );
/** The parts of what was asked for last. */
const partsAsked = async () => {
  const body = await server.bodyOf(server.requests.findLast(({ path }) => path.includes(':')));
  return (body as { contents: [{ parts: unknown[] }] }).contents[0].parts;
};
const onlyFile = () => [...files.files.values()][0]!;

describe('a file that is too large for a request', () => {
  test('is uploaded in pieces, waited for, and named in the request; its neighbors go along as before', async () => {
    const { bytes, ...large } = await film();
    const small = { file: join(folder, 'small.mp3'), mimeType: 'audio/mpeg' };
    await writeFile(small.file, 'sound');
    expect((await ask(open(), [large, small])).text).toBe('A film.');
    expect(files.asked).toEqual([
      'GET files/heddle-*',
      'POST /upload/v1beta/files',
      `0+${8 * megabyte} upload`,
      `${8 * megabyte}+${7 * megabyte} upload, finalize`,
      // Read by the service meanwhile.
      'GET files/heddle-*',
      'GET files/heddle-*',
    ]);
    expect(waits).toEqual([2_000, 2_000]);
    expect(onlyFile().bytes.equals(bytes)).toBe(true);
    expect(onlyFile().mimeType).toBe('video/mp4');
    expect(await partsAsked()).toEqual([
      { text: 'What is this?' },
      { fileData: { mimeType: 'video/mp4', fileUri: `${server.url}/v1beta/${onlyFile().name}` } },
      { inlineData: { mimeType: 'audio/mpeg', data: Buffer.from('sound').toString('base64') } },
    ]);
    // The address of the pieces is as good as a key, and gets none.
    const pieces = server.requests.filter(({ path }) => path.startsWith('/pieces'));
    expect(pieces.map(({ headers }) => headers['x-goog-api-key'])).toEqual([undefined, undefined]);
  });

  test('is found again by its content, by whoever has the key, until it is about to go', async () => {
    await ask(open(), [await film()]);
    files.asked.length = 0;
    await ask(open(), [await film('the same.mp4')]);
    expect(files.asked).toEqual(['GET files/heddle-*']);
    onlyFile().expirationTime = new Date(Date.now() + 600_000).toISOString();
    await ask(open(), [await film()]);
    expect(files.asked.slice(1, 4)).toEqual([
      'GET files/heddle-*',
      'DELETE files/heddle-*',
      'POST /upload/v1beta/files',
    ]);
    // Other keys have files of their own.
    await ask(open('another-key-of-somebody'), [await film()]);
    expect(files.files.size).toBe(2);
  });

  test('goes on where the service says that it is when a piece breaks off', async () => {
    files.pieces('kept', 'cut', 503);
    const { bytes, ...large } = await film();
    await ask(open(), [large]);
    const halfway = 8 * megabyte + 3.5 * megabyte;
    expect(files.asked.slice(2, 8)).toEqual([
      `0+${8 * megabyte} upload`,
      `${8 * megabyte}+${7 * megabyte} upload, finalize`,
      'query',
      `${halfway}+${3.5 * megabyte} upload, finalize`,
      'query',
      `${halfway}+${3.5 * megabyte} upload, finalize`,
    ]);
    expect(onlyFile().bytes.equals(bytes)).toBe(true);
  });

  test('is uploaded once where variants need it at the same time', async () => {
    const registry = open();
    const large = await film();
    await Promise.all([1, 2, 3].map(() => ask(registry, [large])));
    expect(files.asked.filter((what) => what.startsWith('POST'))).toHaveLength(1);
  });

  test('is waited for where another worker uploads it, and gets another name where nobody may see that', async () => {
    const large = await film();
    await ask(open(), [large]);
    const { name } = onlyFile();
    const { answer } = files;
    let hidden = 2;
    // The other one has begun, and is not there yet.
    files.answer = (response, request) => {
      if (request.method === 'GET' && request.path.endsWith(name) && hidden > 0) {
        hidden -= 1;
        response.writeHead(403).end('{}');
        return true;
      }
      return answer(response, request);
    };
    await ask(open(), [large]);
    expect(files.files.size).toBe(1);
    hidden = 100;
    await ask(open(), [large]);
    expect([...files.files.keys()]).toEqual([name, 'files/other-1']);
  });

  test('that the service cannot read is deleted there, and named in the error', async () => {
    serve({ end: 'FAILED' });
    await expect(ask(open(), [await film()])).rejects.toMatchObject({
      code: 'PROVIDER_BAD_REQUEST',
      message: expect.stringMatching(/could not be processed.*could not read the file/),
    });
    expect(files.files.size).toBe(0);
  });

  test('needs a service that takes uploads, and one that answers', async () => {
    files.pieces(...Array.from({ length: 4 }, () => 503));
    await expect(ask(open(), [await film()])).rejects.toMatchObject({ code: 'PROVIDER_OVERLOADED' });
    files.pieces(403);
    await expect(ask(open(), [await film()])).rejects.toMatchObject({ code: 'PROVIDER_AUTH' });
    server.replies({ status: 404, json: {} });
    await expect(ask(open(), [await film()])).rejects.toMatchObject({
      code: 'PROVIDER_BAD_REQUEST',
      message: expect.stringContaining('takes no uploads'),
    });
  });

  test('may be what is heard', async () => {
    const audio = { ...(await film('talk.mp3')), mimeType: 'audio/mpeg' };
    const { text } = await open().transcribe({ model: 'gemini-9', audio, idempotencyKey: 'k' }, { signal });
    expect(text).toBe('Hello');
    expect((await partsAsked()).at(-1)).toEqual({
      fileData: { mimeType: 'audio/mpeg', fileUri: `${server.url}/v1beta/${onlyFile().name}` },
    });
  });
});
