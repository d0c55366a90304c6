import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { ModelTools } from '../core/node-type/executor.ts';
import { generateVideoExecutor } from '../nodes/ai/generate-video/executor.ts';
import { createProviders } from '../providers/create-providers.ts';
import { createModelRegistry } from '../providers/registry.ts';
import { createTestEngine, quickSweeper, type TestEngine } from '../testing/engine.ts';
import { eventually } from '../testing/eventually.ts';
import { startFakeVideos, type FakeVideos } from '../testing/fake-videos.ts';
import { nodeOf } from '../testing/graphs.ts';
import { makeCountingClip } from '../testing/media.ts';
import { startNodeRuns, type NodeRuns } from '../testing/node-runs.ts';

const key = 'a-key-that-nobody-may-see';

describe('a node that waits for a job of its provider', () => {
  let provider: FakeVideos;
  let runs: NodeRuns;
  let engine: TestEngine;
  beforeAll(async () => {
    provider = await startFakeVideos(await readFile(await makeCountingClip({ seconds: 1 })));
    runs = await startNodeRuns();
    const models: ModelTools = createModelRegistry({
      providers: createProviders({
        GEMINI_API_KEY: key,
        GEMINI_BASE_URL: provider.url,
        OPENAI_API_KEY: key,
        OPENAI_BASE_URL: `${provider.url}/v1`,
        now: Date.now,
      }),
      fitImage: () => Promise.reject(new Error('no images here')),
      tempDir: '/tmp',
      now: Date.now,
    });
    engine = await createTestEngine('postgres', {
      executors: [generateVideoExecutor],
      worker: {
        modelsOf: () => models,
        mediaOf: () => runs.media,
        webOf: () => ({}) as never,
        openAssets: runs.openAssets,
      },
    });
    await engine.startWorker({ sweeper: quickSweeper });
  });
  afterEach(() => provider.reset());
  afterAll(async () => {
    await engine.stop();
    await runs.stop();
    await provider.stop();
  });

  const video = (data: object = {}) => ({
    nodes: [nodeOf('film', 'generateVideo', { model: 'gemini/veo-3.1-generate-preview', prompt: 'A fox', ...data })],
    edges: [],
  });
  const film = async (runId: string) => (await engine.nodes(runId))['film']!;
  const waits = async (runId: string) => {
    await eventually(async () => (await film(runId)).status === 'WAITING');
    return film(runId);
  };
  /** The time until the next question is over. */
  const askNow = () => engine.pool.query(`update provider_jobs set look_at = clock_timestamp() where ended_at is null`);
  const job = async (runId: string) =>
    (await engine.pool.query(`select * from provider_jobs where run_id = $1`, [runId])).rows[0];

  test.each(['gemini/veo-3.1-generate-preview', 'openai/sora-2'])(
    'holds nothing meanwhile, asks, tells how far it is, and keeps what was made (%s)',
    async (model) => {
      const runId = await engine.start(video({ model, seconds: 4, aspect: '9:16' }));
      const { id, attempt } = await waits(runId);
      const [name, ...provided] = [provider.made[0]!.id, ...model.split('/')];
      expect(provider.made).toMatchObject([{ idempotencyKey: id }]);
      // Stored before the first question.
      expect(provider.asked).toEqual([]);
      const handle = { provider: provided[0], model: provided[1], seconds: 4, id: expect.stringContaining(name!) };
      expect((await job(runId)).job).toEqual(handle);
      const { rows } = await engine.pool.query(`select * from waits where run_id = $1`, [runId]);
      expect(rows).toMatchObject([{ kind: 'provider', due_at: null, payload: handle }]);
      expect(JSON.stringify([rows, await job(runId)])).not.toContain(key);

      provider.stands({ kind: 'under-way', percent: 40 });
      await askNow();
      await eventually(async () => provider.asked.length === 1);
      if (model.startsWith('openai')) {
        await eventually(async () =>
          expect(engine.heard).toContainEqual(
            expect.objectContaining({ kind: 'progress', runId, attempt, percent: 40 }),
          ),
        );
      }
      expect(await film(runId)).toMatchObject({ status: 'WAITING', attempt });

      provider.stands({ kind: 'done' });
      await askNow();
      expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
      const done = await film(runId);
      expect(done).toMatchObject({ attempt: attempt + 1, output_data: { output: { mimeType: 'video/mp4' } } });
      expect((done as unknown as { usage: object }).usage).toEqual(
        model.startsWith('gemini') ? { inputTokens: 0, outputTokens: 0, costUsd: 1.6 } : null,
      );
      expect([provider.made.length, provider.fetched.length, provider.cancelled.length]).toEqual([1, 1, 0]);
      // Nothing is left to be asked.
      await askNow();
      await eventually(async () => (await job(runId)).ended_at !== null);
    },
  );

  test('is told apart: what failed, was withheld, and is not known any more', async () => {
    const cases = [
      [{ kind: 'failed', code: 'server_error', message: 'Out of paint.' }, 'PROVIDER_JOB_FAILED', 'Out of paint.'],
      [{ kind: 'withheld', reason: 'a famous face' }, 'PROVIDER_BLOCKED', 'content rules'],
      [{ kind: 'lost' }, 'PROVIDER_JOB_LOST', 'may have been paid for'],
    ] as const;
    for (const model of ['veo-3.1-generate-preview', 'openai/sora-2']) {
      for (const [state, code, words] of cases) {
        const runId = await engine.start(video({ model, prompt: `${model} ${code}` }));
        await waits(runId);
        provider.stands(state);
        await askNow();
        expect(await engine.finished(runId)).toMatchObject({ status: 'FAILED' });
        expect(await film(runId)).toMatchObject({ error_code: code, error: expect.stringContaining(words) });
        provider.stands({ kind: 'under-way' });
      }
    }
    expect(provider.made).toHaveLength(6);
    expect(provider.fetched).toEqual([]);
  });

  test('of a run that is canceled is told to stop, again where the provider is busy', async () => {
    const runId = await engine.start(video());
    await waits(runId);
    provider.refuses(503);
    expect(await engine.starter.cancel(runId)).toBe(true);
    await eventually(async () => (await job(runId)).failed_looks > 0);
    await eventually(async () => {
      await askNow();
      expect((await job(runId)).ended_at).not.toBeNull();
    });
    expect(provider.cancelled).toEqual([provider.made[0]!.id]);
  });

  test('goes on where a question was not answered', async () => {
    const runId = await engine.start(video());
    await waits(runId);
    provider.refuses(503, 502);
    provider.stands({ kind: 'done' });
    await eventually(async () => {
      await askNow();
      expect((await film(runId)).status).toBe('COMPLETED');
    });
    expect(provider.made).toHaveLength(1);
  });

  test('that was refused is handed in once more; where the answer got lost it is not', async () => {
    provider.refuses(503);
    const again = await engine.start(video({ prompt: 'refused' }));
    await waits(again);
    expect(provider.made).toHaveLength(1);
    provider.refuses(504);
    const unknown = await engine.start(video({ prompt: 'unknown' }));
    expect(await engine.finished(unknown)).toMatchObject({ status: 'FAILED' });
    expect(await film(unknown)).toMatchObject({ attempt: 1, error_code: 'PROVIDER_JOB_LOST' });
    expect(provider.made).toHaveLength(1);
  });

  test('that could not be kept is not paid for again: the next run fetches it', async () => {
    const first = await engine.start(video({ prompt: 'kept by the next' }));
    await waits(first);
    provider.stands({ kind: 'done' });
    provider.gives(false);
    await askNow();
    expect(await engine.finished(first)).toMatchObject({ status: 'FAILED' });
    provider.gives(true);
    const second = await engine.start(video({ prompt: 'kept by the next' }));
    expect(await engine.finished(second)).toMatchObject({ status: 'COMPLETED' });
    expect(provider.made).toHaveLength(1);
    // What came to nothing is asked for anew.
    const third = await engine.start(video({ prompt: 'lost' }));
    await waits(third);
    provider.stands({ kind: 'lost' });
    await askNow();
    expect(await engine.finished(third)).toMatchObject({ status: 'FAILED' });
    const fourth = await engine.start(video({ prompt: 'lost' }));
    await waits(fourth);
    expect(provider.made).toHaveLength(3);
  });
});
