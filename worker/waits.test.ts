import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { RetryableError } from '../core/errors/app-error.ts';
import { Suspension } from '../core/node-type/suspension.ts';
import { expireRuns } from '../db/runs/end.ts';
import { listRunsPastDeadline } from '../db/runs/list-overdue.ts';
import { createWaitEnds, type WaitEnds } from '../engine/waits/wait-ends.ts';
import { listExecutor } from '../nodes/input/list/executor.ts';
import {
  createTestEngine,
  describeOnBothQueues,
  quickSweeper,
  recordingLogger,
  type TestEngine,
} from '../testing/engine.ts';
import { eventually } from '../testing/eventually.ts';
import { edgeOf, nodeOf } from '../testing/graphs.ts';
import type { WorkerRuntime } from './runtime.ts';
import { scripted, scriptedExecutor, scriptedNode } from '../testing/scripted-node.ts';

const answered = { resolution: { outcome: 'answered' }, resolvedBy: 'user-1' } as const;

describeOnBothQueues('a node that waits', (kind) => {
  let engine: TestEngine;
  let ends: WaitEnds;
  let worker: WorkerRuntime;
  let release: (() => void) | undefined;
  const nodes = scriptedExecutor({
    wait: async () => new Suspension({ kind: 'person', dueInMs: null, payload: { message: 'Well?' } }),
    'fail, then wait': async () => {
      const calls = nodes.calls('fail, then wait');
      if (calls === 2) return new Suspension({ kind: 'provider', dueInMs: null });
      if (calls < 5) throw new RetryableError('PROVIDER_NETWORK', 'Not now.');
      return { output: 'after all' };
    },
    work: () => new Promise((resolve) => (release = () => resolve({ output: 'done' }))),
  });
  beforeAll(async () => {
    engine = await createTestEngine(kind, { definitions: [scriptedNode], executors: [nodes.executor, listExecutor] });
    ends = createWaitEnds({ ...engine, logger: recordingLogger() });
    worker = await engine.startWorker();
  });
  afterAll(() => engine.stop());

  const waiting = async (runId: string, nodeId: string) => {
    await eventually(async () => (await engine.nodes(runId))[nodeId]!.status === 'WAITING');
    const { id, attempt } = (await engine.nodes(runId))[nodeId]!;
    return { id, runId, attempt };
  };
  const waits = async (runId: string) =>
    (await engine.pool.query(`select * from waits where run_id = $1 order by attempt`, [runId])).rows;

  test('holds no worker and no job, and is completed by the first of two answers', async () => {
    const runId = await engine.start({
      nodes: [nodeOf('first'), scripted('ask', 'wait'), nodeOf('after')],
      edges: [edgeOf('first', 'ask'), edgeOf('ask', 'after')],
    });
    const wait = await waiting(runId, 'ask');
    expect((await engine.nodes(runId))['ask']).toMatchObject({
      worker_id: null,
      finished_at: null,
      input_data: { input: [null] },
    });
    expect(await waits(runId)).toMatchObject([{ kind: 'person', payload: { message: 'Well?' }, resolved_at: null }]);
    await eventually(async () => {
      const counts = await engine.queue.counts();
      expect(counts.map(({ waiting: w, active, delayed }) => w + active + delayed)).toEqual(counts.map(() => 0));
    });
    const both = await Promise.all(
      ['yes', 'no'].map((output) => ends.resolve([{ ...wait, ...answered, outputs: { output } }])),
    );
    expect(both.flat()).toEqual([wait.id]);
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    const { ask, after } = await engine.nodes(runId);
    expect(ask!.output_data).toEqual({ output: both[0]!.length === 1 ? 'yes' : 'no' });
    expect(after!.output_data).toEqual({ output: ask!.output_data!['output'] });
    expect(await waits(runId)).toMatchObject([{ resolution: { outcome: 'answered' }, resolved_by: 'user-1' }]);
  });

  test('works on where it is told to, and what it tried before the wait does not count', async () => {
    const runId = await engine.start({ nodes: [scripted('poll', 'fail, then wait')], edges: [] });
    const wait = await waiting(runId, 'poll');
    expect(wait.attempt).toBe(2);
    expect(await ends.resume([{ ...wait, end: answered }])).toEqual([wait.id]);
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    expect((await engine.nodes(runId))['poll']).toMatchObject({ attempt: 5, output_data: { output: 'after all' } });
    expect(await waits(runId)).toMatchObject([{ attempt: 2, resolution: { outcome: 'answered' } }]);
  });

  test('fails where it is given up, with what its message says', async () => {
    const runId = await engine.start({
      nodes: [scripted('ask', 'wait'), nodeOf('after')],
      edges: [edgeOf('ask', 'after')],
    });
    const wait = await waiting(runId, 'ask');
    const resolution = { outcome: 'expired' } as const;
    await ends.fail([{ ...wait, resolution, resolvedBy: null, code: 'NODE_TIMEOUT', message: 'Nobody answered.' }]);
    expect(await engine.finished(runId)).toMatchObject({ status: 'FAILED' });
    expect(await engine.nodes(runId)).toMatchObject({
      ask: { status: 'FAILED', error: 'Nobody answered.' },
      after: { status: 'SKIPPED' },
    });
    expect(await waits(runId)).toMatchObject([{ resolution, resolved_by: null }]);
  });

  test('ends with its run, and so does its wait', async () => {
    const runId = await engine.start({ nodes: [scripted('ask', 'wait')], edges: [] });
    const wait = await waiting(runId, 'ask');
    expect(await engine.starter.cancel(runId)).toBe(true);
    expect((await engine.nodes(runId))['ask']).toMatchObject({ status: 'CANCELLED' });
    expect(await waits(runId)).toMatchObject([{ resolution: { outcome: 'cancelled' }, resolved_by: null }]);
    expect(await ends.resolve([{ ...wait, ...answered, outputs: { output: 'late' } }])).toEqual([]);
  });

  test('of a long delay is one of a thousand rows, and a worker that was not there when they came about ends them', async () => {
    const ids = Array.from({ length: 1_000 }, (_, index) => `n${index}`);
    const graph = {
      nodes: [nodeOf('first'), ...ids.map((id) => nodeOf(id, 'delay', { ms: 7 * 86_400_000 }))],
      edges: ids.map((id) => edgeOf('first', id)),
    };
    const runId = await engine.start(graph);
    const inState = async (status: string) =>
      Object.values(await engine.nodes(runId)).filter((node) => node.status === status).length;
    await eventually(async () => (await inState('WAITING')) === 1_000);
    await eventually(async () => {
      const counts = await engine.queue.counts();
      expect(counts.map(({ waiting: w, active, delayed }) => w + active + delayed)).toEqual(counts.map(() => 0));
    });
    expect(worker.activeAttempts()).toBe(0);
    expect(await engine.finished(await engine.start({ nodes: [nodeOf('other')], edges: [] }))).toMatchObject({
      status: 'COMPLETED',
    });
    // The time passes while nobody is there.
    await worker.stop();
    await engine.pool.query(`update waits set due_at = clock_timestamp() - interval '1 hour' where run_id = $1`, [
      runId,
    ]);
    worker = await engine.startWorker();
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    const { rows } = await engine.pool.query(
      `select resolution, resolved_by, due_outputs, count(*)::integer from waits where run_id = $1 group by 1, 2, 3`,
      [runId],
    );
    expect(rows).toEqual([{ resolution: { outcome: 'due' }, resolved_by: null, due_outputs: null, count: 1_000 }]);
    const commits = (await engine.events(runId)).filter(({ payload }) => payload['status'] === 'COMPLETED');
    // Each node once, and the run.
    expect(commits).toHaveLength(1_002);
  });

  test('an approval asks with what its node says, and takes the way for its end where nobody answers', async () => {
    const approve = { message: 'Well?', fields: [{ name: 'note' }], expiresInMs: 3_600_000, onExpiry: 'reject' };
    const runId = await engine.start({
      nodes: [
        nodeOf('first', 'text', { text: 'draft' }),
        nodeOf('ask', 'approve', approve),
        nodeOf('yes'),
        nodeOf('no'),
      ],
      edges: [
        edgeOf('first', 'ask'),
        edgeOf('ask', 'yes', { sourceHandle: 'approve' }),
        edgeOf('ask', 'no', { sourceHandle: 'reject' }),
      ],
    });
    await waiting(runId, 'ask');
    expect(await waits(runId)).toMatchObject([
      { payload: { message: 'Well?', fields: [{ name: 'note', type: 'text' }], choice: null } },
    ]);
    await engine.pool.query(`update waits set due_at = clock_timestamp() where run_id = $1`, [runId]);
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    expect(await engine.nodes(runId)).toMatchObject({
      ask: { output_data: { reject: 'draft', answer: { action: 'reject', label: 'Reject', by: null } } },
      yes: { status: 'SKIPPED' },
      no: { status: 'COMPLETED', output_data: { output: 'draft' } },
    });
    expect(await waits(runId)).toMatchObject([{ resolution: { outcome: 'expired' }, resolved_by: null }]);
  });

  test('a choice asks about its list, and about nothing where that is empty', async () => {
    const choice = (value: unknown) => ({
      nodes: [nodeOf('list', 'json', { value }), nodeOf('pick', 'choose', { max: 2 }), nodeOf('after')],
      edges: [edgeOf('list', 'pick', { targetHandle: 'items' }), edgeOf('pick', 'after', { sourceHandle: 'output' })],
    });
    const runId = await engine.start(choice(['a', 'b', 'c']));
    const wait = await waiting(runId, 'pick');
    expect((await engine.nodes(runId))['pick']).toMatchObject({ input_data: { items: ['a', 'b', 'c'] } });
    expect(await waits(runId)).toMatchObject([{ payload: { choice: { min: 1, max: 2 } }, due_at: null }]);
    await ends.resolve([{ ...wait, ...answered, outputs: { output: ['c'], indices: [2] } }]);
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    const nothing = await engine.start(choice([]));
    expect(await engine.finished(nothing)).toMatchObject({ status: 'COMPLETED' });
    expect((await engine.nodes(nothing))['pick']).toMatchObject({ output_data: { output: [], indices: [] } });
  });

  test('for each element of a list asks once for each, and the answers come together in its order', async () => {
    const runId = await engine.start({
      nodes: [
        nodeOf('list', 'list', { type: 'text', items: ['a', 'b', 'c'] }),
        nodeOf('ask', 'approve'),
        nodeOf('after'),
      ],
      edges: [
        edgeOf('list', 'ask', { targetHandle: 'value', data: { each: true } }),
        edgeOf('ask', 'after', { sourceHandle: 'answer' }),
      ],
    });
    const open = async () =>
      (
        await engine.pool.query(
          `select w.node_execution_id as id, w.run_id as "runId", w.attempt, r.part_index as index
             from waits w join workflow_runs r on r.id = w.run_id
            where r.parent_run_id = $1 and w.resolved_at is null order by r.part_index`,
          [runId],
        )
      ).rows;
    await eventually(async () => (await open()).length === 3);
    for (const { index, ...wait } of (await open()).toReversed()) {
      await ends.resolve([{ ...wait, ...answered, outputs: { approve: 'x', answer: index } }]);
    }
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    expect((await engine.nodes(runId))['ask']).toMatchObject({ output_data: { answer: [0, 1, 2] } });
  });

  test('that ends the part of an element makes room for the next one, with no sweep in between', async () => {
    const own = await createTestEngine(kind, { executors: [listExecutor] });
    try {
      await own.startWorker({ sweeper: { ...quickSweeper, intervalMs: 3_600_000 } });
      const runId = await own.start({
        nodes: [
          nodeOf('list', 'list', { type: 'text', items: ['a', 'b', 'c'] }),
          nodeOf('ask', 'approve', { each: { concurrency: 1 } }),
        ],
        edges: [edgeOf('list', 'ask', { targetHandle: 'value', data: { each: true } })],
      });
      const ownEnds = createWaitEnds({ ...own, logger: recordingLogger() });
      for (const index of [0, 1, 2]) {
        const wait = await eventually(async () => {
          const { rows } = await own.pool.query(
            `select w.node_execution_id as id, w.run_id as "runId", w.attempt from waits w join workflow_runs r on r.id = w.run_id
              where r.parent_run_id = $1 and r.part_index = $2 and w.resolved_at is null`,
            [runId, index],
          );
          if (rows.length === 0) throw new Error(`nothing is asked about element ${index}`);
          return rows[0];
        });
        await ownEnds.resolve([{ ...wait, ...answered, outputs: { approve: 'x', answer: index } }]);
      }
      expect(await own.finished(runId)).toMatchObject({ status: 'COMPLETED' });
      expect((await own.nodes(runId))['ask']).toMatchObject({ output_data: { answer: [0, 1, 2] } });
    } finally {
      await own.stop();
    }
  });

  test('does not use up the time of its run, unless something else is under way beside it', async () => {
    const idle = await engine.start({
      nodes: [scripted('ask', 'wait'), scripted('later', 'work')],
      edges: [edgeOf('ask', 'later')],
    });
    const busy = await engine.start({ nodes: [scripted('ask', 'wait'), scripted('other', 'work')], edges: [] });
    const [wait] = [await waiting(idle, 'ask'), await waiting(busy, 'ask')];
    await eventually(async () => (await engine.nodes(busy))['other']!.status === 'RUNNING');
    // Two hours of waiting, of which the run may take one.
    await engine.pool.query(
      `update workflow_runs set progressed_at = progressed_at - interval '2 hours',
         deadline_at = deadline_at - interval '2 hours' where id = any ($1::uuid[])`,
      [[idle, busy]],
    );
    const late = async () => (await listRunsPastDeadline(engine.pool, 100)).filter((id) => [idle, busy].includes(id));
    // The sweeper of the worker may have ended it by now.
    await eventually(async () => (await engine.run(busy)).status === 'FAILED');
    expect(await late()).toEqual([]);
    await ends.resolve([{ ...wait, ...answered, outputs: { output: 'yes' } }]);
    await eventually(async () => (await engine.nodes(idle))['later']!.status === 'RUNNING');
    expect(await late()).toEqual([]);
    const { rows } = await engine.pool.query(
      `select deadline_at > clock_timestamp() as ahead from workflow_runs where id = $1`,
      [idle],
    );
    expect(rows).toEqual([{ ahead: true }]);
    release!();
    expect(await engine.finished(idle)).toMatchObject({ status: 'COMPLETED' });
    expect(await expireRuns(engine.pool, [idle])).toEqual([]);
  });
});
