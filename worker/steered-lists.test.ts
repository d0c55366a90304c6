import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ListAction } from '../core/api/parts.ts';
import { TerminalError } from '../core/errors/app-error.ts';
import type { ChosenElements } from '../core/graph/each.ts';
import type { Graph } from '../core/graph/graph.ts';
import { countRepeats } from '../core/graph/repeats.ts';
import { catalogueOf } from '../core/node-type/definition.ts';
import { checkInvariants } from '../db/invariants/check.ts';
import { retryParts } from '../db/regions/retry-parts.ts';
import { partsProgress } from '../db/run-rows.ts';
import { advanceStaleRegions } from '../engine/duties/sweep/advance-regions.ts';
import { endLateRuns } from '../engine/duties/sweep/end-late-runs.ts';
import type { StartRunRequest } from '../engine/runs/start-run.ts';
import { doDuty, sweepContextOf } from '../testing/duties.ts';
import { each, eachExecutors, items, listNodes } from '../testing/each-nodes.ts';
import { createTestEngine, describeOnBothQueues, quickSweeper, type TestEngine } from '../testing/engine.ts';
import { eventually } from '../testing/eventually.ts';
import { edgeOf, nodeOf } from '../testing/graphs.ts';
import { named, over, partsOf, partsTold, shouted } from '../testing/regions.ts';

const listedNodes = catalogueOf([...listNodes]);

describeOnBothQueues('a list that is gone through', (kind) => {
  let engine: TestEngine;
  const open = new Map<string, (() => void)[]>();
  const nodes = eachExecutors({
    // Ends when the test says so.
    first: gated('first'),
    second: gated('second'),
    third: gated('third'),
    shout: async (input) => ({ output: input.toUpperCase() }),
    prepare: async (input) => ({ output: `${input}!` }),
    again: failingFirst('again', { 'item 1!': 2, 'item 2!': 1 }, 'item 5!'),
    stops: failingFirst('stops', { 'item 0': 1 }, 'item 1'),
    partly: failingFirst('partly', { 'item 0!': 1, 'item 1!': 1, 'item 2!': 1 }, 'item 0!'),
    paused: failingFirst('paused', { 'item 0!': 1 }, 'item 1!'),
    unheard: failingFirst('unheard', { 'item 0': 1 }, 'item 1', 'item 2'),
  });

  /** Refuses elements so often, and ends one when the test says so. */
  function failingFirst(script: string, refusals: Record<string, number>, ...held: readonly string[]) {
    const end = gated(script);
    return async (input: string, context: { signal: AbortSignal }) => {
      const left = refusals[input] ?? 0;
      refusals[input] = left - 1;
      if (left > 0) throw new TerminalError('PROVIDER_BAD_REQUEST', `Not ${input}.`);
      return held.includes(input) ? end(input, context) : { output: input.toUpperCase() };
    };
  }

  function gated(script: string) {
    open.set(script, []);
    return (input: string, { signal }: { signal: AbortSignal }) =>
      new Promise<{ output: string }>((done, reject) => {
        open.get(script)!.push(() => done({ output: input.toUpperCase() }));
        signal.addEventListener('abort', () => reject(signal.reason));
      });
  }
  const letGo = (script: string) => {
    for (const done of open.get(script)!.splice(0)) done();
  };

  beforeAll(async () => {
    engine = await createTestEngine(kind, { definitions: listNodes, executors: nodes.executors });
  });
  afterAll(async () => {
    const broken = await checkInvariants(engine.pool, { leaseMs: 60_000, windowMs: null, limit: 10_000 });
    await engine.stop();
    expect(Object.entries(broken).filter(([, violations]) => violations > 0)).toEqual([]);
  });

  const graph = (script: string, length: number) =>
    over(items('list', named(length)), each('do', script, { each: { concurrency: 2 } }));
  const executionOf = async (runId: string) => (await engine.nodes(runId))['do']!.id;
  const steer = async (runId: string, action: ListAction, at?: readonly number[]) =>
    engine.starter.steer({
      executionId: await executionOf(runId),
      runId,
      wholeRunId: runId,
      action,
      actorId: 'user-1',
      ...(at !== undefined && { at }),
    });
  /** Two nodes for each element: the first is not to be executed again. */
  const chain = (script: string, length: number, settings: object): Graph => ({
    nodes: [
      items('list', named(length)),
      each('do', 'prepare', { each: settings }),
      each('finish', script),
      nodeOf('all', 'whole'),
    ],
    edges: [edgeOf('list', 'do'), edgeOf('do', 'finish'), edgeOf('finish', 'all')],
  });
  const progress = async (runId: string) =>
    (
      await engine.pool.query<{ parts: unknown }>(
        `select ${partsProgress('d')} as parts from node_executions d where d.run_id = $1 and d.node_id = 'do'`,
        [runId],
      )
    ).rows[0]?.parts;
  const done = async (runId: string) =>
    (await partsOf(engine.pool, runId)).filter(({ status }) => status === 'COMPLETED').length;

  test('begins nothing while it is paused, whatever restarts meanwhile, and goes on where it was', async () => {
    const before = await engine.startWorker({ sweeper: quickSweeper });
    const runId = await engine.start(graph('first', 6));
    await eventually(() => nodes.calls('first').length === 2);
    expect(await steer(runId, 'pause')).toMatchObject({
      ...{ total: 6, running: 2, queued: 4, paused: true },
      pausedBy: 'user-1@example.org',
    });
    letGo('first');
    await eventually(async () => (await done(runId)) === 2);
    await before.stop();
    const after = await engine.startWorker({ sweeper: quickSweeper });
    // Its time limit stands still: it would be over by now.
    await engine.pool.query(
      `update workflow_runs set deadline_at = clock_timestamp() - interval '1 second' where id = $1`,
      [runId],
    );
    const sweeping = sweepContextOf(engine, { times: { overdueMs: 0 } });
    for (const duty of [advanceStaleRegions, endLateRuns]) await doDuty(duty, sweeping);
    expect(await partsOf(engine.pool, runId)).toHaveLength(2);
    expect(nodes.calls('first')).toHaveLength(2);
    expect((await partsTold(engine, runId)).at(-1)).toMatchObject({ done: 2, queued: 4, paused: true });

    await engine.pool.query(
      `update workflow_runs set deadline_at = clock_timestamp() + interval '1 hour' where id = $1`,
      [runId],
    );
    expect(await steer(runId, 'goOn')).not.toHaveProperty('paused');
    await eventually(async () => {
      letGo('first');
      return (await engine.run(runId)).status === 'COMPLETED';
    });
    expect(nodes.calls('first').toSorted()).toEqual(named(6));
    expect((await engine.nodes(runId))['do']!.output_data).toEqual({ output: shouted(named(6)), errors: [] });
    expect(await steer(runId, 'pause')).toBeNull();
    await after.stop();
  });

  test('is cancelled alone: what runs is stopped, the node fails, and a retry executes what is missing', async () => {
    const worker = await engine.startWorker({ sweeper: quickSweeper });
    const runId = await engine.start(graph('second', 5));
    await eventually(() => nodes.calls('second').length === 2);
    open.get('second')!.shift()!();
    await eventually(() => nodes.calls('second').length === 3);
    expect(await steer(runId, 'cancel')).toMatchObject({ total: 5 });
    expect(await engine.finished(runId)).toMatchObject({ status: 'FAILED' });
    expect(await engine.nodes(runId)).toMatchObject({
      do: { status: 'FAILED', error_code: 'LIST_CANCELLED', error: expect.stringContaining('1 of 5 elements') },
      all: { status: 'SKIPPED' },
    });
    expect((await partsOf(engine.pool, runId)).map(({ status }) => status).toSorted()).toEqual([
      ...['CANCELLED', 'CANCELLED', 'COMPLETED'],
    ]);
    expect((await partsTold(engine, runId)).at(-1)).toMatchObject({ done: 1, skipped: 4, queued: 0, running: 0 });
    open.get('second')!.splice(0);

    const { rows } = await engine.pool.query<{ user_id: string }>('select user_id from workflow_runs where id = $1', [
      runId,
    ]);
    const { id: again } = await engine.starter.retry({ retryOf: runId, userId: rows[0]!.user_id });
    await eventually(async () => {
      letGo('second');
      return (await engine.run(again)).status === 'COMPLETED';
    });
    // The three that were begun, and the four that had not completed.
    expect(nodes.calls('second')).toHaveLength(3 + 4);
    await worker.stop();
  });

  test('is cancelled while it is paused', async () => {
    const worker = await engine.startWorker({ sweeper: quickSweeper });
    const runId = await engine.start(graph('third', 4));
    await eventually(() => nodes.calls('third').length === 2);
    await steer(runId, 'pause');
    letGo('third');
    await eventually(async () => (await done(runId)) === 2);
    await steer(runId, 'cancel');
    expect(await engine.finished(runId)).toMatchObject({ status: 'FAILED' });
    expect(await partsOf(engine.pool, runId)).toHaveLength(2);
    await worker.stop();
  });

  test('is gone through again for what failed of it while it goes on, with what completed, however often and by how many', async () => {
    const worker = await engine.startWorker({ sweeper: quickSweeper });
    const runId = await engine.start(chain('again', 8, { concurrency: 2, onError: 'goOn' }));
    const failed = async (count: number) =>
      eventually(async () => {
        const now = { failed: count, running: 1, queued: 0 };
        expect(await progress(runId)).toMatchObject(now);
        // Also to those who look, though nothing more comes of it for a while.
        expect((await partsTold(engine, runId)).at(-1)).toMatchObject(now);
      });
    await failed(2);
    expect(await steer(runId, 'retryFailed', [0, 1, 7])).toMatchObject({ total: 8, failed: 1, done: 5 });
    await failed(2);
    // Two who ask at the same moment: each element is gone through once more, and both are.
    await Promise.all([steer(runId, 'retryFailed'), steer(runId, 'retryFailed')]);
    await failed(0);
    expect(nodes.calls('again').filter((input) => input === 'item 1!')).toHaveLength(3);
    expect(nodes.calls('again').filter((input) => input === 'item 2!')).toHaveLength(2);
    letGo('again');
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    const output = named(8).map((name) => `${name.toUpperCase()}!`);
    expect(await engine.nodes(runId)).toMatchObject({
      finish: { output_data: { output } },
      do: { output_data: { errors: [] } },
    });
    expect(nodes.calls('prepare')).toHaveLength(8);
    // What was tried stays with the run, and is nobody's element any more.
    const parts = await partsOf(engine.pool, runId);
    expect(parts.filter(({ index }) => index < 0).map(({ status }) => status)).toEqual(['FAILED', 'FAILED', 'FAILED']);
    expect(parts.filter(({ index }) => index >= 0).map(({ status }) => status)).toEqual(
      Array.from({ length: 8 }, () => 'COMPLETED'),
    );
    expect(await steer(runId, 'retryFailed')).toBeNull();
    await worker.stop();
  });

  test('goes on after it had stopped for an element, if that is asked for in time', async () => {
    const worker = await engine.startWorker({ sweeper: quickSweeper });
    const runId = await engine.start(graph('stops', 5));
    await eventually(async () => expect(await progress(runId)).toMatchObject({ failed: 1, running: 1 }));
    expect(nodes.calls('stops')).toHaveLength(2);
    // As a server leaves it that died after it had written that down: the sweeper goes on.
    await retryParts(engine.pool, { executionId: await executionOf(runId), runId, at: null });
    await eventually(() => nodes.calls('stops').length === 6);
    letGo('stops');
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    expect((await engine.nodes(runId))['do']!.output_data).toEqual({ output: shouted(named(5)), errors: [] });
    await worker.stop();
  });

  test('goes through elements again before others, also where its worker has not heard of them', async () => {
    const worker = await engine.startWorker({ sweeper: { ...quickSweeper, intervalMs: 3_600_000 } });
    const runId = await engine.start(
      over(items('list', named(4)), each('do', 'unheard', { each: { concurrency: 2, onError: 'goOn' } })),
    );
    await eventually(async () => expect(await progress(runId)).toMatchObject({ failed: 1, running: 2, queued: 1 }));
    await eventually(() => nodes.calls('unheard').length === 3);
    await retryParts(engine.pool, { executionId: await executionOf(runId), runId, at: null });
    open.get('unheard')!.shift()!();
    await eventually(() => nodes.calls('unheard').length > 3);
    expect(nodes.calls('unheard')[3]).toBe('item 0');
    await eventually(async () => {
      letGo('unheard');
      return (await engine.run(runId)).status === 'COMPLETED';
    });
    expect((await engine.nodes(runId))['do']!.output_data).toEqual({ output: shouted(named(4)), errors: [] });
    await worker.stop();
  });

  test('has failed after all for an element that was to be gone through again and never was; a retry of the run has what completed', async () => {
    const worker = await engine.startWorker({ sweeper: quickSweeper });
    const runId = await engine.start(chain('paused', 4, { concurrency: 2, onError: 'goOn' }));
    await eventually(async () => expect(await progress(runId)).toMatchObject({ failed: 1, running: 1, done: 2 }));
    await steer(runId, 'pause');
    expect(await steer(runId, 'retryFailed')).toMatchObject({ failed: 0, queued: 1, running: 1, paused: true });
    expect((await partsOf(engine.pool, runId)).map(({ index }) => index)).toEqual([-1, 1, 2, 3]);
    const prepared = nodes.calls('prepare').length;
    await steer(runId, 'cancel');
    expect(await steer(runId, 'retryFailed')).toBeNull();
    expect(await engine.finished(runId)).toMatchObject({ status: 'FAILED' });
    expect((await partsOf(engine.pool, runId)).map(({ index, status }) => [index, status])).toEqual([
      ...[
        [0, 'FAILED'],
        [1, 'CANCELLED'],
        [2, 'COMPLETED'],
        [3, 'COMPLETED'],
      ],
    ]);
    expect(await progress(runId)).toMatchObject({ failed: 1, skipped: 1, done: 2, queued: 0 });
    const { id: again } = await engine.starter.retry({ retryOf: runId, userId: 'user-1' });
    await eventually(async () => {
      letGo('paused');
      return (await engine.run(again)).status === 'COMPLETED';
    });
    expect(nodes.calls('prepare')).toHaveLength(prepared);
    await worker.stop();
  });

  test('keeps what was done of more elements than go at once, while it is told how far a retry has come', async () => {
    const worker = await engine.startWorker({ sweeper: quickSweeper });
    const runId = await engine.start(chain('partly', 3, { concurrency: 1, onError: 'goOn' }));
    await engine.finished(runId);
    expect(await progress(runId)).toMatchObject({ failed: 3 });
    const prepared = nodes.calls('prepare').length;
    const { id: again } = await engine.starter.retry({ retryOf: runId, userId: 'user-1' });
    await eventually(() => open.get('partly')!.length === 1);
    // No part is made by that: there is no room.
    await eventually(async () =>
      expect((await partsTold(engine, again)).at(-1)).toMatchObject({ running: 1, queued: 2 }),
    );
    letGo('partly');
    expect(await engine.finished(again)).toMatchObject({ status: 'COMPLETED' });
    expect(await progress(again)).toMatchObject({ done: 3 });
    expect(nodes.calls('prepare')).toHaveLength(prepared);
    await worker.stop();
  });

  test('is gone through for the first elements alone, or for those that are named', async () => {
    const worker = await engine.startWorker();
    const whole = graph('shout', 6);
    const chosen = async (only: ChosenElements, request: Partial<StartRunRequest> = {}) => {
      const runId = await engine.start(whole, { elements: { nodeId: 'do', only }, ...request });
      expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
      return (await engine.nodes(runId))['do']!.output_data!['output'];
    };
    expect(await chosen({ first: 3 })).toEqual(shouted(named(3)));
    expect(await chosen({ first: 99 })).toEqual(shouted(named(6)));
    expect(await chosen({ at: [4, 1, 4, 77] })).toEqual(shouted(['item 1', 'item 4']));
    expect(await chosen({ first: 1 }, { mode: 'to', nodeIds: ['do'] })).toEqual(shouted(named(1)));
    const workflow = await engine.createWorkflow(whole);
    const { plan, structure } = await engine.starter.plan(workflow, {
      userId: 'user-1',
      elements: { nodeId: 'do', only: { first: 2 } },
    });
    const list = { output: named(6) };
    const repeats = countRepeats(plan, structure, listedNodes, (id) => (id === 'list' ? list : undefined));
    expect(repeats.get('do')).toBe(2);
    await expect(chosen({ first: 1 }, { elements: { nodeId: 'all', only: { first: 1 } } })).rejects.toThrow(
      'does not go through a list',
    );
    await worker.stop();
  });
});
