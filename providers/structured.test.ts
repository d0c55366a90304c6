import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonRules } from '../core/interface/json-rules.ts';
import type { ModelRequest } from '../core/node-type/executor.ts';
import type { FakeModelServer } from '../testing/fake-model-server.ts';
import { startFakeGemini } from '../testing/fake-gemini.ts';
import { startFakeOpenAi } from '../testing/fake-openai.ts';
import { createProviders } from './create-providers.ts';
import { createModelRegistry, type ModelRegistry } from './registry.ts';

const schema: JsonRules = {
  type: 'object',
  properties: { a: { type: 'number' } },
  required: ['a'],
  additionalProperties: false,
};

let folder: string;
let gemini: FakeModelServer;
let openai: FakeModelServer;
let registry: ModelRegistry;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heddle-structured-'));
  gemini = await startFakeGemini({ apiKey: 'a-gemini-key' });
  openai = await startFakeOpenAi();
});
afterEach(() => {
  gemini.reset();
  openai.reset();
});
afterAll(async () => {
  await registry.stop();
  await gemini.stop();
  await openai.stop();
  await rm(folder, { recursive: true });
});

/** Asks with nothing remembered of earlier calls; gives the bodies that were sent. */
async function bodiesOf(provider: 'gemini' | 'openai', request: Partial<ModelRequest>) {
  registry = createModelRegistry({
    providers: createProviders({
      GEMINI_API_KEY: 'a-gemini-key',
      GEMINI_BASE_URL: gemini.url,
      OPENAI_BASE_URL: openai.url,
      now: Date.now,
    }),
    fitImage: () => Promise.reject(new Error('no images here')),
    tempDir: folder,
    now: Date.now,
  });
  const model = provider === 'gemini' ? 'gemini-2.5-flash' : 'openai/some-model';
  await registry.generate(
    { model, userMessage: 'Hi', images: [], idempotencyKey: 'k', ...request },
    { signal: new AbortController().signal, onDelta: () => {} },
  );
  const server = provider === 'gemini' ? gemini : openai;
  return server.prompts.map(({ body }) => body as Record<string, unknown>);
}

const fileOf = async (name: string, content: string) => {
  const file = join(folder, name);
  await writeFile(file, content);
  return file;
};
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('the schema of an answer', () => {
  test('is sent in the provider’s own way', async () => {
    const [one] = await bodiesOf('gemini', { answerSchema: schema });
    expect(one?.['generationConfig']).toMatchObject({
      responseMimeType: 'application/json',
      responseJsonSchema: schema,
    });
    const [other] = await bodiesOf('openai', { answerSchema: schema });
    expect(other?.['response_format']).toEqual({
      type: 'json_schema',
      json_schema: { name: 'answer', schema, strict: true },
    });
  });

  test('is not strict where it leaves something open', async () => {
    const { additionalProperties: _closed, ...open } = schema;
    const [body] = await bodiesOf('openai', { answerSchema: open });
    expect(body?.['response_format']).toMatchObject({ json_schema: { strict: false } });
  });

  test.each(['gemini', 'openai'] as const)('is asked for in words where %s refuses it', async (provider) => {
    const server = provider === 'gemini' ? gemini : openai;
    const message =
      provider === 'gemini'
        ? 'Invalid JSON payload received. Unknown name "responseJsonSchema" at \'generation_config\'.'
        : "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.";
    server.script({ kind: 'error', status: 400, message });
    const [, second] = await bodiesOf(provider, { answerSchema: schema });
    const sent = JSON.stringify(second);
    expect(sent).toContain('fits this JSON schema');
    expect(sent).not.toMatch(/responseJsonSchema|response_format/);
  });
});

describe('the settings of a call', () => {
  const settings = { stop: ['END'], seed: 5, reasoningEffort: 'low' } as const;

  test('are those of Gemini', async () => {
    const [body] = await bodiesOf('gemini', settings);
    expect(body?.['generationConfig']).toMatchObject({
      stopSequences: ['END'],
      seed: 5,
      thinkingConfig: { thinkingBudget: 1_024 },
    });
    const [, later] = await bodiesOf('gemini', { ...settings, model: 'gemini-3.5-flash' });
    expect(later?.['generationConfig']).toMatchObject({ thinkingConfig: { thinkingLevel: 'low' } });
  });

  test('are those of OpenAI', async () => {
    const [body] = await bodiesOf('openai', settings);
    expect(body).toMatchObject({ stop: ['END'], seed: 5, reasoning_effort: 'low' });
  });

  test('that are refused are named', async () => {
    openai.script({ kind: 'error', status: 400, message: "Unsupported parameter: 'reasoning_effort'." });
    await expect(bodiesOf('openai', settings)).rejects.toMatchObject({
      code: 'PROVIDER_BAD_REQUEST',
      message: expect.stringContaining('Change "Reasoning effort"'),
    });
  });
});

describe('files beside the prompt', () => {
  const filesOf = async () => [
    { file: await fileOf('a.mp3', 'sound'), mimeType: 'audio/mpeg' },
    { file: await fileOf('a.mp4', 'film'), mimeType: 'video/mp4' },
    { file: await fileOf('a.pdf', 'pages'), mimeType: 'application/pdf' },
    { file: await fileOf('a.csv', 'x,y'), mimeType: 'text/csv' },
  ];

  test('are parts of Gemini’s', async () => {
    const [body] = await bodiesOf('gemini', { files: await filesOf() });
    expect(body?.['contents']).toEqual([
      {
        role: 'user',
        parts: [
          { text: 'Hi' },
          { inlineData: { mimeType: 'audio/mpeg', data: base64('sound') } },
          { inlineData: { mimeType: 'video/mp4', data: base64('film') } },
          { inlineData: { mimeType: 'application/pdf', data: base64('pages') } },
          { text: 'x,y' },
        ],
      },
    ]);
  });

  test('are parts of OpenAI’s', async () => {
    const [body] = await bodiesOf('openai', { files: await filesOf() });
    expect(body?.['messages']).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Hi' },
          { type: 'input_audio', input_audio: { data: base64('sound'), format: 'mp3' } },
          { type: 'video_url', video_url: { url: `data:video/mp4;base64,${base64('film')}` } },
          {
            type: 'file',
            file: { filename: 'document.pdf', file_data: `data:application/pdf;base64,${base64('pages')}` },
          },
          { type: 'text', text: 'x,y' },
        ],
      },
    ]);
  });

  test('that are too large together are refused before they are read', async () => {
    const file = await fileOf('long.mp3', 'x'.repeat(15 * 1024 * 1024));
    await expect(bodiesOf('openai', { files: [{ file, mimeType: 'audio/mpeg' }] })).rejects.toMatchObject({
      code: 'PROVIDER_BAD_REQUEST',
      message: expect.stringContaining('14 MB'),
    });
    await expect(bodiesOf('gemini', { files: [{ file, mimeType: 'text/csv' }] })).rejects.toMatchObject({
      code: 'PROVIDER_BAD_REQUEST',
      message: expect.stringContaining('1 MB'),
    });
    expect([...openai.calls, ...gemini.calls]).toEqual([]);
  });
});
