import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { RetryableError, TerminalError } from '../core/errors/app-error.ts';
import { createTestEngine, describeOnBothQueues, type TestEngine } from '../testing/engine.ts';
import { edgeOf, nodeOf } from '../testing/graphs.ts';
import { scripted, scriptedExecutor, scriptedNode } from '../testing/scripted-node.ts';

describeOnBothQueues('a failing node', (kind) => {
  let engine: TestEngine;
  const retryAfterMs = 300;
  const nodes = scriptedExecutor({
    refuse: async () => {
      throw new TerminalError('PROVIDER_BAD_REQUEST', 'The provider refused the request.');
    },
    overload: async () => {
      throw new RetryableError('PROVIDER_OVERLOADED', 'The provider is overloaded.');
    },
    recover: async () => {
      if (nodes.calls('recover') < 3) throw new RetryableError('PROVIDER_OVERLOADED', 'The provider is overloaded.');
      return { output: 'third time lucky' };
    },
    limit: async () => {
      if (nodes.calls('limit') > 1) return { output: 'waited' };
      throw new RetryableError('PROVIDER_RATE_LIMITED', 'Too many requests.', { retryAfterMs });
    },
    crash: async () => {
      throw new Error('a bug');
    },
    flood: async () => ({ output: 'x'.repeat(300_000) }),
    nul: async () => ({ output: 'a\u0000b' }),
    forget: async () => ({}),
    hang: () => new Promise(() => {}),
  });
  beforeAll(async () => {
    engine = await createTestEngine(kind, { definitions: [scriptedNode], executors: [nodes.executor] });
    await engine.startWorker();
  });
  afterAll(() => engine.stop());

  test('fails at once on a terminal error, skips everything behind it, and lets other branches run', async () => {
    const runId = await engine.start({
      nodes: [
        scripted('bad', 'refuse', { label: 'Caption' }),
        nodeOf('after'),
        nodeOf('last'),
        nodeOf('other'),
        nodeOf('far'),
      ],
      edges: [edgeOf('bad', 'after'), edgeOf('after', 'last'), edgeOf('other', 'last'), edgeOf('other', 'far')],
    });
    expect(await engine.finished(runId)).toMatchObject({
      status: 'FAILED',
      error: 'Node "Caption" failed: The provider refused the request.',
      unfinished_nodes: 0,
    });
    expect(await engine.nodes(runId)).toMatchObject({
      bad: { status: 'FAILED', attempt: 1, error_code: 'PROVIDER_BAD_REQUEST' },
      after: { status: 'SKIPPED', error_code: 'DEPENDENCY_FAILED', error: expect.stringContaining('"Caption"') },
      last: { status: 'SKIPPED', error: expect.stringContaining('"Caption"') },
      other: { status: 'COMPLETED' },
      far: { status: 'COMPLETED' },
    });
    const events = await engine.events(runId);
    expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
    expect(events.at(-1)).toMatchObject({ type: 'run.updated', payload: { status: 'FAILED' } });
  });

  test('is tried three times on a retryable error', async () => {
    const runId = await engine.start({ nodes: [scripted('a', 'overload')], edges: [] });
    expect(await engine.finished(runId)).toMatchObject({ status: 'FAILED' });
    expect(await engine.nodes(runId)).toMatchObject({
      a: { status: 'FAILED', attempt: 3, error_code: 'PROVIDER_OVERLOADED', crash_count: 0 },
    });
    expect(nodes.calls('overload')).toBe(3);
  });

  test('completes when a later attempt succeeds, without a trace of the error', async () => {
    const runId = await engine.start({ nodes: [scripted('a', 'recover'), nodeOf('b')], edges: [edgeOf('a', 'b')] });
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED', error: null });
    expect(await engine.nodes(runId)).toMatchObject({
      a: { status: 'COMPLETED', attempt: 3, error: null, error_code: null },
      b: { output_data: { output: 'third time lucky' } },
    });
  });

  test('waits at least as long as the provider asks', async () => {
    const runId = await engine.start({ nodes: [scripted('a', 'limit')], edges: [] });
    await engine.finished(runId);
    const updates = (await engine.events(runId)).filter((event) => event.type === 'node.updated');
    const queued = updates.filter((event) => event.payload['status'] === 'QUEUED').at(-1)!;
    expect(queued.payload).toMatchObject({ errorCode: 'PROVIDER_RATE_LIMITED', attempt: 2 });
    const running = updates.filter((event) => event.payload['status'] === 'RUNNING').at(-1)!;
    const waited =
      Date.parse(running.payload['startedAt'] as string) - Date.parse(queued.payload['queuedAt'] as string);
    expect(waited).toBeGreaterThanOrEqual(retryAfterMs);
  });

  test('with an unexpected error is retried and then says so', async () => {
    const runId = await engine.start({ nodes: [scripted('a', 'crash')], edges: [] });
    await engine.finished(runId);
    expect(await engine.nodes(runId)).toMatchObject({ a: { status: 'FAILED', attempt: 3, error_code: 'INTERNAL' } });
  });

  test('with too large an output fails and names the limit', async () => {
    const runId = await engine.start({ nodes: [scripted('a', 'flood')], edges: [] });
    await engine.finished(runId);
    expect(await engine.nodes(runId)).toMatchObject({
      a: { status: 'FAILED', error_code: 'NODE_OUTPUT_TOO_LARGE', error: expect.stringContaining('262144') },
    });
  });

  test('with text that the database cannot hold fails alone, not the batch it was recorded with', async () => {
    const runId = await engine.start({
      nodes: [scripted('bad', 'nul'), ...['a', 'b', 'c', 'd'].map((id) => nodeOf(id))],
      edges: [],
    });
    expect(await engine.finished(runId)).toMatchObject({ status: 'FAILED' });
    expect(await engine.nodes(runId)).toMatchObject({
      bad: { status: 'FAILED' },
      a: { status: 'COMPLETED' },
      d: { status: 'COMPLETED' },
    });
  });

  test('whose executor forgets an output fails and names the handle', async () => {
    const runId = await engine.start({ nodes: [scripted('a', 'forget')], edges: [] });
    await engine.finished(runId);
    expect(await engine.nodes(runId)).toMatchObject({
      a: { status: 'FAILED', error: expect.stringContaining('"output"') },
    });
  });

  test('that never ends and ignores its signal is stopped at its time limit, and its slot is free again', async () => {
    const runId = await engine.start({
      nodes: [scripted('a', 'hang', { timeoutMs: 300 }), nodeOf('b')],
      edges: [edgeOf('a', 'b')],
    });
    await engine.finished(runId);
    expect(await engine.nodes(runId)).toMatchObject({
      a: { status: 'FAILED', attempt: 1, error_code: 'NODE_TIMEOUT', error: expect.stringContaining('300 ms') },
      b: { status: 'SKIPPED' },
    });
  });
});
