import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { saveBudget } from '../db/budgets/save.ts';
import { listBudgets } from '../db/budgets/list.ts';
import { easeProviderClock, learnProviderLimit, slowProviderClock, takeProviderTurn } from '../db/model-calls/clock.ts';
import { listNodeCosts } from '../db/model-calls/estimates.ts';
import { sumModelCalls } from '../db/model-calls/sums.ts';
import { llmExecutor } from '../nodes/ai/llm/executor.ts';
import { createProviders } from '../providers/create-providers.ts';
import { createModelRegistry } from '../providers/registry.ts';
import { createTestEngine, type TestEngine } from '../testing/engine.ts';
import { eventually } from '../testing/eventually.ts';
import type { FakeModelServer } from '../testing/fake-model-server.ts';
import { startFakeOpenAi } from '../testing/fake-openai.ts';
import { nodeOf } from '../testing/graphs.ts';

let provider: FakeModelServer;
let engine: TestEngine;
beforeAll(async () => {
  provider = await startFakeOpenAi();
  const models = createModelRegistry({
    providers: createProviders({ OPENAI_BASE_URL: `${provider.url}/v1`, now: Date.now }),
    fitImage: () => Promise.reject(new Error('no images here')),
    // A token out is ten cents.
    prices: { 'fake-model': { input: 0, output: 100_000 } },
    tempDir: '/tmp',
    now: Date.now,
  });
  const nothing = { dispose: async () => {} } as never;
  engine = await createTestEngine('postgres', {
    executors: [llmExecutor],
    worker: {
      modelsOf: () => models,
      openAssets: () => nothing,
      mediaOf: () => ({}) as never,
      webOf: () => ({}) as never,
    },
  });
  await Promise.all([1, 2, 3].map(() => engine.startWorker({ concurrency: { io: 4 } })));
});
afterEach(async () => {
  provider.reset();
  await engine.pool.query('truncate provider_clocks, budgets, model_calls');
});
afterAll(async () => {
  await engine.stop();
  await provider.stop();
});

/** A node execution that comes for the first time. */
const first = { nodeExecutionId: randomUUID(), attempt: 1 };
const asks = (count: number) => ({
  nodes: Array.from({ length: count }, (_, index) =>
    nodeOf(`n${index}`, 'llm', { model: 'fake-model', userMessage: `Question ${index}`, temperature: 1 }),
  ),
  edges: [],
});

describe('a provider that asks for fewer calls', () => {
  test('is called by none of 100 nodes on 3 workers before its time, and no node loses a try by that', async () => {
    // One call is refused; the clock is that of all workers.
    provider.script({ kind: 'error', status: 429, headers: { 'retry-after': '500' } });
    const first = await engine.start(asks(1));
    await eventually(async () => {
      const { rows } = await engine.pool.query(
        `select key from provider_clocks where not_before > clock_timestamp() + interval '400 seconds'`,
      );
      expect(rows).toEqual([{ key: 'openai' }]);
    });
    expect(provider.prompts).toHaveLength(1);
    const barred = await engine.start(asks(100));
    await eventually(async () => {
      const nodes = Object.values(await engine.nodes(barred));
      expect(nodes.filter(({ status, attempt }) => status === 'QUEUED' && attempt >= 2)).toHaveLength(100);
      expect(nodes[0]).toMatchObject({ error_code: 'PROVIDER_RATE_LIMITED', worker_id: null });
    });
    expect((await engine.nodes(barred))['n7']!.error).toMatch(/asked for fewer calls.*by itself in about \d+ s/);
    expect(provider.prompts).toHaveLength(1);
    await Promise.all([first, barred].map((runId) => engine.starter.cancel(runId)));

    // The same with a time that comes: by the clock that decides, that of the database.
    const { rows } = await engine.pool.query<{ at: Date }>(
      `update provider_clocks set not_before = clock_timestamp() + interval '1 second', pace_ms = 10, waiting = 0
       returning not_before as at`,
    );
    const runId = await engine.start(asks(100));
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    expect(provider.prompts).toHaveLength(101);
    const calls = await engine.pool.query<{ early: number; all: number }>(
      `select count(*) filter (where created_at < $2)::integer as early, count(*)::integer as all from model_calls where run_id = $1`,
      [runId, rows[0]!.at],
    );
    expect(calls.rows).toEqual([{ early: 0, all: 100 }]);
    // It answers again, and nobody is held back any more.
    expect((await engine.pool.query('select from provider_clocks')).rows).toHaveLength(0);
  });
});

test('a provider that says how many calls are left gets so many of 100 nodes on 3 workers, and the others in time', async () => {
  // The answer to one call; the count is that of all workers.
  const headers = { 'x-ratelimit-limit': '20', 'x-ratelimit-remaining': '5', 'x-ratelimit-reset': '500' };
  provider.script({ kind: 'answer', headers });
  expect(await engine.finished(await engine.start(asks(1)))).toMatchObject({ status: 'COMPLETED' });
  const runId = await engine.start(asks(100));
  await eventually(async () => {
    const nodes = Object.values(await engine.nodes(runId));
    expect(nodes.filter(({ status }) => status === 'COMPLETED')).toHaveLength(5);
    const held = nodes.filter(({ status, attempt }) => status === 'QUEUED' && attempt >= 2);
    expect(held).toHaveLength(95);
    expect(held[0]).toMatchObject({ error_code: 'PROVIDER_RATE_LIMITED', worker_id: null });
  });
  expect(provider.prompts).toHaveLength(6);
  // It is known of this model alone, and the key itself is free.
  const { rows } = await engine.pool.query<{ key: string; isTold: boolean }>(
    `select key, not_before = left_until as "isTold" from provider_clocks`,
  );
  expect(rows).toEqual([{ key: 'openai fake-model', isTold: true }]);
  expect(await takeProviderTurn(engine.pool, ['openai', 'openai other-model'], first)).toBeNull();
  await engine.starter.cancel(runId);

  // Now the time comes, and the provider goes on to say what is left: nothing, then one in 20 ms.
  const { rows: set } = await engine.pool.query<{ at: Date }>(
    `update provider_clocks set not_before = clock_timestamp() + interval '1 second', pace_ms = 10, waiting = 0
     returning not_before as at`,
  );
  provider.standing({
    kind: 'answer',
    headers: {
      'x-ratelimit-limit-requests': '20',
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '400ms',
    },
  });
  const second = await engine.start(asks(100));
  expect(await engine.finished(second)).toMatchObject({ status: 'COMPLETED' });
  expect(provider.prompts).toHaveLength(106);
  // By the clock that decides, that of the database.
  const calls = await engine.pool.query<{ early: number; all: number }>(
    `select count(*) filter (where created_at < $2)::integer as early, count(*)::integer as all from model_calls where run_id = $1`,
    [second, set[0]!.at],
  );
  expect(calls.rows).toEqual([{ early: 0, all: 100 }]);
});

test('a quota of so many requests a minute is kept to once it was exceeded', async () => {
  const key = 'gemini';
  await slowProviderClock(engine.pool, key, { waitMs: 0, paceMs: 250, ownPaceMs: 6_000 });
  expect(await takeProviderTurn(engine.pool, [key], first)).toBe(0);
  for (let answers = 0; answers < 10; answers += 1) await easeProviderClock(engine.pool, [key], 40);
  const { rows } = await engine.pool.query('select pace_ms from provider_clocks where key = $1', [key]);
  expect(rows).toEqual([{ pace_ms: 6_000 }]);
  // What is known of it ends; then the pace is halved again, until nobody is held back.
  await engine.pool.query(`update provider_clocks set left_until = now(), not_before = now() where key = $1`, [key]);
  for (let answers = 0; answers < 10; answers += 1) await easeProviderClock(engine.pool, [key], 40);
  expect(await takeProviderTurn(engine.pool, [key], first)).toBeNull();
});

test('ten minutes of a quota are of its pace, whatever was counted before', async () => {
  const key = 'gemini model';
  const counted = { calls: 50, waitMs: 5, untilMs: 1_000, refillMs: null };
  await learnProviderLimit(engine.pool, key, counted, { paceMs: 250, tookMs: 0 });
  const stateOf = async () =>
    (
      await engine.pool.query(
        `select left_calls, refill_ms, left_until > clock_timestamp() + interval '9 minutes' as "isLong"
           from provider_clocks where key = $1`,
        [key],
      )
    ).rows[0];
  // A refusal that says nothing of a quota leaves the count as it is.
  await slowProviderClock(engine.pool, key, { waitMs: 0, paceMs: 250, ownPaceMs: null });
  expect(await stateOf()).toEqual({ left_calls: 50, refill_ms: null, isLong: false });
  await slowProviderClock(engine.pool, key, { waitMs: 0, paceMs: 250, ownPaceMs: 6_000 });
  expect(await stateOf()).toEqual({ left_calls: null, refill_ms: 6_000, isLong: true });
});

test('places of those who never come are forgotten, and calls that are left end the line', async () => {
  const clocks = ['line', 'line model'];
  const at = (interval: string, waiting: number, paceMs: number) =>
    engine.pool.query(
      `insert into provider_clocks (key, not_before, pace_ms, waiting) values ('line', clock_timestamp() + $1::interval, $3, $2)
       on conflict (key) do update set
         not_before = excluded.not_before, waiting = excluded.waiting, pace_ms = excluded.pace_ms`,
      [interval, waiting, paceMs],
    );
  // A run of 900 nodes waited here and was canceled: at the time there is nobody, and so there is no line.
  await at('-10 minutes', 900, 1_000);
  expect(await takeProviderTurn(engine.pool, clocks, first)).toBe(0);
  expect(await takeProviderTurn(engine.pool, clocks, first)).toBeLessThanOrEqual(1_000);
  // Who has a place leaves it with a turn, whoever takes it.
  await at('-1 millisecond', 5, 600_000);
  expect(await takeProviderTurn(engine.pool, clocks, first)).toBe(0);
  const { rows } = await engine.pool.query(`select waiting from provider_clocks where key = 'line'`);
  expect(rows).toEqual([{ waiting: 4 }]);
  // Who comes again is near the front.
  await at('1 hour', 900, 1_000);
  /** Milliseconds until the clock lets anybody go: each wait is compared with it, however long this test takes. */
  const left = async (): Promise<number> => {
    const { rows: clock } = await engine.pool.query<{ ms: number }>(
      `select (extract(epoch from not_before - clock_timestamp()) * 1000)::double precision as ms from provider_clocks where key = 'line'`,
    );
    return clock[0]!.ms;
  };
  provider.script({ kind: 'error', status: 503 });
  const runId = await engine.start(asks(1));
  await engine.finished(runId);
  const { id: nodeExecutionId, attempt } = (await engine.nodes(runId))['n0']!;
  const again = { nodeExecutionId, attempt };
  const failed = (code: string) =>
    engine.pool.query(`update node_executions set error_code = $2 where id = $1`, [nodeExecutionId, code]);
  await failed('PROVIDER_RATE_LIMITED');
  const before = await left();
  expect(await takeProviderTurn(engine.pool, clocks, again)).toBeLessThanOrEqual(before + 8_000);
  // Whatever else an attempt ended with gives no place, and neither does a call that nobody comes back for take one.
  await failed('PROVIDER_OVERLOADED');
  const nobody = { nodeExecutionId: null, attempt: 1 };
  expect(await takeProviderTurn(engine.pool, clocks, nobody)).toBeLessThanOrEqual(before);
  // Who comes first, or for another reason, is sent to the end of five minutes of places, beyond what is left by the clock.
  for (const caller of [again, first]) {
    const wait = (await takeProviderTurn(engine.pool, clocks, caller))!;
    expect(wait - (await left())).toBeGreaterThanOrEqual(300_000);
  }
});

test('a model of which nothing was left goes on as before once a later call tells of more', async () => {
  const key = 'openai told';
  const told = (calls: number, tookMs: number) =>
    learnProviderLimit(
      engine.pool,
      key,
      { calls, waitMs: 5, untilMs: 60_000, refillMs: null },
      { paceMs: 250, tookMs },
    );
  const stateOf = async () =>
    (await engine.pool.query('select left_calls, pace_ms, waiting from provider_clocks where key = $1', [key])).rows[0];
  await told(2, 0);
  expect(await takeProviderTurn(engine.pool, [key], first)).toBe(0);
  expect(await takeProviderTurn(engine.pool, [key], first)).toBe(0);
  expect(await takeProviderTurn(engine.pool, [key], first)).toBeGreaterThan(0);
  // What a call heard that began before the last one was taken is old.
  await told(7, 600_000);
  expect(await stateOf()).toEqual({ left_calls: null, pace_ms: 250, waiting: 1 });
  await told(7, 0);
  expect(await stateOf()).toEqual({ left_calls: 7, pace_ms: 0, waiting: 0 });
});

test('a place at a provider is five minutes away at most, since its pace may be another one by then', async () => {
  await engine.pool.query(
    `insert into provider_clocks (key, not_before, pace_ms, waiting) values ('slow', now() + interval '1 minute', 60000, 1000)`,
  );
  const waitMs = await takeProviderTurn(engine.pool, ['slow'], first);
  expect(waitMs).toBeGreaterThan(300_000);
  expect(waitMs).toBeLessThanOrEqual(360_000);
  await engine.pool.query(`delete from provider_clocks where key = 'slow'`);
});

describe('a budget', () => {
  const usage = { inputTokens: 1, outputTokens: 7 };
  const userId = 'user-1';
  const budget = async (period: 'run' | 'day' | 'month', limitUsd: number, workflowId: number | null = null) =>
    expect(await saveBudget(engine.pool, { userId, workflowId, period, limitUsd }, 100)).toBe('saved');

  test('of a dollar stops the second of two runs that cost 0.7, before it calls', async () => {
    provider.standing({ kind: 'answer', usage });
    await budget('day', 1);
    const workflow = await engine.createWorkflow(asks(1));
    const start = () => engine.start(workflow.data, { workflow });
    expect(await engine.finished(await start())).toMatchObject({ status: 'COMPLETED' });
    const second = await start();
    expect(await engine.finished(second)).toMatchObject({ status: 'FAILED' });
    const { n0 } = await engine.nodes(second);
    expect(n0).toMatchObject({ error_code: 'BUDGET_EXCEEDED', attempt: 1 });
    expect(n0!.error).toContain('is $1.00; $0.70 is spent, and this call would cost about $0.70');
    expect(provider.prompts).toHaveLength(1);
    expect(await listBudgets(engine.pool, userId)).toMatchObject([{ period: 'day', limitUsd: 1, spentUsd: 0.7 }]);
    expect(await sumModelCalls(engine.pool, userId)).toMatchObject([{ model: 'fake-model', calls: 1, usd: 0.7 }]);
    const nodeIds = ['n0', 'n1'];
    expect([...(await listNodeCosts(engine.pool, { workflowId: workflow.id, userId, nodeIds }))]).toEqual([
      ['n0', 0.7],
    ]);
    // With room for one more, one of ten at once is made.
    await budget('day', 1.5);
    const runIds = await Promise.all(Array.from({ length: 10 }, start));
    const statuses = await Promise.all(runIds.map(async (runId) => (await engine.finished(runId)).status));
    expect(statuses.filter((status) => status === 'COMPLETED')).toHaveLength(1);
    expect(provider.prompts).toHaveLength(2);
  });

  test('of each run counts its failed attempts, and of a workflow leaves others alone', async () => {
    const workflow = await engine.createWorkflow(asks(1));
    const other = await engine.createWorkflow(asks(1));
    await budget('run', 2);
    await budget('month', 0, other.id);
    // Cut off, which is paid; the next attempt is another call.
    provider.script({ kind: 'error', status: 503 });
    provider.standing({ kind: 'answer', usage });
    const runId = await engine.start(workflow.data, { workflow });
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    const { rows } = await engine.pool.query(
      `select attempt, cost_usd, settled_at is not null as settled from model_calls where run_id = $1 order by attempt`,
      [runId],
    );
    // A refusal is written down and costs nothing.
    expect(rows).toEqual([
      { attempt: 1, cost_usd: 0, settled: true },
      { attempt: 2, cost_usd: 0.7, settled: true },
    ]);
    const calls = provider.prompts.length;
    expect(await engine.finished(await engine.start(other.data, { workflow: other }))).toMatchObject({
      status: 'FAILED',
    });
    expect(provider.prompts).toHaveLength(calls);
    expect(await saveBudget(engine.pool, { userId, workflowId: 999_999, period: 'day', limitUsd: 1 }, 100)).toBe(
      'unknown',
    );
    expect(await saveBudget(engine.pool, { userId, workflowId: null, period: 'day', limitUsd: 1 }, 1)).toBe('full');
  });
});
