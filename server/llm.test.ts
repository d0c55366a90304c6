import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { problemSchema } from '../core/api/common.ts';
import { llmExecuteResultSchema } from '../core/api/llm.ts';
import { startFakeGemini } from '../testing/fake-gemini.ts';
import type { FakeModelServer } from '../testing/fake-model-server.ts';
import { startFakeOpenAi } from '../testing/fake-openai.ts';
import { makePicture } from '../testing/media.ts';
import { startTestServer, type TestServer, type TestUser } from '../testing/test-server.ts';

let gemini: FakeModelServer;
let openai: FakeModelServer;
/** As a model server on one's own machine is. */
let keyless: FakeModelServer;
let server: TestServer;
let user: TestUser;
const secret = 'test-key-1234567890';
const ownSecret = 'own-key-1234567890';

beforeAll(async () => {
  [gemini, openai, keyless] = await Promise.all([
    startFakeGemini({ apiKey: secret }),
    startFakeOpenAi({ apiKey: ownSecret }),
    startFakeOpenAi(),
  ]);
  server = await startTestServer({
    GEMINI_API_KEY: secret,
    GEMINI_BASE_URL: gemini.url,
    FETCH_ALLOW: [openai, keyless].map(({ url }) => new URL(url).host).join(','),
    // A token out is ten cents.
    MODEL_PRICES: 'gemini-priced=0/100000',
  });
  user = await server.addUser();
});
beforeEach(() => gemini.reset());
afterAll(async () => {
  await server.stop();
  await Promise.all([gemini.stop(), openai.stop(), keyless.stop()]);
});

const ask = (body: object, headers: Record<string, string> = {}) =>
  user.call('POST', '/api/llm/execute', { body: { model: 'gemini-fake', userMessage: 'Hi', ...body }, headers });

/** The events of a stream as `[name, data]`. */
function eventsOf(text: string): [string, Record<string, unknown>][] {
  return text
    .split('\n\n')
    .filter((block) => block.startsWith('event: '))
    .map((block) => {
      const [first = '', second = ''] = block.split('\n');
      return [first.slice('event: '.length), JSON.parse(second.slice('data: '.length))];
    });
}

describe('asking a model directly', () => {
  test('answers with the text, the usage, and who answered', async () => {
    gemini.script({ kind: 'answer', chunks: ['Good ', 'day'], usage: { inputTokens: 3, outputTokens: 2 } });
    const answer = await ask({ systemPrompt: 'Be kind', temperature: 0.5 });
    expect(answer.status).toBe(200);
    expect(llmExecuteResultSchema.parse(answer.body)).toEqual({
      response: 'Good day',
      usage: { inputTokens: 3, outputTokens: 2 },
      model: 'gemini-fake',
      provider: 'gemini',
    });
    expect(gemini.prompts[0]!.prompt).toMatchObject({ system: 'Be kind', user: 'Hi' });
  });

  test('sends pictures given as asset id, content path, data URL or bare base64', async () => {
    const bytes = await readFile(await makePicture('png'));
    const form = new FormData();
    form.set('file', new Blob([new Uint8Array(bytes)]), 'p.png');
    const asset = (await user.call('POST', '/api/assets', { raw: form })).body;
    const base64 = bytes.toString('base64');
    const images = [asset.id, asset.url, `data:image/png;base64,${base64}`, base64];
    expect((await ask({ images })).status).toBe(200);
    expect(gemini.prompts[0]!.prompt!.images).toHaveLength(4);
  });

  test('takes a picture of several megabytes in the body', async () => {
    // Bytes that are no picture: the size is let through, the content is not.
    const answer = await ask({ images: [Buffer.alloc(3_000_000, 7).toString('base64')] });
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status: 415, code: 'UNSUPPORTED_MEDIA' });
    expect(gemini.prompts).toEqual([]);
  });

  test('refuses pictures of somebody else and on private addresses', async () => {
    const other = await server.addUser();
    const form = new FormData();
    form.set('file', new Blob([new Uint8Array(await readFile(await makePicture('png')))]), 'p.png');
    const theirs = (await other.call('POST', '/api/assets', { raw: form })).body;
    expect((await ask({ images: [theirs.id] })).body.code).toBe('ASSET_NOT_FOUND');
    expect((await ask({ images: [theirs.url] })).body.code).toBe('ASSET_NOT_FOUND');
    expect((await ask({ images: ['http://127.0.0.1:9/x.png'] })).body.code).toMatch(/^URL_/);
  });

  test.each([
    [{ kind: 'error', status: 503 } as const, 503, 'PROVIDER_OVERLOADED'],
    [{ kind: 'blocked' } as const, 422, 'PROVIDER_BLOCKED'],
    [{ kind: 'cut' } as const, 502, 'PROVIDER_NETWORK'],
  ])('answers %j with a problem of its own', async (step, status, code) => {
    gemini.standing(step);
    const answer = await ask({});
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
    expect(answer.text).not.toContain(secret);
  });

  test('without a model of that name says what to configure', async () => {
    const answer = await ask({ model: 'openai/gpt' });
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status: 422, code: 'PROVIDER_NOT_CONFIGURED' });
  });
});

describe('asking with a key of one’s own', () => {
  const save = async (owner: TestUser, provider: string, body: object) =>
    (await server.signIn(owner)).call('PUT', `/api/provider-keys/${provider}`, { body });
  const askAs = async (asker: TestUser, model: string) => {
    const { status, body } = await asker.call('POST', '/api/llm/execute', { body: { model, userMessage: 'Hi' } });
    return { status, answer: body.code ?? body.provider };
  };

  test('uses it and its address, for whoever saved it and nobody else', async () => {
    const mine = await server.addUser();
    const model = 'openai/fake-model';
    expect(await askAs(mine, model)).toEqual({ status: 422, answer: 'PROVIDER_NOT_CONFIGURED' });
    expect((await save(mine, 'openai', { key: ownSecret, baseUrl: openai.url })).status).toBe(200);
    expect(await askAs(mine, model)).toEqual({ status: 200, answer: 'openai' });
    expect(openai.prompts).toHaveLength(1);
    expect(await askAs(user, model)).toEqual({ status: 422, answer: 'PROVIDER_NOT_CONFIGURED' });
    const session = await server.signIn(mine);
    await session.call('DELETE', '/api/provider-keys/openai');
    expect(await askAs(mine, model)).toEqual({ status: 422, answer: 'PROVIDER_NOT_CONFIGURED' });
    expect(openai.prompts).toHaveLength(1);
  });

  test('needs no key for a server that asks for none, and is told how to allow one in the own network', async () => {
    const mine = await server.addUser();
    const refused = await save(mine, 'openai', { baseUrl: 'http://localhost:11434/v1' });
    expect([refused.status, refused.body.code]).toEqual([422, 'URL_NOT_ALLOWED']);
    expect(refused.body.detail).toContain('add localhost:11434 to FETCH_ALLOW');
    expect((await save(mine, 'openai', { baseUrl: keyless.url })).status).toBe(200);
    expect(await askAs(mine, 'openai/fake-model')).toEqual({ status: 200, answer: 'openai' });
    // What is saved for an address stays where no other key is given for it.
    expect((await save(mine, 'openai', { key: ownSecret, baseUrl: openai.url })).status).toBe(200);
    expect((await save(mine, 'openai', { baseUrl: openai.url, models: ['fake-model'] })).status).toBe(200);
    expect(await askAs(mine, 'openai/fake-model')).toEqual({ status: 200, answer: 'openai' });
    const without = await save(mine, 'gemini', {});
    expect([without.status, without.body.errors[0].path]).toEqual([400, 'key']);
  });

  test('is told how long a key has to be', async () => {
    const { status, body } = await save(await server.addUser(), 'openai', { key: 'none', baseUrl: openai.url });
    expect({ status, detail: body.detail as unknown }).toEqual({
      status: 400,
      detail: expect.stringContaining('key: must have 8 characters or more'),
    });
  });

  test('never falls back to the key of the installation where one’s own is wrong', async () => {
    const mine = await server.addUser();
    await save(mine, 'openai', { key: 'a-wrong-key-of-ones-own', baseUrl: openai.url });
    const answer = await mine.call('POST', '/api/llm/execute', {
      body: { model: 'openai/fake-model', userMessage: 'Hi' },
    });
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status: 422, code: 'PROVIDER_AUTH' });
    expect(answer.body.detail).toContain('your own key in Settings');
    expect(answer.text).not.toContain('a-wrong-key-of-ones-own');
  });
});

describe('a streamed answer', () => {
  test('comes piece by piece and ends with the whole', async () => {
    gemini.script({ kind: 'answer', chunks: ['One ', 'two ', 'three'] });
    const answer = await ask({}, { accept: 'text/event-stream' });
    expect(answer.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const events = eventsOf(answer.text);
    expect(events.slice(0, -1)).toEqual(['One ', 'two ', 'three'].map((text) => ['delta', { text }]));
    expect(events.at(-1)).toEqual(['done', expect.objectContaining({ response: 'One two three', provider: 'gemini' })]);
  });

  test('that fails ends with the problem', async () => {
    gemini.script({ kind: 'cut', chunks: ['One '] });
    const events = eventsOf((await ask({}, { accept: 'text/event-stream' })).text);
    const [name, data] = events.at(-1)!;
    expect(name).toBe('error');
    expect(problemSchema.parse(data).code).toBe('PROVIDER_NETWORK');
  });

  test('that nobody listens to any more is broken off at the provider', async () => {
    gemini.script({ kind: 'hang', chunks: ['One '] });
    const leave = new AbortController();
    const response = await fetch(`${server.url}/api/llm/execute`, {
      method: 'POST',
      headers: { authorization: `Bearer ${user.key}`, 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ model: 'gemini-fake', userMessage: 'Hi' }),
      signal: leave.signal,
    });
    await response.body!.getReader().read();
    leave.abort();
    await gemini.until((calls) => calls.at(-1)?.endedBy === 'client');
  });
});

describe('what it costs', () => {
  const usage = { inputTokens: 1, outputTokens: 7 };
  const askPriced = (asker: TestUser, headers = {}) =>
    asker.call('POST', '/api/llm/execute', { body: { model: 'gemini-priced', userMessage: 'Hi' }, headers });

  test('counts in the budgets of the workspace, which stop a call before it is made', async () => {
    gemini.standing({ kind: 'answer', usage });
    const mine = await server.signIn(await server.addUser());
    expect((await mine.call('PUT', '/api/budgets', { body: { period: 'day', limitUsd: 1 } })).status).toBe(200);
    expect((await askPriced(mine)).body.usage).toEqual({ ...usage, costUsd: 0.7 });
    const second = await askPriced(mine);
    expect({ status: second.status, code: second.body.code }).toEqual({ status: 402, code: 'BUDGET_EXCEEDED' });
    expect(second.body.detail).toContain('is $1.00; $0.70 is spent, and this call would cost about $0.70');
    const streamed = eventsOf((await askPriced(mine, { accept: 'text/event-stream' })).text);
    expect(streamed).toMatchObject([['error', { code: 'BUDGET_EXCEEDED' }]]);
    expect(gemini.prompts).toHaveLength(1);
    const { items, spent, spentDirectly } = (await mine.call('GET', '/api/budgets')).body;
    expect(items).toMatchObject([{ period: 'day', spentUsd: 0.7 }]);
    expect(spent).toEqual([]);
    expect(spentDirectly).toEqual([{ provider: 'gemini', model: 'gemini-priced', calls: 1, usd: 0.7 }]);
    // The money of somebody else is not theirs.
    expect((await askPriced(user)).status).toBe(200);
  });

  test('of each counts as a run of its own, and ten at once do not spend the same dollar', async () => {
    gemini.standing({ kind: 'answer', usage });
    const mine = await server.signIn(await server.addUser());
    await mine.call('PUT', '/api/budgets', { body: { period: 'run', limitUsd: 0.7 } });
    expect([(await askPriced(mine)).status, (await askPriced(mine)).status]).toEqual([200, 200]);
    await mine.call('PUT', '/api/budgets', { body: { period: 'run', limitUsd: 0.6 } });
    expect((await askPriced(mine)).status).toBe(402);
    await mine.call('PUT', '/api/budgets', { body: { period: 'run', limitUsd: 10 } });
    await mine.call('PUT', '/api/budgets', { body: { period: 'month', limitUsd: 2.8 } });
    const statuses = (await Promise.all(Array.from({ length: 10 }, () => askPriced(mine)))).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([200, 200, ...Array.from({ length: 8 }, () => 402)]);
  });

  test('a provider that asked for fewer calls gets none before its time, and nobody is put behind who asks too early', async () => {
    gemini.script({ kind: 'error', status: 429, headers: { 'retry-after': '500' } });
    expect((await askPriced(user)).status).toBe(429);
    const answer = await askPriced(await server.addUser());
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status: 429, code: 'PROVIDER_RATE_LIMITED' });
    expect(answer.body.detail).toMatch(/this one was not made. Try again in about \d+ s/);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(400);
    expect(gemini.prompts).toHaveLength(1);
    const { pool } = server.database;
    expect((await pool.query('select key, waiting from provider_clocks')).rows).toEqual([
      { key: 'gemini', waiting: 0 },
    ]);
    await pool.query('update provider_clocks set not_before = clock_timestamp()');
    expect((await askPriced(user)).status).toBe(200);
    // It went at the pace of the clock, which holds whoever comes next; two answers later nobody is held back.
    expect((await pool.query('select pace_ms from provider_clocks')).rows).toEqual([{ pace_ms: 125 }]);
    await pool.query('delete from provider_clocks');
  });
});

test('the list of models shows what is configured and never the key', async () => {
  const answer = await user.call('GET', '/api/models?refresh=1');
  expect(answer.text).not.toContain(secret);
  expect(answer.body.items.find((item: { id: string }) => item.id === 'gemini')).toMatchObject({
    configured: true,
    models: [{ id: expect.stringContaining('gemini-fake') }],
  });
});
