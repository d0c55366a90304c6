import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { FakeModelServer } from '../testing/fake-model-server.ts';
import { startFakeOpenAi } from '../testing/fake-openai.ts';
import { createOpenAiCompatibleProvider, type OpenAiCompatibleOptions } from './openai-compatible.ts';
import { defaultCallLimits, type ProviderRequest } from './provider.ts';

const now = Date.parse('2026-11-24T10:00:00Z');
const signal = new AbortController().signal;

let fake: FakeModelServer;
beforeAll(async () => {
  fake = await startFakeOpenAi({ models: ['llama', 'qwen'] });
});
afterEach(() => fake.reset());
afterAll(() => fake.stop());

function create(change: Partial<OpenAiCompatibleOptions> = {}) {
  return createOpenAiCompatibleProvider({
    baseUrl: fake.url,
    models: [],
    limits: defaultCallLimits,
    now: () => now,
    ...change,
  });
}

function generate(provider = create(), change: Partial<ProviderRequest> = {}) {
  return provider.generate(
    { model: 'llama', userMessage: 'hello', images: [], idempotencyKey: 'one', ...change },
    { signal, onDelta: () => undefined },
  );
}

test('needs no key, and then sends none', async () => {
  await expect(generate()).resolves.toMatchObject({ text: 'answer to "hello"', model: 'llama' });
  expect(fake.calls[0]?.headers.authorization).toBeUndefined();
});

test('sends the fields that every such server knows', async () => {
  await generate(create(), { systemPrompt: 'Be brief.', temperature: 0.3, maxOutputTokens: 50 });
  expect(fake.calls[0]?.body).toEqual({
    model: 'llama',
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'hello' },
    ],
    temperature: 0.3,
    max_tokens: 50,
    stream: true,
    stream_options: { include_usage: true },
  });
});

test.each(['', '/', '/v1', '/v1/'])('takes a base URL that ends in "%s"', async (end) => {
  await generate(create({ baseUrl: fake.url + end }));
  expect(fake.calls[0]?.url).toBe('/v1/chat/completions');
});

test('keeps a path that names another version', async () => {
  await generate(create({ baseUrl: `${fake.url}/v1beta/openai/` })).catch(() => undefined);
  expect(fake.calls[0]?.url).toBe('/v1beta/openai/chat/completions');
});

describe('a rate limit', () => {
  test.each([
    ['20', 20_000],
    ['0.5', 500],
    ['Tue, 24 Nov 2026 10:00:30 GMT', 30_000],
    ['Tue, 24 Nov 2026 09:00:00 GMT', 0],
    ['99999', 99_999_000],
    ['later', undefined],
  ])('with Retry-After "%s" waits %p ms', async (value, retryAfterMs) => {
    fake.script({ kind: 'error', status: 429, headers: { 'retry-after': value } });
    await expect(generate()).rejects.toMatchObject({ code: 'PROVIDER_RATE_LIMITED', retryAfterMs });
  });

  test('by an empty account is final', async () => {
    fake.script({ kind: 'error', status: 429, reason: 'insufficient_quota' });
    await expect(generate()).rejects.toMatchObject({ name: 'TerminalError', code: 'PROVIDER_RATE_LIMITED' });
  });

  test('by status 503 keeps its Retry-After', async () => {
    fake.script({ kind: 'error', status: 503, headers: { 'retry-after': '7' } });
    await expect(generate()).rejects.toMatchObject({ code: 'PROVIDER_OVERLOADED', retryAfterMs: 7_000 });
  });
});

test.each([
  [400, 'model_not_found', 'PROVIDER_MODEL_NOT_FOUND'],
  [400, 'context_length_exceeded', 'PROVIDER_BAD_REQUEST'],
  [400, 'content_policy_violation', 'PROVIDER_BLOCKED'],
  [400, 'invalid_api_key', 'PROVIDER_AUTH'],
])('status %i with the code %s is %s', async (status, reason, code) => {
  fake.script({ kind: 'error', status, reason });
  await expect(generate()).rejects.toMatchObject({ code });
});

test.each([
  '{"error":"model is loading"}',
  '{"message":"model is loading"}',
  '{"error":{"message":"model is loading"}}',
])('reads the words of a refusal such as %s', async (body) => {
  fake.script({ kind: 'raw', status: 500, contentType: 'application/json', body });
  await expect(generate()).rejects.toThrow(/says: model is loading/);
});

describe('the field of the token limit', () => {
  const refusal = {
    kind: 'error',
    status: 400,
    param: 'max_tokens',
    reason: 'unsupported_parameter',
    message: "'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
  } as const;

  test('is sent under its other name when the server asks for that', async () => {
    fake.script(refusal);
    await expect(generate(create(), { maxOutputTokens: 50 })).resolves.toBeDefined();
    expect(fake.calls.map(({ body }) => body)).toEqual([
      expect.objectContaining({ max_tokens: 50 }),
      expect.objectContaining({ max_completion_tokens: 50 }),
    ]);
  });

  test('is not sent a third time', async () => {
    fake.script(refusal, refusal);
    await expect(generate(create(), { maxOutputTokens: 50 })).rejects.toMatchObject({ code: 'PROVIDER_BAD_REQUEST' });
    expect(fake.calls).toHaveLength(2);
  });
});

test('a refusal written as a delta is PROVIDER_BLOCKED', async () => {
  fake.script({ kind: 'events', events: [{ choices: [{ delta: { refusal: 'I cannot help with that.' } }] }] });
  await expect(generate()).rejects.toMatchObject({ code: 'PROVIDER_BLOCKED' });
});

test('a tool call in place of text is final', async () => {
  const choice = { delta: { tool_calls: [{ index: 0 }] }, finish_reason: 'tool_calls' };
  fake.script({ kind: 'events', events: [{ choices: [choice] }, '[DONE]'] });
  await expect(generate()).rejects.toMatchObject({ name: 'TerminalError', code: 'PROVIDER_EMPTY' });
});

test('neither key nor prompt follows a redirect, which is told and not tried again', async () => {
  const redirecting = createServer((_request, response) => {
    response.writeHead(307, { location: `${fake.url}/v1/chat/completions` }).end();
  });
  await new Promise<void>((resolve) => redirecting.listen(0, '127.0.0.1', resolve));
  try {
    const baseUrl = `http://127.0.0.1:${(redirecting.address() as AddressInfo).port}`;
    await expect(generate(create({ baseUrl, apiKey: 'secret-key' }))).rejects.toMatchObject({
      name: 'TerminalError',
      code: 'PROVIDER_NETWORK',
      message: expect.stringContaining('OPENAI_BASE_URL') as unknown,
    });
    expect(fake.calls).toHaveLength(0);
  } finally {
    redirecting.closeAllConnections();
    await new Promise((resolve) => redirecting.close(resolve));
  }
});

test('names the reason of a refused connection by its code', async () => {
  const gone = await startFakeOpenAi();
  await gone.stop();
  await expect(generate(create({ baseUrl: gone.url }))).rejects.toThrow(
    /could not be reached \(ECONNREFUSED\).*OPENAI_BASE_URL/,
  );
});

test('lists the models', async () => {
  await expect(create().listModels({ signal })).resolves.toEqual([
    { id: 'llama', title: 'llama' },
    { id: 'qwen', title: 'qwen' },
  ]);
});

test.each(['', ' ', undefined])('a base URL of %p leaves the provider not configured', (baseUrl) => {
  expect(create({ baseUrl }).configured).toBe(false);
});
