import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { createRandom } from '../chaos/random.ts';
import { startChaosStack, type ChaosStack } from '../chaos/stack.ts';
import { countingClips } from '../counting-clips.ts';
import { startFakeVideos, type FakeVideos } from '../fake-videos.ts';
import { installedFfmpeg } from '../frame-taker.ts';
import { nodeOf } from '../graphs.ts';
import { openTestPool } from '../postgres.ts';
import type { Proof } from './proof.ts';

const size = { servers: 1, workers: 2 };
/** What the provider needs for a job, by the clock of this proof. */
const jobMinutes = 10;
/** A minute of that clock passes in so many milliseconds: times in rows are moved back by a minute. */
const minuteMs = 400;
/** From the start of a run until everything is killed. */
const killAfterMs = { least: 0, most: 3_000 };
const settledMs = 300_000;
/** A model of the provider at which one key makes one job. */
const once = 'openai/sora-2';

/**
 * A provider's job of ten minutes for each round, in each of which servers, workers, Postgres and Redis are killed at once
 * at a random moment: no job is handed in twice. Whoever dies between the call and its record leaves a job that nobody knows
 * of, and that is told. Every second job is of a provider at which one key makes one job: none of those is lost.
 */
export const proveJobs: Proof = async ({ times, queue, seed, print }) => {
  const provider = await startFakeVideos(await makeFilm());
  const stack = await startChaosStack(queue, [], size, {
    GEMINI_API_KEY: 'a-key',
    GEMINI_BASE_URL: provider.url,
    OPENAI_BASE_URL: `${provider.url}/v1`,
    OPENAI_API_KEY: 'a-key',
    OPENAI_IDEMPOTENT_JOBS: '1',
  });
  provider.keepsToKeys(true);
  const random = createRandom(seed);
  const pool = openTestPool(stack.databaseUrl);
  pool.on('error', () => undefined);
  const clock = startClock(pool, provider);
  try {
    const ask = asker(stack);
    const film = nodeOf('film', 'generateVideo', { model: '', prompt: 'A fox' });
    const workflows: { readonly id: string; readonly model: string }[] = [];
    for (const model of [once, 'gemini/veo-3.1-generate-preview']) {
      const data = { nodes: [{ ...film, data: { ...film.data, model } }], edges: [] };
      workflows.push({ ...(await ask('/api/workflows', { name: model, data })), model });
    }
    for (let round = 0; round < times; round += 1) {
      // Different prompts: of the same one, a later run would fetch what a failed one has paid for.
      const workflow = workflows[round % 2]!;
      const { model } = workflow;
      const data = { nodes: [{ ...film, data: { ...film.data, model, prompt: `A fox, ${round}` } }], edges: [] };
      await ask(`/api/workflows/${workflow.id}`, { data }, 'PUT');
      await ask(`/api/workflows/${workflow.id}/run`, {});
      await sleep(random.between(killAfterMs.least, killAfterMs.most));
      await killEverything(stack);
    }
    const deadline = performance.now() + settledMs;
    while (performance.now() < deadline && (await openRuns(pool)) > 0) await sleep(500);
    return await judge(pool, provider, times, print);
  } finally {
    await clock.stop();
    await pool.end().catch(() => undefined);
    await stack.stop();
    await provider.stop();
  }
};

/** A short film, as a provider gives it. */
async function makeFilm(): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'heddle-proof-jobs-'));
  const clip = countingClips(10).find(({ extension }) => extension === 'mp4')!;
  const file = join(folder, 'film.mp4');
  await clip.make(installedFfmpeg, file);
  const film = await readFile(file);
  await rm(folder, { recursive: true });
  return film;
}

function asker({ servers, apiKey }: ChaosStack) {
  return async (path: string, body: unknown, method = 'POST') => {
    const key = `proof-${path}-${Math.random()}`;
    for (;;) {
      const response = await fetch(servers[0]!.url + path, {
        method,
        headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify(body),
      }).catch(() => null);
      if (response?.ok === true) return (await response.json()) as { readonly id: string };
      if (response !== null && response.status < 500 && response.status !== 409)
        throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
      await sleep(200);
    }
  };
}

async function killEverything({ servers, workers, postgres, redis }: ChaosStack): Promise<void> {
  const all = [...servers, ...workers];
  await Promise.all([
    ...all.map((supervised) => supervised.kill(0)),
    postgres.break('SIGKILL', 0),
    redis?.break('SIGKILL', 0),
  ]);
  await Promise.all(all.map((supervised) => supervised.ready()));
}

/** Time passes for jobs: what rows say of it is moved back, and the provider is done with what is ten minutes old. */
function startClock(pool: pg.Pool, provider: FakeVideos): { stop(): Promise<void> } {
  const madeAt = new Map<string, number>();
  let minute = 0;
  let isStopped = false;
  const ticking = (async () => {
    while (!isStopped) {
      await sleep(minuteMs);
      minute += 1;
      for (const { id } of provider.made) {
        if (!madeAt.has(id)) madeAt.set(id, minute);
        if (minute - madeAt.get(id)! === jobMinutes) provider.stands({ kind: 'done' }, id);
      }
      await pool
        .query(
          `update provider_jobs set begun_at = begun_at - interval '1 minute', look_at = look_at - interval '1 minute'
            where ended_at is null`,
        )
        .catch(() => undefined);
    }
  })();
  return {
    stop: async () => {
      isStopped = true;
      await ticking;
    },
  };
}

async function openRuns(pool: pg.Pool): Promise<number> {
  const { rows } = await pool
    .query<{ open: number }>('select count(*)::integer as open from workflow_runs where finished_at is null')
    .catch(() => ({ rows: [{ open: 1 }] }));
  return rows[0]!.open;
}

async function judge(
  pool: pg.Pool,
  provider: FakeVideos,
  times: number,
  print: (line: string) => void,
): Promise<readonly string[]> {
  const problems: string[] = [];
  const { rows } = await pool.query<{ id: string; status: string; code: string | null; model: string }>(
    `select n.id, n.status, n.error_code as code, w.name as model
       from node_executions n join workflow_runs r on r.id = n.run_id join workflows w on w.id = r.workflow_id order by n.id`,
  );
  if (rows.length !== times) problems.push(`${rows.length} runs of ${times}`);
  const counts = { completed: 0, lost: 0, again: 0, once: 0 };
  for (const { id, status, code, model } of rows) {
    if (model === once) counts.once += 1;
    const made = provider.made.filter((video) => video.idempotencyKey === id);
    if (made.length > 1) problems.push(`${id}: handed in ${made.length} times`);
    const fetched = provider.fetched.filter((video) => made.some((own) => own.id === video)).length;
    if (status === 'COMPLETED') {
      counts.completed += 1;
      if (made.length !== 1 || fetched === 0)
        problems.push(`${id}: COMPLETED with ${made.length} jobs, ${fetched} fetched`);
      if (fetched > 1) counts.again += 1;
    } else if (status === 'FAILED' && code === 'PROVIDER_JOB_LOST' && model !== once) counts.lost += 1;
    else problems.push(`${id}: ${status} (${code})`);
  }
  print(
    `${times} jobs of ${jobMinutes} minutes, ${counts.once} of them where one key makes one job, everything killed ${times} times: ${counts.completed} completed, each handed in once; ` +
      `${counts.again} of them fetched again since a worker died between the fetch and its record; ` +
      `${counts.lost} told as PROVIDER_JOB_LOST; ${provider.made.length} handed in in all`,
  );
  return problems;
}
