import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RetryableError, TerminalError } from '../core/errors/app-error.ts';
import { eventually } from '../testing/eventually.ts';
import { createTestEngine, describeOnBothQueues, type TestEngine } from '../testing/engine.ts';
import { edgeOf, nodeOf } from '../testing/graphs.ts';
import { scripted, scriptedExecutor, scriptedNode } from '../testing/scripted-node.ts';

describeOnBothQueues('a failing node', (kind) => {
  let engine: TestEngine;
  const retryAfterMs = 300;
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
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
    nul: async () => ({ output: 'a\u0000b \ud800' }),
    mumble: async () => {
      throw new TerminalError('PROVIDER_BLOCKED', 'Blocked: A\u0000B\ud800.');
    },
    stutter: async () => {
      if (nodes.calls('stutter') > 1) return { output: 'ok' };
      throw new RetryableError('PROVIDER_OVERLOADED', `busy \u0000\udfff ${'x'.repeat(200_000)}`);
    },
    bug: async () => {
      throw new Error('a bug \u0000 \ud83d');
    },
    refused: async () => ({ output: 'the database will not have this' }),
    unspeakable: async () => {
      throw new TerminalError('PROVIDER_BLOCKED', 'the database will not have this either');
    },
    fail: async () => {
      throw new TerminalError('PROVIDER_BAD_REQUEST', 'No.');
    },
    failLater: async () => {
      await gate;
      throw new TerminalError('PROVIDER_BAD_REQUEST', 'No, later.');
    },
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

  test('gown-text-nul: puts out text without U+0000 and with U+FFFD for half a pair, here and behind it', async () => {
    const runId = await engine.start({ nodes: [scripted('odd', 'nul'), nodeOf('b')], edges: [edgeOf('odd', 'b')] });
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    expect(await engine.nodes(runId)).toMatchObject({
      odd: { attempt: 1, output_data: { output: 'ab \ufffd' } },
      b: { output_data: { output: 'ab \ufffd' } },
    });
  });

  test('gown-block-nul, gown-error-nul, oown-error-nul, oown-echo-emoji: says what can be stored of an odd message, at once', async () => {
    const runId = await engine.start({
      nodes: [scripted('final', 'mumble'), scripted('again', 'stutter'), scripted('bug', 'bug')],
      edges: [],
    });
    expect(await engine.finished(runId)).toMatchObject({ status: 'FAILED' });
    const { final, again, bug } = await engine.nodes(runId);
    expect(final).toMatchObject({
      status: 'FAILED',
      attempt: 1,
      error_code: 'PROVIDER_BLOCKED',
      error: 'Blocked: AB\ufffd.',
    });
    expect(again).toMatchObject({ status: 'COMPLETED', attempt: 2 });
    expect(bug).toMatchObject({
      status: 'FAILED',
      error_code: 'INTERNAL',
      error: expect.stringContaining('a bug  \ufffd'),
    });
    const said = (await engine.events(runId)).flatMap(({ payload }) => {
      return typeof payload['error'] === 'string' ? [payload['error']] : [];
    });
    expect(Math.max(...said.map((text) => text.length))).toBe(2_000);
    expect(nodes.calls('mumble')).toBe(1);
  });

  describe('whose record the database refuses', () => {
    beforeAll(async () => {
      await engine.pool.query(
        `create function refuse_text() returns trigger language plpgsql as $$
         begin
           if new.output_data::text like '%will not have this%' or new.error = 'the database will not have this either' then
             raise exception 'no such text here' using errcode = '22023';
           end if;
           return new;
         end $$`,
      );
      await engine.pool.query(
        `create trigger refuse_text before update on node_executions for each row execute function refuse_text()`,
      );
    });
    afterAll(() => engine.pool.query('drop trigger refuse_text on node_executions'));

    test('ends as INTERNAL, alone, and the work is done once', async () => {
      const runId = await engine.start({
        nodes: [
          scripted('output', 'refused'),
          scripted('message', 'unspeakable'),
          ...['a', 'b', 'c', 'd'].map((id) => nodeOf(id)),
        ],
        edges: [],
      });
      expect(await engine.finished(runId)).toMatchObject({ status: 'FAILED' });
      expect(await engine.nodes(runId)).toMatchObject({
        output: {
          status: 'FAILED',
          attempt: 1,
          error_code: 'INTERNAL',
          error: expect.stringContaining('no such text here'),
        },
        message: {
          status: 'FAILED',
          attempt: 1,
          error_code: 'INTERNAL',
          error: expect.stringContaining('log of the worker'),
        },
        a: { status: 'COMPLETED' },
        d: { status: 'COMPLETED' },
      });
      expect([nodes.calls('refused'), nodes.calls('unspeakable')]).toEqual([1, 1]);
    });
  });

  test('is named by what is skipped behind it, together with every other one that fails before it or later', async () => {
    const runId = await engine.start({
      nodes: [
        scripted('a', 'fail', { label: 'First' }),
        scripted('b', 'failLater', { label: 'Second' }),
        nodeOf('join'),
        nodeOf('last'),
        nodeOf('only'),
      ],
      edges: [edgeOf('a', 'join'), edgeOf('b', 'join'), edgeOf('join', 'last'), edgeOf('a', 'only')],
    });
    await eventually(async () => (await engine.nodes(runId))['last']!.status === 'SKIPPED');
    expect((await engine.nodes(runId))['last']!.error).toBe('Skipped because it depends on what failed: "First".');
    open();
    expect(await engine.finished(runId)).toMatchObject({ status: 'FAILED', unfinished_nodes: 0 });
    const both = 'Skipped because it depends on what failed: "First", "Second".';
    expect(await engine.nodes(runId)).toMatchObject({
      join: { status: 'SKIPPED', error: both },
      last: { status: 'SKIPPED', error: both },
      only: { status: 'SKIPPED', error: 'Skipped because it depends on what failed: "First".' },
    });
    const events = await engine.events(runId);
    expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
    expect((await engine.run(runId)).last_seq).toBe(events.length);
  });

  test('that is one of many is one of twenty names, and the others are told of', async () => {
    const ids = Array.from({ length: 25 }, (_, index) => `f${index}`);
    const runId = await engine.start({
      nodes: [...ids.map((id) => scripted(id, 'refuse')), nodeOf('join')],
      edges: ids.map((id) => edgeOf(id, 'join')),
    });
    expect(await engine.finished(runId)).toMatchObject({ status: 'FAILED' });
    const { join } = await engine.nodes(runId);
    expect(join!.error).toMatch(/ and more\.$/);
    expect(join!.error!.match(/"f\d+"/g)!.length).toBe(20);
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
