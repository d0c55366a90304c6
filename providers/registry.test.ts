import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { RetryableError } from '../core/errors/app-error.ts';
import { createMedia, type Media } from '../media/media.ts';
import { fitImage } from '../media/operations/fit-image.ts';
import { createBinaries } from '../media/video/binaries.ts';
import { startFakeGemini } from '../testing/fake-gemini.ts';
import type { FakeModelServer } from '../testing/fake-model-server.ts';
import { startFakeOpenAi } from '../testing/fake-openai.ts';
import { createProviders, type ProvidersOptions } from './create-providers.ts';
import type { FitImage } from './fit-images.ts';
import { createModelRegistry, type ModelRegistry, type ModelRegistryOptions } from './registry.ts';

const apiKey = 'registry-key-8Tz2';
const request = { userMessage: 'What is this?', images: [], idempotencyKey: 'one' };

let gemini: FakeModelServer;
let openAi: FakeModelServer;
let folder: string;
let media: Media;
const fitWith: FitImage = (picture) => media.run(fitImage, picture);
let time: number;
const registries: ModelRegistry[] = [];

beforeAll(async () => {
  gemini = await startFakeGemini({ apiKey });
  openAi = await startFakeOpenAi({ models: ['llama', 'gemini-of-another-house'] });
  media = createMedia({ binaries: createBinaries({}) });
  folder = await mkdtemp(path.join(os.tmpdir(), 'heddle-registry-test-'));
});
afterEach(async () => {
  await Promise.all(registries.splice(0).map((registry) => registry.stop()));
  gemini.reset();
  openAi.reset();
});
afterAll(async () => {
  await Promise.all([gemini.stop(), openAi.stop(), media.stop(), rm(folder, { recursive: true })]);
});

function create(settings: Partial<ProvidersOptions> = {}, options: Partial<ModelRegistryOptions> = {}): ModelRegistry {
  time = 0;
  const now = (): number => time;
  const both = { GEMINI_API_KEY: apiKey, GEMINI_BASE_URL: gemini.url, OPENAI_BASE_URL: openAi.url };
  const providers = createProviders({ ...both, ...settings, now });
  const registry = createModelRegistry({ providers, fitImage: fitWith, tempDir: folder, now, ...options });
  registries.push(registry);
  return registry;
}

function ask(registry: ModelRegistry, change: Partial<Parameters<ModelRegistry['generate']>[0]>) {
  return registry.generate(
    { ...request, model: 'gemini-fake', ...change },
    { signal: new AbortController().signal, onDelta: () => undefined },
  );
}

test('what a failed answer has used is given with its price', async () => {
  const usage = { inputTokens: 1_000_000, outputTokens: 2 };
  gemini.script({ kind: 'answer', chunks: ['Half'], finishReason: 'MAX_TOKENS', usage });
  const registry = create({}, { prices: { 'gemini-fake': { input: 2, output: 500_000 } } });
  await expect(ask(registry, {})).rejects.toMatchObject({
    name: 'TerminalError',
    code: 'PROVIDER_TRUNCATED',
    details: { usage: { ...usage, costUsd: 3 } },
  });
});

describe('the provider of a model', () => {
  test.each([
    ['gemini-fake', 'gemini', 'gemini-fake'],
    [' gemini-fake ', 'gemini', 'gemini-fake'],
    ['gemini/gemini-fake', 'gemini', 'gemini-fake'],
    ['gemini/gemma-9', 'gemini', 'gemma-9'],
    ['openai/gemini-x', 'openai', 'gemini-x'],
    ['llama', 'openai', 'llama'],
    ['llama:8b', 'openai', 'llama:8b'],
    ['meta-llama/Llama-9', 'openai', 'meta-llama/Llama-9'],
    ['openai/meta-llama/Llama-9', 'openai', 'meta-llama/Llama-9'],
  ])('%j is %s, which is asked for %j', async (written, provider, model) => {
    await expect(ask(create(), { model: written })).resolves.toMatchObject({ provider, model });
  });

  test('is Gemini for a name of GEMINI_MODELS', async () => {
    const registry = create({ GEMINI_MODELS: 'gemini-a, gemma-9,,gemini-a' });
    await expect(ask(registry, { model: 'gemma-9' })).resolves.toMatchObject({ provider: 'gemini' });
  });

  test.each([
    ['gemini-fake', 'GEMINI_API_KEY'],
    ['gemini/anything', 'GEMINI_API_KEY'],
    ['llama', 'OPENAI_BASE_URL'],
    ['openai/llama', 'OPENAI_BASE_URL'],
  ])('%s, where it is not configured, is a terminal error that names %s', async (model, variable) => {
    const error: unknown = await ask(create({ GEMINI_API_KEY: '', OPENAI_BASE_URL: '' }), { model }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ name: 'TerminalError', code: 'PROVIDER_NOT_CONFIGURED', details: { variable } });
    expect((error as Error).message).toContain(`Set ${variable}`);
    expect(gemini.calls).toHaveLength(0);
  });

  test.each(['', '  '])('needs a name: %j is refused', async (model) => {
    await expect(ask(create(), { model })).rejects.toMatchObject({ code: 'PROVIDER_BAD_REQUEST' });
  });

  test('needs a name behind the prefix', async () => {
    await expect(ask(create(), { model: 'gemini/' })).rejects.toMatchObject({ code: 'PROVIDER_MODEL_NOT_FOUND' });
  });
});

test('the price of an answer comes with its tokens, where the model has one', async () => {
  gemini.standing({ kind: 'answer', usage: { inputTokens: 1_000, outputTokens: 100 } });
  const known = create({}, { prices: { 'gemini-fake': { input: 2, output: 10 } } });
  expect((await ask(known, {})).usage).toEqual({ inputTokens: 1_000, outputTokens: 100, costUsd: 0.003 });
  expect((await ask(create(), {})).usage).toEqual({ inputTokens: 1_000, outputTokens: 100 });
});

describe('pictures', () => {
  async function makePicture(name: string, width: number, height: number) {
    const file = path.join(folder, name);
    await sharp({ create: { width, height, channels: 3, background: '#3366cc' } })
      .png()
      .toFile(file);
    return { file, mimeType: 'image/png' };
  }

  test.each([
    ['gemini-fake', () => gemini, 3072],
    ['llama', () => openAi, 2048],
  ])('for %s are scaled down to the provider’s longest side, in order', async (model, fake, maxSide) => {
    const images = [await makePicture('wide.png', 4000, 1000), await makePicture('small.png', 40, 80)];
    await ask(create(), { model, images });
    const sent = fake().prompts[0]?.prompt?.images ?? [];
    const sizes = await Promise.all(
      sent.map(async ({ base64 }) => {
        const { width, height, format } = await sharp(Buffer.from(base64, 'base64')).metadata();
        return { width, height, format };
      }),
    );
    expect(sizes).toEqual([
      { width: maxSide, height: maxSide / 4, format: 'jpeg' },
      { width: 40, height: 80, format: 'jpeg' },
    ]);
    expect(sent.map(({ mimeType }) => mimeType)).toEqual(['image/jpeg', 'image/jpeg']);
  });

  test('share the bytes of one request', async () => {
    const asked: number[] = [];
    const spying: FitImage = (fit) => {
      asked.push(fit.maxBytes);
      return fitWith(fit);
    };
    const image = await makePicture('one.png', 20, 20);
    const limits = { maxBytes: 50_000, maxTotalBytes: 80_000, maxSide: 10 };
    await ask(create({}, { fitImage: spying, limits }), { images: [image] });
    await ask(create({}, { fitImage: spying, limits }), { images: [image, image, image] });
    expect(asked).toEqual([50_000, 26_666, 26_666, 26_666]);
  });

  test('that are too many are refused before any work', async () => {
    const image = await makePicture('many.png', 20, 20);
    const call = ask(create(), { images: Array.from({ length: 17 }, () => image) });
    await expect(call).rejects.toMatchObject({ code: 'PROVIDER_BAD_REQUEST', details: { images: 17, maxImages: 16 } });
    expect(gemini.calls).toHaveLength(0);
  });

  test('leave no copies behind, whether the call succeeds or fails', async () => {
    const image = await makePicture('kept.png', 20, 20);
    await ask(create(), { images: [image] });
    gemini.script({ kind: 'error', status: 500 });
    await expect(ask(create(), { images: [image] })).rejects.toBeInstanceOf(RetryableError);
    await expect(ask(create(), { images: [{ ...image, file: path.join(folder, 'gone.png') }] })).rejects.toThrow();
    expect((await readdir(folder)).filter((name) => name.startsWith('model-images'))).toEqual([]);
  });
});

describe('the list of providers', () => {
  const makes = ['text', 'transcript'];

  test('names each model as a node would write it, the configured ones first', async () => {
    const registry = create({ GEMINI_MODELS: 'gemini-b', OPENAI_MODELS: 'qwen' });
    expect(await registry.listProviders()).toEqual([
      {
        id: 'gemini',
        title: 'Gemini',
        configured: true,
        ownKey: false,
        variable: 'GEMINI_API_KEY',
        models: [
          { id: 'gemini-b', title: 'gemini-b', makes },
          { id: 'gemini-fake', title: 'Gemini Fake', makes },
        ],
      },
      {
        id: 'openai',
        title: 'OpenAI-compatible',
        configured: true,
        ownKey: false,
        variable: 'OPENAI_BASE_URL',
        models: [
          { id: 'qwen', title: 'qwen' },
          { id: 'llama', title: 'llama' },
          { id: 'openai/gemini-of-another-house', title: 'gemini-of-another-house', makes },
        ],
      },
    ]);
  });

  test('shows a provider that is not configured, without asking it', async () => {
    const [first] = await create({ GEMINI_API_KEY: '', GEMINI_MODELS: 'gemini-b' }).listProviders();
    expect(first).toEqual({
      id: 'gemini',
      title: 'Gemini',
      configured: false,
      ownKey: false,
      variable: 'GEMINI_API_KEY',
      models: [{ id: 'gemini-b', title: 'gemini-b', makes }],
    });
    expect(gemini.calls).toHaveLength(0);
  });

  test('shows a failure beside the configured models and does not throw', async () => {
    const registry = create({ GEMINI_API_KEY: 'wrong', GEMINI_MODELS: 'gemini-b' });
    const [first] = await registry.listProviders();
    expect(first).toMatchObject({ configured: true, models: [{ id: 'gemini-b' }] });
    expect(first?.error).toMatch(/refused the API key.*GEMINI_API_KEY/);
  });

  test('is read once for callers at the same time and kept for five minutes', async () => {
    const registry = create();
    await Promise.all([registry.listProviders(), registry.listProviders()]);
    time = 5 * 60_000 - 1;
    await registry.listProviders();
    expect(gemini.calls).toHaveLength(1);
    time += 1;
    await registry.listProviders();
    expect(gemini.calls).toHaveLength(2);
  });

  test('is read again on request', async () => {
    const registry = create();
    await registry.listProviders();
    await registry.listProviders({ refresh: true });
    expect(gemini.calls).toHaveLength(2);
  });

  test('tries again half a minute after a failure', async () => {
    const registry = create({ GEMINI_API_KEY: 'wrong' });
    await registry.listProviders();
    time = 29_999;
    await registry.listProviders();
    expect(gemini.calls).toHaveLength(1);
    time = 30_000;
    await registry.listProviders();
    expect(gemini.calls).toHaveLength(2);
  });
});
