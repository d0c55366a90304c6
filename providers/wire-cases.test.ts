import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RetryableError, TerminalError } from '../core/errors/app-error.ts';
import type { ModelUsage } from '../core/node-type/model-usage.ts';
import { defaultRetryPolicy, retryDelayMs } from '../core/run/retry.ts';
import { WireServer, type WirePiece, type WireRule } from '../testing/wire-server.ts';
import { createGeminiProvider } from './gemini.ts';
import { createOpenAiCompatibleProvider } from './openai-compatible.ts';
import { defaultCallLimits, type ModelProvider, type ProviderAnswer, type ProviderRequest } from './provider.ts';

/** One case of wire-cases.json and wire-cases-found.json: what a server puts on the wire, and what a node makes of it. */
interface WireCase {
  readonly id: string;
  readonly wire: 'openai' | 'gemini';
  readonly request?: Partial<ProviderRequest>;
  readonly script: readonly WireRule[];
  readonly expected: {
    readonly status: 'COMPLETED' | 'FAILED';
    readonly text?: string;
    readonly code?: string | readonly string[];
    /** Each stands in the message, in any case. */
    readonly message?: readonly string[];
    readonly notMessage?: readonly string[];
    readonly maxMessage?: number;
    /** Requests that the server saw: one number, or from-to. */
    readonly calls?: number | readonly [number, number];
    readonly attempts?: number;
    /** The least wait before the second attempt. */
    readonly minGapMs?: number;
    readonly usage?: ModelUsage | null;
    readonly lastRequestHas?: readonly string[];
  };
}

const files = ['wire-cases.json', 'wire-cases-found.json'];
const cases = files.flatMap(
  (file) => JSON.parse(readFileSync(path.join(import.meta.dirname, file), 'utf8')) as readonly WireCase[],
);
const apiKey = 'sk-fake-openai-key-1234567890';

let server: WireServer;
beforeAll(async () => {
  server = new WireServer();
  await server.start();
});
afterAll(() => server.stop());

function createProvider(wire: WireCase['wire']): ModelProvider {
  // An answer that is whole need not wait for what a script never sends.
  const common = { apiKey, models: [], limits: { ...defaultCallLimits, lingerMs: 100 }, now: Date.now };
  return wire === 'gemini'
    ? createGeminiProvider({ ...common, baseUrl: server.url })
    : createOpenAiCompatibleProvider({ ...common, baseUrl: `${server.url}/v1`, wait: async () => {} });
}

interface Played {
  readonly answer: ProviderAnswer | null;
  readonly error: TerminalError | RetryableError | null;
  readonly attempts: number;
  /** What the engine would have waited before the second attempt, at least. */
  readonly firstGapMs: number | null;
}

/** Asks as often as the engine would, without its waits. */
async function play({ id, wire, request, script }: WireCase): Promise<Played> {
  server.play(script);
  const provider = createProvider(wire);
  let firstGapMs: number | null = null;
  for (let attempts = 1; ; attempts += 1) {
    try {
      const answer = await provider.generate(
        { model: id, userMessage: 'Say hello', images: [], idempotencyKey: 'one', ...request },
        { signal: new AbortController().signal, onDelta: () => undefined },
      );
      return { answer, error: null, attempts, firstGapMs };
    } catch (error) {
      if (!(error instanceof TerminalError || error instanceof RetryableError)) throw error;
      const delayMs = retryDelayMs(error, attempts, defaultRetryPolicy, () => 0);
      if (delayMs === null) return { answer: null, error, attempts, firstGapMs };
      firstGapMs ??= delayMs;
    }
  }
}

test('no two cases have the same id', () => {
  expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length);
});

describe.each(cases)('$id', (wireCase) => {
  const { expected } = wireCase;

  test('comes to what the case says', async () => {
    const { answer, error, attempts, firstGapMs } = await play(wireCase);
    const message = error?.message.toLowerCase() ?? '';
    expect({ status: answer === null ? 'FAILED' : 'COMPLETED', message }).toMatchObject({ status: expected.status });
    if (expected.text !== undefined) expect(answer?.text).toBe(expected.text);
    if (expected.code !== undefined) expect([expected.code].flat()).toContain(error?.code);
    for (const words of expected.message ?? []) expect(message).toContain(words.toLowerCase());
    for (const words of expected.notMessage ?? []) expect(message).not.toContain(words.toLowerCase());
    expect(message.length).toBeLessThanOrEqual(expected.maxMessage ?? 2000);
    // What Postgres cannot store, however it came.
    expect(message).not.toMatch(/\0|\p{Surrogate}/u);
    const [least, most] = [expected.calls ?? [1, Infinity]].flat();
    expect(server.requests.length).toBeGreaterThanOrEqual(least ?? 1);
    expect(server.requests.length).toBeLessThanOrEqual(most ?? least ?? Infinity);
    if (expected.attempts !== undefined) expect(attempts).toBe(expected.attempts);
    if (expected.minGapMs !== undefined) expect(firstGapMs).toBeGreaterThanOrEqual(expected.minGapMs);
    if (expected.usage !== undefined) expect(answer?.usage ?? error?.details['usage'] ?? null).toEqual(expected.usage);
    for (const words of expected.lastRequestHas ?? []) {
      expect(JSON.stringify(server.requests.at(-1)?.body)).toContain(words);
    }
  });
});

test('o24, g24: the waits of every case that completes are within the limits', () => {
  const waitOf = (piece: WirePiece): number => (typeof piece === 'object' && 'wait' in piece ? piece.wait : 0);
  for (const { expected, script } of cases) {
    if (expected.status !== 'COMPLETED') continue;
    for (const { repeat, send = [] } of script) {
      const waits = [...Array.from({ length: repeat?.times ?? 0 }, () => repeat?.send ?? []).flat(), ...send].map(
        waitOf,
      );
      expect(Math.max(0, ...waits)).toBeLessThan(defaultCallLimits.firstByteMs);
      expect(waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(defaultCallLimits.totalMs);
    }
  }
});
