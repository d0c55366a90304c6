import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startFakeGemini } from '../testing/fake-gemini.ts';
import type { FakeModelServer } from '../testing/fake-model-server.ts';
import { createGeminiProvider, type GeminiOptions } from './gemini.ts';
import { defaultCallLimits } from './provider.ts';

const apiKey = 'gemini-test-key-4Fq9';
const models = Array.from({ length: 5 }, (_, index) => ({
  name: `gemini-${index}`,
  displayName: `Gemini ${index}`,
  methods: ['generateContent'],
}));
const signal = new AbortController().signal;

let fake: FakeModelServer;
beforeAll(async () => {
  const embedding = { name: 'an-embedding', displayName: 'Embedding', methods: ['embedContent'] };
  fake = await startFakeGemini({ apiKey, models: [embedding, ...models], pageSize: 2 });
});
afterEach(() => fake.reset());
afterAll(() => fake.stop());

function create(change: Partial<GeminiOptions> = {}) {
  return createGeminiProvider({
    apiKey,
    baseUrl: fake.url,
    models: [],
    limits: defaultCallLimits,
    now: () => 0,
    ...change,
  });
}

function generate(provider = create(), model = 'gemini-fake') {
  return provider.generate(
    { model, userMessage: 'hello', images: [], idempotencyKey: 'one', temperature: 0.3, maxOutputTokens: 50 },
    { signal, onDelta: () => undefined },
  );
}

test('passes temperature, token limit and system prompt on in the fields of the service', async () => {
  await create().generate(
    {
      model: 'gemini-fake',
      systemPrompt: 'Be brief.',
      userMessage: 'hello',
      images: [],
      temperature: 0,
      idempotencyKey: '1',
    },
    { signal, onDelta: () => undefined },
  );
  expect(fake.calls[0]?.body).toMatchObject({
    systemInstruction: { role: 'system', parts: [{ text: 'Be brief.' }] },
    generationConfig: { temperature: 0 },
    contents: [{ role: 'user', parts: [{ text: 'hello' }] }],
  });
  fake.reset();
  await generate();
  expect(fake.calls[0]?.body).toMatchObject({ generationConfig: { temperature: 0.3, maxOutputTokens: 50 } });
  expect(fake.calls[0]?.url).toBe('/v1beta/models/gemini-fake:streamGenerateContent?alt=sse');
});

test.each(['', '/', '//', '/v1beta', '/v1beta/'])('takes a base URL that ends in "%s"', async (end) => {
  await expect(generate(create({ baseUrl: fake.url + end }))).resolves.toMatchObject({ text: 'answer to "hello"' });
});

describe('a rate limit', () => {
  test.each([
    ['54s', 54_000],
    ['1.5s', 1_500],
    ['0s', 0],
    ['86400s', 86_400_000],
    ['soon', undefined],
  ])('with a retryDelay of %s waits %p ms', async (retryDelay, retryAfterMs) => {
    fake.script({ kind: 'error', status: 429, message: 'Quota exceeded.', retryDelay });
    await expect(generate()).rejects.toMatchObject({ code: 'PROVIDER_RATE_LIMITED', retryAfterMs });
  });

  test('is told without the technical details', async () => {
    fake.script({ kind: 'error', status: 429, message: 'Quota exceeded.', retryDelay: '54s' });
    await expect(generate()).rejects.toThrow(/^Gemini says: Quota exceeded\. .*Try again in 54 s\.$/);
  });
});

test('a bad key, which the service refuses with status 400, is PROVIDER_AUTH', async () => {
  await expect(generate(create({ apiKey: 'wrong' }))).rejects.toMatchObject({
    code: 'PROVIDER_AUTH',
    details: { status: 400 },
  });
});

test('thinking that uses the tokens up is told', async () => {
  fake.script({
    kind: 'answer',
    chunks: [],
    thoughts: ['Hm.'],
    finishReason: 'MAX_TOKENS',
    usage: { inputTokens: 4, outputTokens: 0, thinkingTokens: 50 },
  });
  await expect(generate()).rejects.toThrow(/after 0 characters \(50 tokens\).*50 tokens were used for thinking/);
});

test('an answer of pictures alone is final, since asking again would only cost', async () => {
  const picture = { inlineData: { mimeType: 'image/png', data: 'AAAA' } };
  fake.script({ kind: 'events', events: [{ candidates: [{ content: { parts: [picture] }, finishReason: 'STOP' }] }] });
  await expect(generate()).rejects.toMatchObject({ name: 'TerminalError', code: 'PROVIDER_EMPTY' });
});

test('an answer without candidates may be tried again', async () => {
  fake.script({ kind: 'events', events: [{ candidates: [], usageMetadata: { promptTokenCount: 3 } }] });
  await expect(generate()).rejects.toMatchObject({ name: 'RetryableError', code: 'PROVIDER_EMPTY' });
});

test.each(['SAFETY', 'OTHER', 'PROHIBITED_CONTENT'])('a prompt blocked by %s is PROVIDER_BLOCKED', async (reason) => {
  fake.script({ kind: 'blocked', reason });
  await expect(generate()).rejects.toMatchObject({ code: 'PROVIDER_BLOCKED', details: { reason } });
});

test.each(['gemini-fake', 'models/gemini-fake', 'tunedModels/mine-1'])('takes the model name %s', async (model) => {
  await expect(generate(create(), model)).resolves.toBeDefined();
});

test.each(['../../v1/files', 'a/b', 'gemini?key=x', 'gemini fake', 'models/../x', 'x#y', '%2e%2e'])(
  'refuses the model name %s without asking the service',
  async (model) => {
    await expect(generate(create(), model)).rejects.toMatchObject({ code: 'PROVIDER_MODEL_NOT_FOUND' });
    expect(fake.calls).toHaveLength(0);
  },
);

test('lists the models that generate content, over all pages', async () => {
  const list = await create().listModels({ signal });
  expect(list).toEqual(models.map(({ name, displayName }) => ({ id: name, title: displayName })));
  expect(fake.calls.map(({ url }) => url)).toHaveLength(3);
  expect(fake.calls.every(({ url, keyWasRight }) => keyWasRight && !url.includes(apiKey))).toBe(true);
});

test('lists those that make videos and images as well, with what they are for', async () => {
  const shown = await startFakeGemini({
    apiKey,
    models: [
      { name: 'veo-9', displayName: 'Veo 9', methods: ['predictLongRunning'] },
      { name: 'imagen-9', displayName: 'Imagen 9', methods: ['predict'] },
      { name: 'embedding-9', displayName: 'Embedding 9', methods: ['embedContent'] },
    ],
  });
  try {
    expect(await create({ baseUrl: shown.url }).listModels({ signal })).toEqual([
      { id: 'veo-9', title: 'Veo 9', makes: ['video'] },
      { id: 'imagen-9', title: 'Imagen 9', makes: ['image'] },
    ]);
  } finally {
    await shown.stop();
  }
});

test('claims the names that start with gemini and those of the configuration', () => {
  const provider = create({ models: ['gemma-9'] });
  expect(['gemini-x', 'gemma-9', 'gemma-8', 'llama'].map((name) => provider.claims(name))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

describe('settings', () => {
  test.each(['', '  ', undefined])('a key of %p leaves the provider not configured', (key) => {
    expect(create({ apiKey: key }).configured).toBe(false);
  });

  test.each([
    [{ apiKey: 'two words' }, 'GEMINI_API_KEY'],
    [{ apiKey: 'line\nbreak' }, 'GEMINI_API_KEY'],
    [{ baseUrl: 'localhost' }, 'GEMINI_BASE_URL'],
    [{ baseUrl: 'ftp://localhost' }, 'GEMINI_BASE_URL'],
    [{ baseUrl: 'http://me:hunter2@localhost' }, 'GEMINI_BASE_URL'],
    [{ baseUrl: 'http://localhost/?key=hunter2' }, 'GEMINI_BASE_URL'],
  ])('%j cannot be used: the error names %s and not the value', (change, variable) => {
    const problem = (() => {
      try {
        return create(change);
      } catch (error) {
        return error;
      }
    })();
    expect(problem).toMatchObject({ code: 'PROVIDER_NOT_CONFIGURED', details: { variable } });
    expect((problem as Error).message).toContain(variable);
    expect((problem as Error).message).not.toMatch(/hunter2|two words|break$/);
  });
});
