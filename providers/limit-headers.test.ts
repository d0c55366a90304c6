import { describe, expect, test } from '@jest/globals';
import { hearLimits, readAllowances } from './limit-headers.ts';

const date = 'Tue, 01 Dec 2026 12:00:00 GMT';
const now = Date.parse(date);
const requests = { of: 'requests', refills: false } as const;
const tokens = { of: 'tokens', refills: false } as const;

describe('what answers say about further calls', () => {
  test.each([
    [
      'OpenAI and Groq',
      {
        'x-ratelimit-limit-requests': '60',
        'x-ratelimit-remaining-requests': '59',
        'x-ratelimit-reset-requests': '1s',
        'x-ratelimit-limit-tokens': '150000',
        'x-ratelimit-remaining-tokens': '149984',
        'x-ratelimit-reset-tokens': '6m0.5s',
      },
      [
        { of: 'requests', left: 59, limit: 60, resetMs: 1_000, refills: true },
        { of: 'tokens', left: 149_984, limit: 150_000, resetMs: 360_500, refills: true },
      ],
    ],
    [
      'milliseconds',
      { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '120ms' },
      [{ of: 'requests', left: 0, limit: null, resetMs: 120, refills: true }],
    ],
    [
      'Azure, without a time',
      { 'x-ratelimit-remaining-requests': '7' },
      [{ ...requests, left: 7, limit: null, resetMs: null }],
    ],
    [
      'Anthropic, by the clock of its server',
      {
        date,
        'anthropic-ratelimit-requests-limit': '50',
        'anthropic-ratelimit-requests-remaining': '0',
        'anthropic-ratelimit-requests-reset': '2026-12-01T12:00:12Z',
        'anthropic-ratelimit-output-tokens-limit': '8000',
        'anthropic-ratelimit-output-tokens-remaining': '4000',
        'anthropic-ratelimit-output-tokens-reset': '2026-12-01T12:00:30Z',
      },
      [
        { of: 'tokens', left: 4_000, limit: 8_000, resetMs: 30_000, refills: true },
        { of: 'requests', left: 0, limit: 50, resetMs: 12_000, refills: true },
      ],
    ],
    [
      'Mistral, by the minute',
      { 'x-ratelimit-limit-req-minute': '60', 'x-ratelimit-remaining-req-minute': '45' },
      [{ of: 'requests', left: 45, limit: 60, resetMs: 15_000, refills: true }],
    ],
    [
      'Cerebras',
      {
        'x-ratelimit-limit-tokens-minute': '60000',
        'x-ratelimit-remaining-tokens-minute': '0',
        'x-ratelimit-reset-tokens-minute': '11.38',
      },
      [{ ...tokens, left: 0, limit: 60_000, resetMs: 11_380 }],
    ],
    [
      'OpenRouter, in milliseconds since 1970',
      { 'x-ratelimit-limit': '20', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now + 30_000) },
      [{ ...requests, left: 0, limit: 20, resetMs: 30_000 }],
    ],
    [
      'GitHub Models and gateways, in seconds since 1970',
      { 'x-ratelimit-remaining': '3', 'x-ratelimit-reset': String(now / 1000 + 9) },
      [{ ...requests, left: 3, limit: null, resetMs: 9_000 }],
    ],
    [
      'drafts of the IETF up to the sixth',
      { 'ratelimit-limit': '100, 100;w=60', 'ratelimit-remaining': '50', 'ratelimit-reset': '50' },
      [{ ...requests, left: 50, limit: 100, resetMs: 50_000 }],
    ],
    [
      'its seventh',
      { ratelimit: 'limit=10, remaining=2, reset=5' },
      [{ ...requests, left: 2, limit: 10, resetMs: 5_000 }],
    ],
    [
      'and since the eighth',
      { ratelimit: '"burst";r=0;t=30, "day";r=99;t=9000', 'ratelimit-policy': '"burst";q=5;w=60' },
      [{ ...requests, left: 0, limit: null, resetMs: 30_000 }],
    ],
    [
      'a moment that is over',
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1600000000' },
      [{ ...requests, left: 0, limit: null, resetMs: 0 }],
    ],
    ['a limit alone', { 'x-ratelimit-limit-requests': '60' }, []],
    [
      'images, which are counted by themselves',
      { 'x-ratelimit-remaining-images': '0', 'x-ratelimit-reset-images': '5s' },
      [],
    ],
    [
      'what is no number',
      { 'x-ratelimit-remaining': 'unlimited', 'x-ratelimit-remaining-tokens': '-1', 'ratelimit-remaining': 'NaN' },
      [],
    ],
  ])('%s', (_, headers, expected) => {
    expect(readAllowances(new Headers(headers as Record<string, string>), now)).toEqual(expected);
  });

  test('are heard of the service alone, not of a store that its files come from', async () => {
    const heard: unknown[] = [];
    const answer: typeof fetch = () => Promise.resolve(new Response('', { headers: { 'x-ratelimit-remaining': '0' } }));
    const service = hearLimits({ fetch: answer, now: () => now }, ['https://models.example/v1'], {
      onAllowances: (allowances) => heard.push(allowances),
    });
    await service.fetch('https://files.example/v1/picture.png');
    await service.fetch('https://models.example/v1.evil.example/x');
    expect(heard).toEqual([]);
    await service.fetch('https://models.example/v1/chat/completions');
    expect(heard).toEqual([[{ ...requests, left: 0, limit: null, resetMs: null }]]);
  });
});
