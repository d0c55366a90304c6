import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { RetryableError, TerminalError, type AppError } from '../core/errors/app-error.ts';
import { startFakeGemini } from '../testing/fake-gemini.ts';
import type { FakeModelServer } from '../testing/fake-model-server.ts';
import { startFakeOpenAi } from '../testing/fake-openai.ts';
import type { FakeStep } from '../testing/fake-steps.ts';
import { createGeminiProvider } from './gemini.ts';
import { createOpenAiCompatibleProvider } from './openai-compatible.ts';
import { defaultCallLimits, type CallLimits, type ModelProvider, type ProviderRequest } from './provider.ts';

const apiKey = 'k3y-Zq81Tn5cVw0RbXeP7sLd';
const request: ProviderRequest = {
  model: 'gemini-fake',
  userMessage: 'Describe the harbour at seven in the morning.',
  images: [],
  idempotencyKey: '0198c0de-0000-7000-8000-000000000001',
};

/** The error a call ends in; fails where it succeeds. */
async function errorOf(call: Promise<unknown>): Promise<AppError> {
  const error: unknown = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof TerminalError || error instanceof RetryableError) return error;
  throw new Error('The call should have failed with an error of the catalogue.', { cause: error });
}

interface Adapter {
  readonly name: string;
  start(): Promise<FakeModelServer>;
  create(baseUrl: string, limits?: Partial<CallLimits>, key?: string): ModelProvider;
  /** The provider's words for "token limit" and "our rules forbid this". */
  readonly truncated: string;
  readonly blocked: readonly string[];
  readonly odd: string;
}

const adapters: readonly Adapter[] = [
  {
    name: 'gemini',
    start: () => startFakeGemini({ apiKey }),
    create: (baseUrl, limits, key = apiKey) =>
      createGeminiProvider({
        apiKey: key,
        baseUrl,
        models: [],
        limits: { ...defaultCallLimits, ...limits },
        now: () => 0,
      }),
    truncated: 'MAX_TOKENS',
    blocked: ['SAFETY', 'RECITATION', 'LANGUAGE', 'BLOCKLIST', 'PROHIBITED_CONTENT', 'SPII', 'IMAGE_SAFETY'],
    odd: 'MALFORMED_FUNCTION_CALL',
  },
  {
    name: 'openai-compatible',
    start: () => startFakeOpenAi({ apiKey }),
    create: (baseUrl, limits, key = apiKey) =>
      createOpenAiCompatibleProvider({
        apiKey: key,
        baseUrl,
        models: [],
        limits: { ...defaultCallLimits, ...limits },
        now: () => Date.parse('2026-11-24T10:00:00Z'),
      }),
    truncated: 'length',
    blocked: ['content_filter'],
    odd: 'function_call',
  },
];

describe.each(adapters)('a call through the $name adapter', (adapter) => {
  let fake: FakeModelServer;
  let provider: ModelProvider;
  let deltas: string[];

  beforeAll(async () => {
    fake = await adapter.start();
    provider = adapter.create(`${fake.url}/`);
  });
  afterEach(() => fake.reset());
  afterAll(() => fake.stop());

  function generate(change: Partial<ProviderRequest> = {}, signal = new AbortController().signal, by = provider) {
    deltas = [];
    return by.generate({ ...request, ...change }, { signal, onDelta: (text) => void deltas.push(text) });
  }

  async function failureOf(step: FakeStep, by = provider): Promise<AppError> {
    fake.script(step);
    return errorOf(generate({}, undefined, by));
  }

  const lastPrompt = () => fake.prompts.at(-1)?.prompt;

  test('gives the answer, its token usage and the model, and asks once', async () => {
    const answer = await generate({ systemPrompt: 'Answer briefly.' });
    expect(answer.text).toBe(`answer to "${request.userMessage}", as told "Answer briefly."`);
    expect(answer.usage).toEqual({ inputTokens: 15, outputTokens: Math.ceil(answer.text.length / 4) });
    expect(answer.model).toBe('gemini-fake');
    expect(fake.calls).toHaveLength(1);
    expect(fake.calls[0]).toMatchObject({ keyWasRight: true, idempotencyKey: request.idempotencyKey });
    expect(lastPrompt()).toMatchObject({ system: 'Answer briefly.', user: request.userMessage, stream: true });
  });

  test('sends pictures in order, after the text', async () => {
    const images = ['first', 'second'].map((text) => ({
      mimeType: 'image/jpeg',
      base64: Buffer.from(text).toString('base64'),
    }));
    await generate({ images });
    expect(lastPrompt()?.images.map(({ base64, mimeType }) => ({ base64, mimeType }))).toEqual(images);
    expect(lastPrompt()?.user).toBe(request.userMessage);
  });

  test('sends no key in the address', async () => {
    await generate();
    expect(fake.calls[0]?.url).not.toContain(apiKey);
  });

  test('leaves an empty system prompt out', async () => {
    await generate({ systemPrompt: '  ' });
    expect(JSON.stringify(fake.calls[0]?.body)).not.toMatch(/system/i);
  });

  test('hands on each piece when it arrives, in order, before the answer is complete', async () => {
    const chunks = ['One, ', 'two, ', 'three.'];
    fake.script({
      kind: 'answer',
      chunks,
      // Each piece is only sent once the one before it was handed on; a collected answer would wait for ever.
      beforeChunk: async (index) => {
        while (deltas.length < index) await new Promise((resolve) => setImmediate(resolve));
      },
    });
    const answer = await generate();
    expect(deltas).toEqual(chunks);
    expect(answer.text).toBe('One, two, three.');
  });

  test('keeps thinking out of the answer but counts it as output', async () => {
    fake.script({
      kind: 'answer',
      thoughts: ['Let me think.', ' The user wants…'],
      chunks: ['Blue.'],
      usage: { inputTokens: 5, outputTokens: 2, thinkingTokens: 40 },
    });
    expect(await generate()).toMatchObject({ text: 'Blue.', usage: { inputTokens: 5, outputTokens: 42 } });
    expect(deltas).toEqual(['Blue.']);
  });

  test('gives null usage where the provider counts nothing', async () => {
    fake.script({ kind: 'answer', chunks: ['Blue.'], usage: null });
    expect(await generate()).toMatchObject({ text: 'Blue.', usage: null });
  });

  test('mends what the database cannot store: NUL and half surrogate pairs', async () => {
    fake.script({ kind: 'answer', chunks: ['a\0b', '\ud83d', '\ude00 c', ' \udc00', ' d\ud83d'] });
    const { text } = await generate();
    expect(text).toBe('ab😀 c \ufffd d\ufffd');
    expect(deltas.join('')).toBe(text);
  });

  describe('attack 25: a refusal', () => {
    test.each([
      [400, 'PROVIDER_BAD_REQUEST', TerminalError],
      [401, 'PROVIDER_AUTH', TerminalError],
      [403, 'PROVIDER_AUTH', TerminalError],
      [404, 'PROVIDER_MODEL_NOT_FOUND', TerminalError],
      [408, 'PROVIDER_TIMEOUT', RetryableError],
      [413, 'PROVIDER_BAD_REQUEST', TerminalError],
      [422, 'PROVIDER_BAD_REQUEST', TerminalError],
      [429, 'PROVIDER_RATE_LIMITED', RetryableError],
      [500, 'PROVIDER_OVERLOADED', RetryableError],
      [502, 'PROVIDER_OVERLOADED', RetryableError],
      [503, 'PROVIDER_OVERLOADED', RetryableError],
      [529, 'PROVIDER_OVERLOADED', RetryableError],
    ])('with status %i is %s', async (status, code, family) => {
      const error = await failureOf({ kind: 'error', status });
      expect(error.code).toBe(code);
      expect(error).toBeInstanceOf(family);
      expect(error.details).toMatchObject({ status });
      expect(fake.calls).toHaveLength(1);
    });

    test('repeats what the provider says about it', async () => {
      const message = 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).';
      expect((await failureOf({ kind: 'error', status: 400, message })).message).toContain(message);
    });

    test('of the key is PROVIDER_AUTH and names the variable to check', async () => {
      const wrongKey = 'wr0ng-key-Hq72Lm5';
      const error = await failureOf({ kind: 'answer' }, adapter.create(fake.url, {}, wrongKey));
      expect(fake.calls[0]?.keyWasRight).toBe(false);
      expect(error.code).toBe('PROVIDER_AUTH');
      expect(error).toBeInstanceOf(TerminalError);
      expect(error.message).toMatch(/(GEMINI|OPENAI)_API_KEY/);
    });

    test('whose body is no JSON is judged by its status', async () => {
      const page = '<html><h1>Bad gateway</h1></html>';
      const error = await failureOf({ kind: 'raw', status: 502, contentType: 'text/html', body: page });
      expect(error.code).toBe('PROVIDER_OVERLOADED');
    });
  });

  describe('attack 25: an answer that did not come to its end', () => {
    test('is PROVIDER_TRUNCATED at the token limit, with its length and the field to raise', async () => {
      fake.script({
        kind: 'answer',
        chunks: ['Twelve chars'],
        finishReason: adapter.truncated,
        usage: { inputTokens: 9, outputTokens: 3 },
      });
      const error = await errorOf(generate({ maxOutputTokens: 3 }));
      expect(error).toBeInstanceOf(TerminalError);
      expect(error.code).toBe('PROVIDER_TRUNCATED');
      expect(error.message).toContain('12 characters (3 tokens)');
      expect(error.message).toContain('maxOutputTokens');
      expect(error.details).toMatchObject({ characters: 12, usage: { inputTokens: 9, outputTokens: 3 } });
      expect(JSON.stringify(fake.calls[0]?.body)).toMatch(/"(maxOutputTokens|max_tokens)":3/);
    });

    test.each(adapter.blocked)('is PROVIDER_BLOCKED when it ends by %s', async (finishReason) => {
      const error = await failureOf({ kind: 'answer', chunks: ['Well, '], finishReason });
      expect(error).toBeInstanceOf(TerminalError);
      expect(error.code).toBe('PROVIDER_BLOCKED');
      expect(error.message).toContain(finishReason);
    });

    test('is PROVIDER_BLOCKED when the prompt was blocked', async () => {
      expect(await failureOf({ kind: 'blocked' })).toMatchObject({ code: 'PROVIDER_BLOCKED' });
    });

    test.each([
      ['no text at all', { kind: 'answer', chunks: [] }],
      ['blanks only', { kind: 'answer', chunks: [' ', '\n'] }],
      ['thoughts only', { kind: 'answer', chunks: [], thoughts: ['Hm.'] }],
      ['an odd end', { kind: 'answer', chunks: [], finishReason: adapter.odd }],
    ] satisfies [string, FakeStep][])('is PROVIDER_EMPTY and may be tried again with %s', async (_what, step) => {
      const error = await failureOf(step);
      expect(error.code).toBe('PROVIDER_EMPTY');
      expect(error).toBeInstanceOf(RetryableError);
    });

    test.each([
      ['cut before the first byte', { kind: 'cut' }],
      ['cut after some text', { kind: 'cut', chunks: ['The har', 'bour'] }],
      ['ended without a finish', { kind: 'answer', chunks: ['The harbour'], finishReason: null, usage: null }],
      ['full of garbage', { kind: 'events', events: ['{"candidates": [oh no'] }],
      ['of another shape', { kind: 'events', events: [{ candidates: 7, choices: 7 }] }],
      ['JSON but no object', { kind: 'events', events: ['null'] }],
      ['a web page', { kind: 'raw', contentType: 'text/html', body: '<html>Sign in to the hotel Wi-Fi</html>' }],
    ] satisfies [string, FakeStep][])(
      'is PROVIDER_NETWORK and may be tried again when it is %s',
      async (_what, step) => {
        const error = await failureOf(step);
        expect(error.code).toBe('PROVIDER_NETWORK');
        expect(error).toBeInstanceOf(RetryableError);
      },
    );

    test('is judged by the error inside the stream when the provider fails half-way', async () => {
      const error = { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' };
      const failure = await failureOf({ kind: 'events', events: [{ error }] });
      expect(failure.code).toBe('PROVIDER_OVERLOADED');
      expect(failure.message).toContain('The model is overloaded.');
    });
  });

  test('a refused connection is PROVIDER_NETWORK and names no address', async () => {
    const gone = await adapter.start();
    const { url } = gone;
    await gone.stop();
    const error = await errorOf(generate({}, undefined, adapter.create(url)));
    expect(error.code).toBe('PROVIDER_NETWORK');
    expect(error).toBeInstanceOf(RetryableError);
    expect(JSON.stringify([error.message, error.details])).not.toContain('127.0.0.1');
  });

  describe('attack 25: time limits', () => {
    test('silence is PROVIDER_TIMEOUT after the first-byte limit, and the connection is closed', async () => {
      const error = await failureOf({ kind: 'hang' }, adapter.create(fake.url, { firstByteMs: 100 }));
      expect(error.code).toBe('PROVIDER_TIMEOUT');
      expect(error).toBeInstanceOf(RetryableError);
      expect(error.message).toContain('start to answer within 0.1 s');
      await fake.until(([call]) => call?.endedBy === 'client');
    });

    test('an answer that stalls is PROVIDER_TIMEOUT after the total limit, and the connection is closed', async () => {
      const error = await failureOf(
        { kind: 'hang', chunks: ['The har'] },
        adapter.create(fake.url, { firstByteMs: 20_000, totalMs: 300 }),
      );
      expect(error.code).toBe('PROVIDER_TIMEOUT');
      expect(error.message).toContain('finish its answer within 0.3 s');
      expect(deltas).toEqual(['The har']);
      await fake.until(([call]) => call?.endedBy === 'client');
    });

    test('the first-byte limit is over once the answer began', async () => {
      const error = await failureOf(
        { kind: 'hang', chunks: ['The har'] },
        adapter.create(fake.url, { firstByteMs: 250, totalMs: 500 }),
      );
      expect(error.message).toContain('finish its answer within 0.5 s');
    });
  });

  describe('an abort by the caller', () => {
    const reason = new Error('the run was cancelled');

    test('before the call sends nothing', async () => {
      await expect(generate({}, AbortSignal.abort(reason))).rejects.toBe(reason);
      expect(fake.calls).toHaveLength(0);
    });

    test.each([
      ['while nothing has come yet', []],
      ['in the middle of the answer', ['The har']],
    ])('%s throws its reason and closes the connection', async (_when, chunks) => {
      fake.script({ kind: 'hang', chunks });
      const controller = new AbortController();
      const call = generate({}, controller.signal);
      await fake.until((calls) => calls.length === 1);
      while (deltas.length < chunks.length) await new Promise((resolve) => setImmediate(resolve));
      controller.abort(reason);
      await expect(call).rejects.toBe(reason);
      await fake.until(([first]) => first?.endedBy === 'client');
    });
  });

  describe('attack 25: an answer without an end', () => {
    test('is stopped at the byte limit with NODE_OUTPUT_TOO_LARGE, and the connection is closed', async () => {
      const error = await failureOf(
        { kind: 'endless', chunk: 'é'.repeat(100) },
        adapter.create(fake.url, { maxOutputBytes: 1024 }),
      );
      expect(error).toBeInstanceOf(TerminalError);
      expect(error.code).toBe('NODE_OUTPUT_TOO_LARGE');
      expect(deltas.join('')).toBe('é'.repeat(500));
      await fake.until(([call]) => call?.endedBy === 'client');
    });

    test('is stopped too when it is nothing but thoughts', async () => {
      const error = await failureOf(
        { kind: 'endless', chunk: 'hm '.repeat(10_000), asThought: true },
        adapter.create(fake.url, { maxOutputBytes: 64 * 1024 }),
      );
      expect(error.code).toBe('NODE_OUTPUT_TOO_LARGE');
      await fake.until(([call]) => call?.endedBy === 'client');
    });
  });

  test('what onDelta throws ends the call as it is, and the connection is closed', async () => {
    fake.script({ kind: 'endless', chunk: 'a' });
    const problem = new Error('the receiver is gone');
    const call = provider.generate(request, {
      signal: new AbortController().signal,
      onDelta: () => {
        throw problem;
      },
    });
    await expect(call).rejects.toBe(problem);
    await fake.until(([first]) => first?.endedBy === 'client');
  });

  test.each([400, 401, 403, 404, 408, 429, 500, 503])(
    'an error of status %i that echoes key, prompt and address shows none of them',
    async (status) => {
      const prompt = 'The secret launch code is walnut-grove-4711 and nobody may know.';
      const picture = Buffer.alloc(120, 'canary').toString('base64');
      fake.script({
        kind: 'error',
        status,
        message:
          `Bad call to http://10.0.0.7:9000/x?key=${apiKey} with Bearer ${apiKey}: "${prompt.slice(4, 60)}" and ` +
          `also "${prompt}", picture ${picture.slice(0, 90)}, shortened key ${apiKey.slice(0, 10)}`,
      });
      const error = await errorOf(generate({ userMessage: prompt, systemPrompt: prompt }));
      const shown = JSON.stringify([error.message, error.details, String(error.cause), error.stack]);
      for (const canary of [apiKey.slice(0, 6), apiKey.slice(-8), 'walnut', '4711', picture.slice(0, 40), '10.0.0.7']) {
        expect(shown).not.toContain(canary);
      }
    },
  );
});
