import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type pg from 'pg';
import { settleEarlierModelCalls } from '../db/model-calls/settle.ts';
import { requeueNodeExecutions } from '../db/nodes/requeue.ts';
import { advanceNodeExecutions } from '../db/nodes/advance.ts';
import { beginRuns } from '../db/runs/begin.ts';
import { createWaitEnds } from '../engine/waits/wait-ends.ts';
import { defaultRetryPolicy } from '../core/run/retry.ts';
import { createScrubber } from '../core/scrub.ts';
import { generateVideoExecutor } from '../nodes/ai/generate-video/executor.ts';
import { nodeCatalogue } from '../nodes/definitions.ts';
import { createOpenAiCompatibleProvider } from '../providers/openai-compatible.ts';
import { defaultCallLimits } from '../providers/provider.ts';
import { createModelRegistry } from '../providers/registry.ts';
import { doDuty } from '../testing/duties.ts';
import { createRandom } from '../testing/chaos/random.ts';
import { createTestEngine, recordingLogger, unavailable, type TestEngine } from '../testing/engine.ts';
import { startFakeVideos, type FakeVideos } from '../testing/fake-videos.ts';
import { nodeOf } from '../testing/graphs.ts';
import { makeCountingClip } from '../testing/media.ts';
import { startNodeRuns, type NodeRuns } from '../testing/node-runs.ts';
import { createRunPlayer } from '../testing/play-run.ts';
import { createAdvance } from './advance.ts';
import { createAttemptJobs } from './attempt-jobs.ts';
import { createAttemptRegistry } from './attempts.ts';
import type { StoredLists } from '../assets/stored-lists.ts';
import type { AttemptDependencies } from './attempt-dependencies.ts';
import { createCarefulModels } from './careful-models.ts';
import { executeAttempt } from './execute-attempt.ts';
import { lookAtJobs, type JobLooksContext } from './job-looks.ts';
import { createLiveOutput } from './live-output.ts';
import { createNoticeBuffer } from './notice-buffer.ts';
import { createRecorder } from './record.ts';
import { createSharedOutputs } from './shared-outputs.ts';
import { createWorkflowVersions } from './versions.ts';

/*
 * A worker as far as one node goes: it claims, executes, records and asks, with all of its own statements, and calls its
 * provider over HTTP. It dies at one of these steps, before or after it is done; nothing that it does later happens. Then
 * its attempt is rescued as the sweeper does, and another worker goes on.
 */

class Death extends Error {}

let provider: FakeVideos;
let runs: NodeRuns;
let engine: TestEngine;
beforeAll(async () => {
  provider = await startFakeVideos(await readFile(await makeCountingClip({ seconds: 1 })));
  runs = await startNodeRuns();
  engine = await createTestEngine('postgres');
});
afterEach(() => provider.reset());
afterAll(async () => {
  await engine.stop();
  await runs.stop();
  await provider.stop();
});

/** Counts the steps of workers, and ends one of them in the midst of it. */
function createFate(dieAt: number | null, isAfter: boolean) {
  const fate = { steps: 0, isDead: false, diedAt: null as string | null };
  async function step<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    if (fate.isDead) throw new Death('It is dead.');
    fate.steps += 1;
    const isLast = fate.steps === dieAt;
    const die = (): never => {
      fate.isDead = true;
      fate.diedAt = `${isAfter ? 'after' : 'before'} ${name}`;
      throw new Death(fate.diedAt);
    };
    if (isLast && !isAfter) die();
    const result = await work();
    return isLast ? die() : result;
  }
  return { fate, step };
}

/** A worker that lives until its fate. */
function createMortal({ step }: ReturnType<typeof createFate>, workerId: string, isIdempotent: boolean) {
  const { pool: real, notices: channel, queue } = engine;
  const query = (config: pg.QueryConfig) => step(`statement ${config.name ?? ''}`, () => real.query(config));
  const pool = { query } as unknown as pg.Pool;
  const fetch: typeof globalThis.fetch = (input, init) =>
    step(`${init?.method ?? 'GET'} ${new URL(String(input)).pathname}`, () => globalThis.fetch(input, init));
  const logger = recordingLogger();
  const models = createModelRegistry({
    providers: [
      createOpenAiCompatibleProvider({
        ...{
          apiKey: 'k',
          baseUrl: `${provider.url}/v1`,
          models: [],
          limits: defaultCallLimits,
          now: Date.now,
          fetch,
          isIdempotent,
        },
      }),
    ],
    fitImage: () => Promise.reject(new Error('no images here')),
    tempDir: '/tmp',
    now: Date.now,
  });
  const notices = createNoticeBuffer(channel);
  const attempts = createAttemptRegistry();
  const onChanged = () => {};
  const release = async () => {};
  const advance = createAdvance({
    ...{ pool, workerId: () => workerId, logger, onChanged, release },
    onRepeat: () => {},
    isActive: attempts.has,
  });
  const recorder = createRecorder({ pool, advance, logger, release, onChanged, onSuspended: async () => {} });
  const executors = new Map([[generateVideoExecutor.type, generateVideoExecutor]]);
  const attempt: AttemptDependencies = {
    catalogue: nodeCatalogue,
    executors,
    versions: createWorkflowVersions(real, nodeCatalogue),
    attempts,
    recorder,
    live: createLiveOutput(notices),
    mediaOf: () => runs.media,
    modelsOf: () => models,
    carefulModelsOf: (claim) => createCarefulModels({ pool, logger }, models, claim),
    webOf: () => unavailable('web'),
    jobsOf: (claim, prepared, signal) =>
      createAttemptJobs({ pool, modelsOf: () => models, webOf: () => unavailable('web') }, claim, prepared, signal),
    scrubber: createScrubber(),
    openAssets: runs.openAssets,
    lists: unavailable<StoredLists>('lists', { hold: async () => true, keep: async (_owner, outputs) => outputs }),
    shared: createSharedOutputs({ pool, logger, isUsable: async () => true }),
    regionFacts: unavailable('regions'),
    regionDriver: unavailable('regions'),
    logger,
    retryPolicy: defaultRetryPolicy,
    random: () => 0,
    spaceRetry: (_code, delayMs) => delayMs,
    maxOutputBytes: 262_144,
  };
  const looks: JobLooksContext = {
    ...{ pool, executors, logger, notices },
    modelsOf: () => models,
    webOf: () => unavailable('web'),
    ends: createWaitEnds({ pool, queue, notices: channel, logger }),
  };
  return { attempt, looks };
}

interface Story {
  readonly status: string;
  readonly errorCode: string | null;
  readonly steps: number;
  readonly diedAt: string | null;
  readonly made: number;
  readonly fetched: number;
}

/** One run of one node, from its start to its end, in which the worker dies once. */
async function live(dieAt: number | null, isAfter: boolean, isIdempotent = false): Promise<Story> {
  provider.reset();
  provider.keepsToKeys(isIdempotent);
  const { pool } = engine;
  const { workerId } = await createRunPlayer(pool);
  const data = { model: 'openai/sora-2', prompt: `${dieAt} ${isAfter} ${isIdempotent}` };
  const runId = await engine.start({ nodes: [nodeOf('film', 'generateVideo', data)], edges: [] });
  await beginRuns(pool, [runId]);
  const first = createFate(dieAt, isAfter);
  let mortal = createMortal(first, workerId, isIdempotent);
  const film = async () => (await engine.nodes(runId))['film']!;
  for (let turns = 0; turns < 30; turns += 1) {
    const { id, status, attempt, error_code: errorCode } = await film();
    if (!['QUEUED', 'RUNNING', 'WAITING'].includes(status)) {
      const { steps, diedAt } = first.fate;
      return { status, errorCode, steps, diedAt, made: provider.made.length, fetched: provider.fetched.length };
    }
    const hadDied = first.fate.isDead;
    if (status === 'QUEUED') {
      const { claims } = await advanceNodeExecutions(pool, workerId, {
        completions: [],
        claims: [{ id, runId, attempt }],
      });
      await executeAttempt(mortal.attempt, claims[0]!, {
        goesOn: () => ({ continuesIn: null, keeps: 1 }),
        leave: () => {},
      }).catch(onlyDeath);
    }
    if (status === 'WAITING') {
      await pool.query(`update provider_jobs set look_at = clock_timestamp() where node_execution_id = $1`, [id]);
      await doDuty(lookAtJobs, mortal.looks).catch(onlyDeath);
      provider.stands({ kind: 'done' });
    }
    if (first.fate.isDead && !hadDied) {
      mortal = createMortal(createFate(null, false), workerId, isIdempotent);
      const left = await film();
      if (left.status === 'RUNNING') {
        const rescue = { id, runId, attempt: left.attempt, delayMs: 0, code: null, message: null, crashed: true };
        await requeueNodeExecutions(pool, [rescue]);
      }
      // Who was handing it in has been dead for long when another worker has it.
      await pool.query(`update provider_jobs set begun_at = begun_at - interval '1 hour' where job is null`);
    }
  }
  throw new Error('The run does not come to an end.');
}

function onlyDeath(error: unknown): null {
  if (error instanceof Death || (error as Error).cause instanceof Death) return null;
  throw error;
}

test('killed at a random moment, twenty times: a video is handed in once, and kept once, or said to be lost', async () => {
  const whole = await live(null, false);
  expect(whole).toMatchObject({ status: 'COMPLETED', made: 1, fetched: 1 });
  expect(whole.steps).toBeGreaterThan(8);
  const random = createRandom(15);
  const stories: Story[] = [];
  for (let time = 0; time < 20; time += 1) {
    stories.push(await live(random.between(1, whole.steps), random.chance(0.5)));
  }
  for (const story of stories) {
    expect(story.diedAt).not.toBeNull();
    expect(story.made).toBeLessThanOrEqual(1);
    // Between the row that says that one is handed in and the one that says what it is called, nobody knows.
    const isUnknown =
      /after statement begin-prov|statement (?:take-provider-turn|begin-model)|POST|before statement keep/.test(
        story.diedAt!,
      );
    expect(story).toMatchObject(
      isUnknown
        ? { status: 'FAILED', errorCode: 'PROVIDER_JOB_LOST', fetched: 0 }
        : { status: 'COMPLETED', errorCode: null, made: 1 },
    );
    // What was fetched and not recorded by then is fetched again, and costs nothing.
    const isFetchedAgain =
      /after GET .*content|statement (?:settle-open|advance)/.test(story.diedAt!) && story.fetched === 2;
    if (!isUnknown && !isFetchedAgain) expect(story.fetched).toBe(1);
  }
  expect(stories.filter(({ status }) => status === 'COMPLETED').length).toBeGreaterThan(5);
});

test('killed around each step: where one key makes one video, it is handed in again, made once, and paid once', async () => {
  const { steps } = await live(null, false, true);
  const stories: Story[] = [];
  for (let at = 1; at <= steps; at += 1) stories.push(await live(at, true, true));
  for (const story of stories) expect(story).toMatchObject({ status: 'COMPLETED', errorCode: null, made: 1 });
  // Also between the call and the row that says what the job is called.
  const deaths = stories.map(({ diedAt }) => diedAt);
  expect(deaths).toContain('after statement begin-provider-job');
  expect(deaths).toContain('after POST /v1/videos');
  const { rows } = await engine.pool.query<{ calls: number; free: number; open: number }>(
    `select count(*)::integer as calls, (count(*) filter (where cost_usd = 0))::integer as free,
            (count(*) filter (where settled_at is null))::integer as open
       from model_calls group by node_execution_id having count(*) > 1`,
  );
  expect(rows.length).toBeGreaterThan(0);
  for (const row of rows) expect(row).toMatchObject({ calls: 2, free: 1, open: 0 });

  // What the execution paid besides, or before this job was begun, stays paid.
  const { rows: again } = await engine.pool.query<{ id: string; attempt: number; provider: string; model: string }>(
    `select node_execution_id as id, max(attempt) as attempt, provider, model from model_calls
      group by node_execution_id, provider, model having count(*) > 1 limit 1`,
  );
  const { id, attempt, ...call } = again[0]!;
  await engine.pool.query(
    `insert into model_calls (user_id, run_id, node_execution_id, attempt, provider, model, expected_usd, cost_usd, settled_at, created_at)
     select p.user_id, (whole_runs(array[p.run_id]))[1], p.node_execution_id, 1, $2, o.model, 0, o.usd, now(), p.begun_at + o.later
       from provider_jobs p, (values ('another', 0.25, interval '1 s'), ($3, 0.5, interval '-1 s'), ($3, 0.75, interval '1 s')) o (model, usd, later)
      where p.node_execution_id = $1`,
    [id, call.provider, call.model],
  );
  await settleEarlierModelCalls(engine.pool, { id, attempt }, call);
  const { rows: costs } = await engine.pool.query<{ usd: number }>(
    `select cost_usd as usd from model_calls where node_execution_id = $1 and attempt < $2 order by cost_usd`,
    [id, attempt],
  );
  expect(costs.map(({ usd }) => usd)).toEqual([0, 0, 0.25, 0.5]);
});
