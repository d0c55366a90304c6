import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImageRequest, SpeechRequest, TranscriptRequest } from '../core/node-type/media-models.ts';
import { startRecordingServer, type RecordingServer, type Reply } from '../testing/recording-server.ts';
import { createProviders } from './create-providers.ts';
import { createModelRegistry, type ModelRegistry } from './registry.ts';

/* The wire formats are those of the public documents of OpenAI and Google. */

const key = 'a-key-that-nobody-may-see';
let folder: string;
let server: RecordingServer;
let registry: ModelRegistry;
const { signal } = new AbortController();

beforeAll(async () => {
  server = await startRecordingServer();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heddle-media-models-'));
  registry = createModelRegistry({
    providers: createProviders({
      GEMINI_API_KEY: key,
      GEMINI_BASE_URL: server.url,
      OPENAI_API_KEY: key,
      OPENAI_BASE_URL: `${server.url}/v1`,
      limits: { totalMs: 500 },
      now: Date.now,
    }),
    fitImage: () => Promise.reject(new Error('no images here')),
    prices: { 'gpt-image-1': { input: 5, output: 40 } },
    tempDir: folder,
    now: Date.now,
  });
});
afterEach(async () => {
  server.reset();
  await registry.stop();
  await rm(folder, { recursive: true });
});
afterAll(() => server.stop());

const base64 = (text: string) => Buffer.from(text).toString('base64');
const fileOf = async (name: string, mimeType: string) => {
  const file = join(folder, name);
  await writeFile(file, name);
  return { file, mimeType };
};
const draw = (request: Partial<ImageRequest>) =>
  registry.generateImages(
    { model: 'openai/gpt-image-1', prompt: 'A red cat', images: [], count: 1, folder, idempotencyKey: 'k', ...request },
    { signal },
  );
const say = (request: Partial<SpeechRequest>) =>
  registry.speak(
    { model: 'openai/tts-1', text: 'Good morning', format: 'mp3', folder, idempotencyKey: 'k', ...request },
    { signal },
  );
const hear = async (request: Partial<TranscriptRequest>) =>
  registry.transcribe(
    { model: 'openai/whisper-1', audio: await fileOf('a.mp3', 'audio/mpeg'), idempotencyKey: 'k', ...request },
    { signal },
  );
const contentsOf = (files: readonly { readonly file: string }[]) =>
  Promise.all(files.map(({ file }) => readFile(file, 'utf8')));

describe('images of an OpenAI-compatible server', () => {
  const images: Reply = {
    json: {
      created: 1,
      data: [{ b64_json: base64('one') }, { b64_json: base64('two') }],
      usage: { input_tokens: 1_000, output_tokens: 2_000, total_tokens: 3_000 },
    },
  };

  test('are asked for by their prompt, and counted and priced', async () => {
    server.replies(images);
    const made = await draw({ count: 2, aspect: '16:9' });
    expect(await contentsOf(made.files)).toEqual(['one', 'two']);
    expect(made).toMatchObject({
      provider: 'openai',
      usage: { inputTokens: 1_000, outputTokens: 2_000, costUsd: 0.085 },
    });
    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      path: '/v1/images/generations',
      headers: { authorization: `Bearer ${key}`, 'idempotency-key': 'k' },
    });
    expect(await server.bodyOf(server.requests[0])).toEqual({
      model: 'gpt-image-1',
      prompt: 'A red cat',
      n: 2,
      size: '1536x1024',
    });
  });

  test('with references and a mask are edits', async () => {
    server.replies(images);
    await draw({
      images: [await fileOf('a.png', 'image/png'), await fileOf('b.jpg', 'image/jpeg')],
      mask: await fileOf('m.png', 'image/png'),
      size: '512x512',
    });
    expect(server.requests[0]?.path).toBe('/v1/images/edits');
    expect(await server.bodyOf(server.requests[0])).toEqual([
      ['model', 'gpt-image-1'],
      ['prompt', 'A red cat'],
      ['n', '1'],
      ['size', '512x512'],
      ['image[]', { type: 'image/png', content: 'a.png' }],
      ['image[]', { type: 'image/jpeg', content: 'b.jpg' }],
      ['mask', { type: 'image/png', content: 'm.png' }],
    ]);
    await expect(draw({ mask: await fileOf('m.png', 'image/png') })).rejects.toMatchObject({
      code: 'PROVIDER_BAD_REQUEST',
    });
  });

  test('may be given by address, and without the field that the server does not know', async () => {
    server.replies(
      { status: 400, json: { error: { message: "Unknown parameter: 'response_format'." } } },
      { json: { data: [{ url: `${server.url}/made/1.png` }] } },
      { bytes: Buffer.from('fetched'), headers: { 'content-type': 'image/png' } },
    );
    const made = await draw({ model: 'openai/flux', seed: 7, aspect: '1:1', size: '2K' });
    expect(await contentsOf(made.files)).toEqual(['fetched']);
    expect(made.usage).toBeNull();
    expect(await server.bodyOf(server.requests[0])).toMatchObject({ response_format: 'b64_json', seed: 7 });
    expect(await server.bodyOf(server.requests[1])).toEqual({
      model: 'flux',
      prompt: 'A red cat',
      n: 1,
      size: '2048x2048',
      seed: 7,
    });
    expect(server.requests[2]?.path).toBe('/made/1.png');
    expect(server.requests[2]?.headers).not.toHaveProperty('authorization');
  });

  test.each([
    [429, { error: { message: 'Rate limit reached' } }, 'RetryableError', 'PROVIDER_RATE_LIMITED'],
    [503, { error: { message: 'busy' } }, 'RetryableError', 'PROVIDER_OVERLOADED'],
    [401, { error: { message: `Incorrect API key provided: ${key}` } }, 'TerminalError', 'PROVIDER_AUTH'],
    [400, { error: { code: 'moderation_blocked', message: 'A red cat is no' } }, 'TerminalError', 'PROVIDER_BLOCKED'],
    [200, { data: [] }, 'RetryableError', 'PROVIDER_EMPTY'],
  ])('fail with %i %j as a %s', async (status, json, name, code) => {
    server.replies({ status, json, headers: { 'retry-after': '7' } });
    const error = await draw({}).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name, code });
    expect(String(error)).not.toContain(key);
    if (status === 429) expect(error).toMatchObject({ retryAfterMs: 7_000 });
  });

  test('that break off, say nothing or never come are told apart', async () => {
    server.replies((response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' }).write('{"data":[');
      setImmediate(() => response.destroy());
    });
    await expect(draw({})).rejects.toMatchObject({ code: 'PROVIDER_NETWORK' });
    server.replies({ bytes: Buffer.from('<html>'), headers: { 'content-type': 'text/plain' } });
    await expect(draw({})).rejects.toMatchObject({ code: 'PROVIDER_NETWORK' });
    server.replies(() => {});
    await expect(draw({})).rejects.toMatchObject({ code: 'PROVIDER_TIMEOUT' });
  });
});

describe('images of Gemini', () => {
  const one = (text: string, finishReason = 'STOP'): Reply => ({
    json: {
      candidates: [
        {
          content: { parts: [{ text: 'Here.' }, { inlineData: { mimeType: 'image/png', data: base64(text) } }] },
          finishReason,
        },
      ],
      usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 1_290 },
      modelVersion: 'gemini-3-image',
    },
  });

  test('are one call each, with references, shape, size and a seed of their own', async () => {
    server.replies(one('first'), one('second'));
    const made = await draw({
      model: 'gemini-2.5-flash-image',
      count: 2,
      seed: 5,
      aspect: '9:16',
      size: '2K',
      images: [await fileOf('a.png', 'image/png')],
    });
    expect((await contentsOf(made.files)).toSorted()).toEqual(['first', 'second']);
    expect(made).toMatchObject({ model: 'gemini-3-image', usage: { inputTokens: 20, outputTokens: 2_580 } });
    // They are asked for at once, and arrive in any order.
    const seedOf = (body: unknown) => (body as { generationConfig: { seed: number } }).generationConfig.seed;
    const bodies = (await Promise.all(server.requests.map((request) => server.bodyOf(request)))).toSorted(
      (a, b) => seedOf(a) - seedOf(b),
    );
    expect(bodies[0]).toEqual({
      contents: [
        {
          role: 'user',
          parts: [{ text: 'A red cat' }, { inlineData: { mimeType: 'image/png', data: base64('a.png') } }],
        },
      ],
      generationConfig: {
        responseModalities: ['TEXT', 'IMAGE'],
        imageConfig: { aspectRatio: '9:16', imageSize: '2K' },
        seed: 5,
      },
    });
    expect(bodies[1]).toMatchObject({ generationConfig: { seed: 6 } });
    expect(server.requests[0]).toMatchObject({
      path: '/v1beta/models/gemini-2.5-flash-image:generateContent',
      headers: { 'x-goog-api-key': key },
    });
  });

  test.each([
    [{ promptFeedback: { blockReason: 'SAFETY' } }, 'PROVIDER_BLOCKED'],
    [{ candidates: [{ finishReason: 'IMAGE_SAFETY', content: { parts: [] } }] }, 'PROVIDER_BLOCKED'],
    [{ candidates: [{ finishReason: 'STOP', content: { parts: [{ text: 'No.' }] } }] }, 'PROVIDER_EMPTY'],
  ])('%j is %s', async (json, code) => {
    server.replies({ json });
    await expect(draw({ model: 'gemini-2.5-flash-image' })).rejects.toMatchObject({ code });
  });

  test('of Imagen come from its own method', async () => {
    server.replies({
      json: {
        predictions: [{ bytesBase64Encoded: base64('made'), mimeType: 'image/png' }, { raiFilteredReason: 'x' }],
      },
    });
    const made = await draw({ model: 'gemini/imagen-4.0-generate-001', count: 2, aspect: '16:9' });
    expect(await contentsOf(made.files)).toEqual(['made']);
    expect(server.requests[0]?.path).toBe('/v1beta/models/imagen-4.0-generate-001:predict');
    expect(await server.bodyOf(server.requests[0])).toEqual({
      instances: [{ prompt: 'A red cat' }],
      parameters: { sampleCount: 2, aspectRatio: '16:9', includeRaiReason: true },
    });
    server.replies({ json: { predictions: [{ raiFilteredReason: 'not allowed' }] } });
    await expect(draw({ model: 'gemini/imagen-4.0-generate-001' })).rejects.toMatchObject({ code: 'PROVIDER_BLOCKED' });
  });

  test('take no mask', async () => {
    const mask = await fileOf('m.png', 'image/png');
    await expect(draw({ model: 'gemini-2.5-flash-image', mask })).rejects.toMatchObject({
      code: 'PROVIDER_BAD_REQUEST',
    });
    expect(server.requests).toEqual([]);
  });
});

describe('speech', () => {
  test('of an OpenAI-compatible server is streamed into a file', async () => {
    server.replies((response) => {
      response.writeHead(200, { 'content-type': 'audio/mpeg' }).write('so');
      setImmediate(() => response.end('und'));
    });
    const { sound } = await say({ voice: 'nova', instructions: 'Slowly', speed: 0.9 });
    expect([await readFile(sound.file, 'utf8'), sound.mimeType]).toEqual(['sound', 'audio/mpeg']);
    expect(server.requests[0]?.path).toBe('/v1/audio/speech');
    expect(await server.bodyOf(server.requests[0])).toEqual({
      model: 'tts-1',
      input: 'Good morning',
      voice: 'nova',
      instructions: 'Slowly',
      speed: 0.9,
      response_format: 'mp3',
    });
  });

  test('of Gemini becomes a WAV file', async () => {
    const samples = Buffer.from([1, 0, 2, 0]);
    server.replies({
      json: {
        candidates: [
          {
            content: {
              parts: [{ inlineData: { mimeType: 'audio/L16;codec=pcm;rate=24000', data: samples.toString('base64') } }],
            },
          },
        ],
        usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 50 },
      },
    });
    const { sound, usage } = await say({ model: 'gemini-2.5-flash-preview-tts', instructions: 'Whisper' });
    const bytes = await readFile(sound.file);
    expect([sound.mimeType, bytes.toString('latin1', 0, 4), bytes.readUInt32LE(24), bytes.readUInt32LE(40)]).toEqual([
      'audio/wav',
      'RIFF',
      24_000,
      4,
    ]);
    expect(bytes.subarray(44)).toEqual(samples);
    expect(usage).toMatchObject({ inputTokens: 3, outputTokens: 50 });
    expect(await server.bodyOf(server.requests[0])).toEqual({
      contents: [{ role: 'user', parts: [{ text: 'Whisper\n\nGood morning' }] }],
      generationConfig: {
        responseModalities: ['AUDIO'],
        speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: 'Kore' } } },
      },
    });
  });

  test.each<[string, Reply]>([
    [
      'breaks off',
      (response) => response.writeHead(200, { 'content-length': '9' }).write('so', () => response.destroy()),
    ],
    ['is nothing', { bytes: Buffer.alloc(0), headers: { 'content-type': 'audio/mpeg' } }],
    ['is an error with the status of an answer', { json: { error: 'busy' } }],
  ])('that %s is no file', async (_what, reply) => {
    server.replies(reply);
    await expect(say({})).rejects.toMatchObject({ name: 'RetryableError', code: 'PROVIDER_NETWORK' });
  });
});

describe('a transcript', () => {
  test('of an OpenAI-compatible server has segments where the model gives times', async () => {
    server.replies({
      json: {
        text: ' Good morning. Bye. ',
        segments: [
          { id: 0, start: 0, end: 1.5, text: ' Good morning.' },
          { id: 1, start: 1.5, end: 2, text: ' Bye.' },
        ],
      },
    });
    expect(await hear({ language: 'en', hint: 'Ada' })).toMatchObject({
      text: 'Good morning. Bye.',
      segments: [
        { start: 0, end: 1.5, text: 'Good morning.' },
        { start: 1.5, end: 2, text: 'Bye.' },
      ],
    });
    expect(await server.bodyOf(server.requests[0])).toEqual([
      ['file', { type: 'audio/mpeg', content: 'a.mp3' }],
      ['model', 'whisper-1'],
      ['language', 'en'],
      ['prompt', 'Ada'],
      ['response_format', 'verbose_json'],
      ['timestamp_granularities[]', 'segment'],
    ]);
  });

  test('has none where the model refuses to give them', async () => {
    const message = "response_format 'verbose_json' is not compatible with model 'gpt-4o-transcribe'.";
    server.replies({ status: 400, json: { error: { message } } }, { json: { text: 'Hello' } });
    expect(await hear({ model: 'openai/gpt-4o-transcribe' })).toMatchObject({ text: 'Hello', segments: null });
    expect(await server.bodyOf(server.requests[1])).toContainEqual(['response_format', 'json']);
  });

  test('of Gemini is asked for as data', async () => {
    const answer = {
      segments: [
        { start: 0, end: 2, text: ' Hello ' },
        { start: 2, end: 3, text: 'there' },
      ],
    };
    server.replies({ json: { candidates: [{ content: { parts: [{ text: JSON.stringify(answer) }] } }] } });
    expect(await hear({ model: 'gemini-2.5-flash', language: 'en' })).toMatchObject({
      text: 'Hello there',
      segments: [
        { start: 0, end: 2, text: 'Hello' },
        { start: 2, end: 3, text: 'there' },
      ],
    });
    expect(await server.bodyOf(server.requests[0])).toMatchObject({
      contents: [
        {
          parts: [{ text: expect.stringContaining('The language is en') }, { inlineData: { mimeType: 'audio/mpeg' } }],
        },
      ],
      generationConfig: { responseMimeType: 'application/json' },
    });
    server.replies({ json: { candidates: [{ content: { parts: [{ text: 'I hear nothing.' }] } }] } });
    await expect(hear({ model: 'gemini-2.5-flash' })).rejects.toMatchObject({ code: 'PROVIDER_EMPTY' });
  });

  test('ends with the reason of an abort', async () => {
    server.replies(() => {});
    const controller = new AbortController();
    const reason = new Error('cancelled');
    const audio = await fileOf('a.mp3', 'audio/mpeg');
    const asked = registry.transcribe(
      { model: 'openai/whisper-1', audio, idempotencyKey: 'k' },
      { signal: controller.signal },
    );
    controller.abort(reason);
    await expect(asked).rejects.toBe(reason);
  });
});

describe('a video', () => {
  const ask = (request: object) =>
    registry.startVideo(
      { model: 'veo-3.1-generate-preview', prompt: 'A fox', references: [], idempotencyKey: 'k', ...request },
      { signal },
    );

  test('of Veo begins and ends with images, shows others, and is a job that is named by the service', async () => {
    const name = 'models/veo-3.1-generate-preview/operations/a1';
    server.replies({ json: { name } });
    const [first, last, other] = [
      await fileOf('a.png', 'image/png'),
      await fileOf('b.png', 'image/png'),
      await fileOf('c.jpg', 'image/jpeg'),
    ];
    const job = await ask({
      firstFrame: first,
      lastFrame: last,
      references: [other],
      aspect: '9:16',
      size: '1080P',
      negativePrompt: 'rain',
      seed: 3,
    });
    expect(job).toEqual({ provider: 'gemini', model: 'veo-3.1-generate-preview', id: name, seconds: 8 });
    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      path: '/v1beta/models/veo-3.1-generate-preview:predictLongRunning',
      headers: { 'x-goog-api-key': key },
    });
    const image = (file: string, mimeType: string) => ({ bytesBase64Encoded: base64(file), mimeType });
    expect(await server.bodyOf(server.requests[0])).toEqual({
      instances: [
        {
          prompt: 'A fox',
          image: image('a.png', 'image/png'),
          lastFrame: image('b.png', 'image/png'),
          referenceImages: [{ image: image('c.jpg', 'image/jpeg'), referenceType: 'asset' }],
        },
      ],
      parameters: { aspectRatio: '9:16', resolution: '1080p', negativePrompt: 'rain', seed: 3 },
    });
    await expect(ask({ size: '1280x720' })).rejects.toMatchObject({ code: 'PROVIDER_BAD_REQUEST' });
  });

  test('of Veo is fetched without its key from wherever else it lies', async () => {
    const elsewhere = await startRecordingServer('127.0.0.2');
    try {
      const uri = `${server.url}/v1beta/files/f1:download?alt=media`;
      elsewhere.replies({ bytes: Buffer.from('film'), headers: { 'content-type': 'video/mp4' } });
      server.replies(
        { json: { done: true, response: { generateVideoResponse: { generatedSamples: [{ video: { uri } }] } } } },
        { status: 302, headers: { location: `${elsewhere.url}/bytes` }, json: {} },
      );
      const job = { provider: 'gemini', model: 'veo-3.1-fast-generate-preview', id: 'operations/a1', seconds: 4 };
      const { video, usage } = await registry.fetchVideo(job, { folder, signal });
      expect(await contentsOf([video])).toEqual(['film']);
      expect(usage).toEqual({ inputTokens: 0, outputTokens: 0, costUsd: 0.6 });
      expect(server.requests[1]?.headers).toMatchObject({ 'x-goog-api-key': key });
      expect(elsewhere.requests[0]?.headers).not.toHaveProperty('x-goog-api-key');
    } finally {
      await elsewhere.stop();
    }
  });

  test('of an OpenAI-compatible server begins with one image, and without what the server does not know', async () => {
    server.replies(
      { status: 400, json: { error: { message: "Unknown parameter: 'seed'." } } },
      { json: { id: 'v1', status: 'queued' } },
    );
    const job = await ask({
      model: 'openai/sora-2',
      firstFrame: await fileOf('a.png', 'image/png'),
      aspect: '16:9',
      seconds: 8,
      seed: 1,
    });
    expect(job).toEqual({ provider: 'openai', model: 'sora-2', id: 'v1', seconds: 8 });
    expect(await server.bodyOf(server.requests[1])).toEqual([
      ['model', 'sora-2'],
      ['prompt', 'A fox'],
      ['seconds', '8'],
      ['size', '1280x720'],
      ['input_reference', { type: 'image/png', content: 'a.png' }],
    ]);
    const image = await fileOf('a.png', 'image/png');
    await expect(ask({ model: 'openai/sora-2', firstFrame: image, lastFrame: image })).rejects.toMatchObject({
      code: 'PROVIDER_BAD_REQUEST',
    });
  });
});
