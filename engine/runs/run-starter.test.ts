import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { v7 as newId } from 'uuid';
import { RetryableError } from '../../core/errors/app-error.ts';
import { FindingsError } from '../../core/errors/findings-error.ts';
import { createTestEngine, describeOnBothQueues, type TestEngine } from '../../testing/engine.ts';
import { eventually } from '../../testing/eventually.ts';
import { graphOf } from '../../testing/graphs.ts';
import { createRunPlayer } from '../../testing/play-run.ts';
import { createRunStarter } from './run-starter.ts';

describeOnBothQueues('a starter of runs', (kind) => {
  let engine: TestEngine;
  beforeEach(async () => {
    engine = await createTestEngine(kind);
  });
  afterEach(() => engine.stop());

  const request = async () => ({
    userId: 'user-1',
    triggerType: 'SCHEDULE' as const,
    workflow: await engine.createWorkflow(graphOf(['a', 'b'], ['a>b'])),
  });

  test('starts a run for whoever asks, and keeps who that was', async () => {
    const { id: runId } = await engine.starter.start(await request());
    const { rows } = await engine.pool.query('select trigger_type, retry_of from workflow_runs where id = $1', [runId]);
    expect(rows).toEqual([{ trigger_type: 'SCHEDULE', retry_of: null }]);
    await eventually(async () => (await engine.queue.counts())[0]!.waiting === 1);
  });

  test('starts one run under an id, however often it is asked', async () => {
    const asked = { ...(await request()), runId: newId() };
    expect(await engine.starter.start(asked)).toMatchObject({ id: asked.runId, run: { status: 'PENDING' } });
    expect(await engine.starter.start(asked)).toMatchObject({ id: asked.runId, run: null });
    expect((await engine.pool.query('select from workflow_runs')).rows).toHaveLength(1);
  });

  test('retries what did not complete, as a run that says which one it repeats', async () => {
    const { id: retryOf } = await engine.starter.start(await request());
    await (await createRunPlayer(engine.pool)).fail(retryOf, 'broken');
    const { id: runId } = await engine.starter.retry({ userId: 'user-1', retryOf });
    const { rows } = await engine.pool.query('select trigger_type, retry_of from workflow_runs where id = $1', [runId]);
    expect(rows).toEqual([{ trigger_type: 'RETRY', retry_of: retryOf }]);
  });

  test('cancels a run once', async () => {
    const { id: runId } = await engine.starter.start(await request());
    expect(await engine.starter.cancel(runId)).toBe(true);
    expect(await engine.starter.cancel(runId)).toBe(false);
    expect(await engine.run(runId)).toMatchObject({ status: 'CANCELLED' });
    await eventually(() => {
      expect(engine.heard).toContainEqual({ kind: 'stop', runId });
    });
  });

  test('asks its guards in their order before a start and a retry, and starts nothing where one refuses', async () => {
    const asked: string[] = [];
    let isFull = false;
    const starter = createRunStarter({
      ...engine.starterDependencies,
      guards: [
        (userId) => void asked.push(`first ${userId}`),
        async () => {
          asked.push('second');
          if (isFull) throw new RetryableError('DISK_LOW', 'The disk is full.');
        },
      ],
    });
    const { id: retryOf } = await starter.start(await request());
    await (await createRunPlayer(engine.pool)).fail(retryOf, 'broken');
    isFull = true;
    await expect(starter.start(await request())).rejects.toThrow('The disk is full.');
    await expect(starter.retry({ userId: 'user-1', retryOf })).rejects.toThrow('The disk is full.');
    expect(asked).toEqual(['first user-1', 'second', 'first user-1', 'second', 'first user-1', 'second']);
    expect((await engine.pool.query('select from workflow_runs')).rows).toHaveLength(1);
  });

  test('refuses with findings, which are no matter of HTTP', async () => {
    const workflow = await engine.createWorkflow({ nodes: [], edges: [] });
    const refused = engine.starter.start({ userId: 'user-1', triggerType: 'WEBHOOK', workflow });
    await expect(refused).rejects.toThrow(FindingsError);
    await expect(refused).rejects.toMatchObject({ code: 'GRAPH_EMPTY', findings: [{ code: 'GRAPH_EMPTY' }] });
  });
});
