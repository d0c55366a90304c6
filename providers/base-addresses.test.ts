import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { WireServer } from '../testing/wire-server.ts';
import { WireMemory } from './adaptions.ts';
import { geminiBase, openAiBases } from './base-addresses.ts';
import { createOpenAiCompatibleProvider } from './openai-compatible.ts';
import { defaultCallLimits } from './provider.ts';

let server: WireServer;
beforeAll(async () => {
  server = new WireServer();
  await server.start();
});
afterEach(() => server.play([]));
afterAll(() => server.stop());

const signal = new AbortController().signal;
const answer = { body: { choices: [{ message: { content: 'Hello' }, finish_reason: 'stop' }] } };
const missing = { status: 404, body: { detail: 'Not Found' } };

function create(base: string, memory = new WireMemory()) {
  const baseUrl = server.url + base;
  return createOpenAiCompatibleProvider({ baseUrl, models: [], limits: defaultCallLimits, now: Date.now, memory });
}

function ask(provider: ReturnType<typeof create>) {
  const request = { model: 'm', userMessage: 'Say hello', images: [], idempotencyKey: 'one' };
  return provider.generate(request, { signal, onDelta: () => undefined });
}

describe('what people paste as the base address', () => {
  test.each([
    ['v1-slash', '/v1/', '/v1/chat/completions'],
    ['no-version', '', '/v1/chat/completions'],
    ['v1beta-openai-slash', '/v1beta/openai/', '/v1beta/openai/chat/completions'],
    ['with-endpoint', '/v1/chat/completions', '/v1/chat/completions'],
    ['endpoint-no-version', '/chat/completions', '/v1/chat/completions'],
    ['with-models', '/v1/models', '/v1/chat/completions'],
    ['path-without-version', '/inference', '/inference/chat/completions'],
    ['endpoint with a slash', '/openai/v1/chat/completions/', '/openai/v1/chat/completions'],
    ['slashes twice', '//v1//', '/v1/chat/completions'],
    ["Ollama's own endpoint", '/api/chat', '/v1/chat/completions'],
  ])('%s: %j reaches %s', async (_id, base, reached) => {
    server.play([answer]);
    await expect(ask(create(base))).resolves.toMatchObject({ text: 'Hello' });
    expect(server.requests.map(({ url }) => url)).toEqual([reached]);
  });

  test.each([
    ['with 404', missing],
    ['with 405', { status: 405, body: { detail: 'Method Not Allowed' } }],
    ['with the page of a web app', { headers: { 'content-type': 'text/html' }, body: '<html></html>' }],
  ])('a path that is answered %s is tried with /v1, which is remembered', async (_how, first) => {
    const memory = new WireMemory();
    server.play([{ ...first, when: { call: 1 } }, answer]);
    await ask(create('/ollama', memory));
    await ask(create('/ollama', memory));
    expect(server.requests.map(({ url }) => url)).toEqual([
      '/ollama/chat/completions',
      '/ollama/v1/chat/completions',
      '/ollama/v1/chat/completions',
    ]);
  });

  test('an address under which nothing answers is named, not the model', async () => {
    server.play([missing]);
    const error: unknown = await ask(create('/nowhere')).catch((reason: unknown) => reason);
    expect(String(error)).toContain('OPENAI_BASE_URL');
    expect(String(error)).not.toContain('"m"');
  });

  test.each([
    '',
    '/',
    '/v1beta',
    '/v1',
    '/v1beta/models',
    '/v1beta/models/gemini-x:generateContent',
    '/v1beta/openai/',
  ])('Gemini is reached from %j', (end) =>
    expect(geminiBase(`https://example.org/proxy${end}`, 'GEMINI_BASE_URL')).toBe('https://example.org/proxy'),
  );

  test('a version in capitals is one', () => {
    expect(openAiBases('https://example.org/V1', 'X')).toEqual(['https://example.org/V1']);
  });
});

describe('a list of models', () => {
  test.each([
    ['standard', { object: 'list', data: [{ id: 'm1' }, { id: 'm2' }] }, ['m1', 'm2']],
    ['bare-array', [{ id: 'm1', type: 'chat' }, { id: 'm2' }], ['m1', 'm2']],
    ['entry-without-id', { data: [{ id: 'm1' }, { name: 'broken' }, { id: 'm2' }] }, ['m1', 'm2']],
    ['id-null', { data: [{ id: null }, { id: 'm1' }] }, ['m1']],
    ['id-odd-text', { data: [{ id: 'm\0x\ud800' }, { id: 'm1' }] }, ['m1']],
    ['data-null', { data: null }, []],
    ['texts', { data: ['m1', 'm2', 7, null] }, ['m1', 'm2']],
    ['models in place of data', { models: [{ model: 'm1', name: 'first' }, { name: 'm2' }] }, ['m1', 'm2']],
    ['twice the same', { data: [{ id: 'm1' }, { id: 'm1' }, { id: ' ' }] }, ['m1']],
  ])('%s: offers what can be used', async (_id, list, ids) => {
    server.play([], list);
    const models = await create('/v1').listModels({ signal });
    expect(models.map(({ id }) => id)).toEqual(ids);
  });

  test.each([[{ data: {} }], ['<html>'], [{}], [7]])('%j is no list', async (list) => {
    server.play([], list);
    await expect(create('/v1').listModels({ signal })).rejects.toMatchObject({ code: 'PROVIDER_NETWORK' });
  });
});

test('what a server refused once is left out from then on, for that model alone', async () => {
  const memory = new WireMemory();
  const refusal = { status: 400, body: { error: { message: 'Unknown field stream_options' } } };
  server.play([{ ...refusal, when: { has: 'stream_options' } }, answer]);
  await ask(create('/v1', memory));
  await ask(create('/v1', memory));
  expect(server.requests).toHaveLength(3);
  await create('/v1', memory).generate(
    { model: 'other', userMessage: 'Say hello', images: [], idempotencyKey: 'one' },
    { signal, onDelta: () => undefined },
  );
  expect(server.requests).toHaveLength(5);
});

test('a server that refuses the same thing again is asked no third time', async () => {
  server.play([{ status: 400, body: { error: { message: 'Unknown field stream_options' } } }]);
  await expect(ask(create('/v1'))).rejects.toMatchObject({ code: 'PROVIDER_BAD_REQUEST' });
  expect(server.requests).toHaveLength(2);
});

test('a stop closes the connection', async () => {
  const stop = new AbortController();
  const reason = new Error('cancelled');
  server.play([{ send: ['data: {"choices":[{"delta":{"content":"Hel"}}]}\n\n'], end: 'hang' }]);
  const asked = create('/v1').generate(
    { model: 'm', userMessage: 'Say hello', images: [], idempotencyKey: 'one' },
    { signal: stop.signal, onDelta: () => stop.abort(reason) },
  );
  await expect(asked).rejects.toBe(reason);
  await server.closedByClient;
});
