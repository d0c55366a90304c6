import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createRunStarter } from '../engine/runs/run-starter.ts';
import { createTestEngine, describeOnBothQueues, type TestEngine } from '../testing/engine.ts';
import { eventually } from '../testing/eventually.ts';
import { edgeOf, graphOf, nodeOf } from '../testing/graphs.ts';
import { scripted, scriptedExecutor, scriptedNode } from '../testing/scripted-node.ts';

describeOnBothQueues('cancel', (kind) => {
  let engine: TestEngine;
  let aborted = 0;
  let release: (() => void) | undefined;
  const nodes = scriptedExecutor({
    wait: ({ signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          aborted += 1;
          reject(signal.reason);
        });
      }),
    stubborn: () => new Promise((resolve) => (release = () => resolve({ output: 'too late' }))),
  });
  beforeAll(async () => {
    engine = await createTestEngine(kind, { definitions: [scriptedNode], executors: [nodes.executor] });
    await engine.startWorker();
  });
  afterAll(() => engine.stop());

  const isRunning = (runId: string, nodeId: string) =>
    eventually(async () => (await engine.nodes(runId))[nodeId]!.status === 'RUNNING');

  test('stops what runs at once and ends every node that was not finished', async () => {
    const runId = await engine.start({
      nodes: [nodeOf('first'), scripted('busy', 'wait'), nodeOf('later')],
      edges: [edgeOf('first', 'busy'), edgeOf('busy', 'later')],
    });
    await isRunning(runId, 'busy');
    const before = aborted;
    expect(await engine.starter.cancel(runId)).toBe(true);
    await eventually(() => aborted === before + 1);
    expect(await engine.run(runId)).toMatchObject({ status: 'CANCELLED', unfinished_nodes: 0 });
    expect(await engine.nodes(runId)).toMatchObject({
      first: { status: 'COMPLETED' },
      busy: { status: 'CANCELLED', error_code: 'RUN_CANCELLED' },
      later: { status: 'CANCELLED' },
    });
  });

  test('of a run whose result arrives late drops the result: cancelled stays cancelled', async () => {
    const runId = await engine.start({
      nodes: [scripted('busy', 'stubborn'), nodeOf('later')],
      edges: [edgeOf('busy', 'later')],
    });
    await isRunning(runId, 'busy');
    await engine.starter.cancel(runId);
    const events = await engine.events(runId);
    release!();
    // A later run that completes shows that the worker has gone on past the late result.
    await engine.finished(await engine.start(graphOf(['a'])));
    expect(await engine.nodes(runId)).toMatchObject({
      busy: { status: 'CANCELLED', output_data: null },
      later: { status: 'CANCELLED' },
    });
    expect(await engine.events(runId)).toEqual(events);
  });

  test('of a run that has not begun keeps it from ever beginning', async () => {
    const workflow = await engine.createWorkflow(graphOf(['a', 'b'], ['a>b']));
    const queue = { ...engine.queue, addRuns: async () => {} };
    const { id: runId } = await createRunStarter({ ...engine.starterDependencies, queue }).start({
      userId: 'user-1',
      triggerType: 'API',
      workflow,
    });
    expect(await engine.starter.cancel(runId)).toBe(true);
    await engine.queue.addRuns([runId]);
    await engine.finished(await engine.start(graphOf(['a'])));
    expect(await engine.run(runId)).toMatchObject({ status: 'CANCELLED', started_at: null });
    expect(await engine.nodes(runId)).toMatchObject({ a: { status: 'CANCELLED' }, b: { status: 'CANCELLED' } });
  });

  test('of a finished run changes nothing', async () => {
    const runId = await engine.start(graphOf(['a']));
    await engine.finished(runId);
    const events = await engine.events(runId);
    expect(await engine.starter.cancel(runId)).toBe(false);
    expect(await engine.run(runId)).toMatchObject({ status: 'COMPLETED' });
    expect(await engine.events(runId)).toEqual(events);
  });

  test('racing with the last record gives one final state and events without a gap', async () => {
    for (let round = 0; round < 15; round += 1) {
      const runId = await engine.start(graphOf(['a', 'b'], ['a>b']));
      await eventually(async () => (await engine.nodes(runId))['a']!.status !== 'PENDING', { intervalMs: 1 });
      await engine.starter.cancel(runId);
      const { status, last_seq: lastSeq } = await engine.finished(runId);
      const events = await engine.events(runId);
      expect(events.map((event) => event.seq)).toEqual(Array.from({ length: lastSeq }, (_, index) => index + 1));
      const finals = events.filter((event) => event.type === 'run.updated' && event.payload['finishedAt'] !== null);
      expect(finals.map((event) => event.payload['status'])).toEqual([status]);
    }
  });
});
