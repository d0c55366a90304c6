import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { recordingLogger } from '../../testing/engine.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import { defaultFileRate } from './limits.ts';
import type { TakeTokens } from '../../queue/backend.ts';
import { createRateLimits } from './rate-limits.ts';
import type { RateTable } from './rate-table.ts';

const table: RateTable = {
  api: { burst: 1_000, perSecond: 0.001 },
  files: defaultFileRate,
  address: { burst: 5, perSecond: 10 },
  badCredential: { burst: 5, perSecond: 1 },
  signIn: { burst: 10, perSecond: 0.001 },
  signInAddress: { burst: 50, perSecond: 0.001 },
  signInAccount: { burst: 50, perSecond: 0.001 },
  hook: { burst: 20, perSecond: 0.001 },
  refusedHook: { burst: 20, perSecond: 0.001 },
  link: { burst: 20, perSecond: 0.001 },
  linkVisitor: { burst: 20, perSecond: 0.001 },
  linkStart: { burst: 20, perSecond: 0.001 },
  linkRun: { burst: 20, perSecond: 0.001 },
  credential: { burst: 20, perSecond: 0.001 },
  runStart: { burst: 20, perSecond: 0.001 },
};

describe.each([
  ['Redis', {}],
  ['Postgres', { REDIS_URL: '' }],
])('attack 22: limits kept in %s', (_where, env: Record<string, string>) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer({ ...env, API_RATE_BURST: '20', API_RATE_PER_SECOND: '1' });
  });
  afterAll(() => server.stop());

  test('are shared by all servers: two of them together let one user through as often as one would', async () => {
    const another = await server.startAnother();
    try {
      const user = await server.addUser();
      const headers = { authorization: `Bearer ${user.key}` };
      const startedAt = performance.now();
      const answers = await Promise.all(
        Array.from({ length: 60 }, (_, i) => fetch(`${i % 2 === 0 ? server.url : another.url}/api/me`, { headers })),
      );
      const passed = answers.filter((answer) => answer.status === 200).length;
      const refused = answers.filter((answer) => answer.status === 429);
      expect(passed + refused.length).toBe(60);
      expect(passed).toBeGreaterThanOrEqual(20);
      // One more is refilled for each second that this takes, and a moment of rounding.
      expect(passed).toBeLessThanOrEqual(21 + Math.ceil((performance.now() - startedAt) / 1_000));
      expect(Number(refused[0]!.headers.get('retry-after'))).toBeGreaterThan(0);
      // Nobody else pays for it.
      expect((await (await server.addUser()).call('GET', '/api/me')).status).toBe(200);
    } finally {
      await another.stop();
    }
  });
});

describe('a server', () => {
  const clock = { now: 0 };
  const shared = (tokens: number): TakeTokens & { calls: number } =>
    Object.assign(
      async ({ wanted }: { wanted: number }) => {
        take.calls += 1;
        const granted = Math.min(wanted, tokens);
        tokens -= granted;
        return { granted, waitMs: granted > 0 ? 0 : 500 };
      },
      { calls: 0 },
    );
  let take: TakeTokens & { calls: number };
  const limitsOver = (takeTokens: TakeTokens, logger = recordingLogger()) =>
    createRateLimits({ table, takeTokens, now: () => clock.now, logger });

  test('fetches tokens of a large bucket in blocks and lets unused ones go', async () => {
    take = shared(1_000);
    const limits = limitsOver(take);
    for (let i = 0; i < 10; i += 1) expect(await limits.take('api', 'ada')).toBeNull();
    expect(take.calls).toBe(1);
    expect(await limits.take('api', 'ada')).toBeNull();
    expect(take.calls).toBe(2);
    clock.now += 1_001;
    expect(await limits.take('api', 'ada')).toBeNull();
    expect(take.calls).toBe(3);
  });

  test('grants no more than there is to 100 requests at once, and then answers without asking', async () => {
    take = shared(10);
    const limits = limitsOver(take);
    const waits = await Promise.all(Array.from({ length: 100 }, () => limits.take('signIn', 'ada')));
    expect(waits.filter((wait) => wait === null)).toHaveLength(10);
    const { calls } = take;
    expect(await limits.take('signIn', 'ada')).toBeGreaterThan(0);
    expect(take.calls).toBe(calls);
    clock.now += 501;
    await limits.take('signIn', 'ada');
    expect(take.calls).toBe(calls + 1);
  });

  test('counts alone while the shared buckets are away, by the same limit', async () => {
    const logger = recordingLogger();
    const away: TakeTokens = () => Promise.reject(new Error('connection lost'));
    const limits = limitsOver(away, logger);
    const waits = await Promise.all(Array.from({ length: 30 }, () => limits.take('runStart', 'ada')));
    expect(waits.filter((wait) => wait === null)).toHaveLength(20);
    expect(logger.lines.map((line) => line.message)).toEqual([
      'the shared rate limits cannot be reached; counting alone',
    ]);
  });

  test('does not hang on shared buckets that never answer', async () => {
    const limits = limitsOver(() => sleep(60_000, { granted: 1, waitMs: 0 }, { ref: false }));
    expect(await limits.take('badCredential', 'a')).toBeNull();
  });
});
