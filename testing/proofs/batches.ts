import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Batch } from '../../core/api/batches.ts';
import { apiKeyScopes } from '../../core/api/keys.ts';
import { insertApiKeyOnce } from '../../db/api-keys/insert.ts';
import { openDatabase } from '../../db/client.ts';
import { insertUserOnce } from '../../db/users/insert.ts';
import { hashSecret, keyPrefix, newApiKey } from '../../server/auth/secrets.ts';
import { startCallCounter } from '../call-counter.ts';
import { startChaosStack, type ChaosStack } from '../chaos/stack.ts';
import { eventually } from '../eventually.ts';
import { chainOf, edgeOf, nodeOf } from '../graphs.ts';
import { openTestPool } from '../postgres.ts';
import { percentile, waitUntilOver, type Proof } from './proof.ts';

/** As an installation has it where nobody sets anything. */
const env = { RUN_ACTIVE_PER_USER: '5' };
const size = { servers: 2, workers: 2 };
/** One row in so many fails for good, until what it calls is mended. */
const failsEvery = 50;
/** Runs of somebody else before the batch, and how often one is started beside it. */
const idleRuns = 60;
const besideEveryMs = 1_000;
const mostRatio = 2;
/** Waits are some ten milliseconds: below this a ratio says nothing. */
const leastWaitMs = 50;
/** Of a process that has worked for a while: its most may end so much above what it was, as a share and in bytes. */
const memorySlack = { share: 0.15, bytes: 20_000_000 };
const sampleMs = 2_000;
/** Milliseconds within which an answer has to come while everything is started again. */
const patienceMs = 120_000;
/** Rows of a batch of this installation that are over each second at least, on a slow machine. */
const leastRowsPerSecond = 2;

const graph = (callUrl: string) => ({
  nodes: [
    nodeOf('t', 'text', { text: '', input: { name: 'topic', required: true } }),
    nodeOf('p', 'probe', { name: 'p', callUrl }),
    nodeOf('o', 'output', { name: 'said' }),
  ],
  edges: [edgeOf('t', 'p'), edgeOf('p', 'o', { targetHandle: 'value' })],
});

/**
 * A large batch: its rows are run once each over a pause and over deaths of everything, those that failed are retried alone,
 * the memory of servers and workers does not grow with it, and somebody else beside it waits no longer than twice as long.
 */
export const proveBatches: Proof = async ({ times: total, queue, print }) => {
  const stack = await startChaosStack(queue, [], size, env);
  const pool = openTestPool(stack.databaseUrl);
  pool.on('error', () => undefined);
  let isMended = false;
  const called = await startCallCounter(({ key }) => ({ status: !isMended && isRefused(key) ? 503 : 200 }));
  const problems: string[] = [];
  const memory = watchMemory(stack);
  try {
    const owner = callerOf(stack, stack.apiKey);
    const other = callerOf(stack, await addUser(stack.databaseUrl));
    const add = async (call: typeof owner, data: object) =>
      (await call<{ id: number }>('POST', '/api/workflows', { name: 'w', data })).id;
    const theirs = await add(other, chainOf(3));
    const start = async () => (await other<{ id: string }>('POST', `/api/workflows/${theirs}/run`, {})).id;
    const idle: string[] = [];
    for (let run = 0; run < idleRuns; run += 1) {
      idle.push(await start());
      await sleep(200);
    }
    await waitUntilOver(pool, patienceMs);

    const workflow = await add(owner, graph(called.url));
    const rows = Array.from({ length: total }, (_, row) => ({ topic: `row ${row + 1}` }));
    const { id } = await owner<Batch>('POST', `/api/workflows/${workflow}/batches`, { rows });
    const begunAt = performance.now();
    const read = () => owner<Batch>('GET', `/api/batches/${id}`);
    const until = async (what: string, isSo: (batch: Batch) => boolean): Promise<Batch> => {
      const deadline = performance.now() + patienceMs + (total / leastRowsPerSecond) * 1_000;
      for (;;) {
        const batch = await read();
        if (isSo(batch)) return batch;
        if (performance.now() > deadline) throw new Error(`${what}: not before the end; ${JSON.stringify(batch)}`);
        await sleep(250);
      }
    };
    const over = ({ done, failed }: Batch) => done + failed;

    const beside: string[] = [];
    const away: { from: number; to: number }[] = [];
    let isBeside = true;
    const starting = (async () => {
      while (isBeside) {
        beside.push(await start());
        await sleep(besideEveryMs);
      }
    })();
    const breakEverything = async () => {
      const from = Date.now();
      await Promise.all([
        ...[...stack.servers, ...stack.workers].map((one) => one.kill(1_000)),
        stack.postgres.break('SIGKILL', 1_000),
        ...(stack.redis === null ? [] : [stack.redis.break('SIGKILL', 1_000)]),
      ]);
      await Promise.all([...stack.servers, ...stack.workers].map((one) => one.ready()));
      // What was under way when it broke is rescued first.
      away.push({ from: from - 2_000, to: Date.now() + 15_000 });
    };

    await until('a quarter is over', (batch) => over(batch) >= total / 4);
    await owner('POST', `/api/batches/${id}/pause`, {});
    const paused = await until('what runs is over after the pause', ({ running }) => running === 0);
    await breakEverything();
    await sleep(2_000);
    const still = await read();
    if (still.status !== 'paused' || over(still) !== over(paused)) {
      problems.push(
        `paused at ${over(paused)} rows, and ${still.status} at ${over(still)} after everything was killed`,
      );
    }
    await owner('POST', `/api/batches/${id}/resume`, {});
    await until('six tenths are over', (batch) => over(batch) >= total * 0.6);
    await breakEverything();
    // Processes that have just begun grow until their collectors know what they need.
    await until('three quarters are over', (batch) => over(batch) >= total * 0.75);
    memory.begin();
    const first = await until('every row is over', ({ status }) => status === 'finished');
    const seconds = (performance.now() - begunAt) / 1_000;
    isBeside = false;
    await starting;
    const runsAtFirst = await countRuns(pool, workflow);
    const kept = await runsOfDone(pool, id);
    print(
      `${total} rows in ${seconds.toFixed(0)} s: ${first.done} done, ${first.failed} failed; ${runsAtFirst} runs; ` +
        `paused at ${over(paused)}, everything killed twice`,
    );
    if (over(first) !== total || first.cancelled > 0) problems.push(`${over(first)} of ${total} rows are over`);
    if (runsAtFirst !== total) problems.push(`${total} rows have ${runsAtFirst} runs`);
    if (first.failed === 0) problems.push('no row failed, so that none could be retried');

    isMended = true;
    await owner('POST', `/api/batches/${id}/retry`, {});
    const last = await until('the retried rows are over', ({ status }) => status === 'finished');
    const again = (await countRuns(pool, workflow)) - runsAtFirst;
    const keptAfter = await runsOfDone(pool, id);
    print(`retried: ${again} runs for ${first.failed} failed rows; now ${last.done} done, ${last.failed} failed`);
    if (last.done !== total) problems.push(`${last.done} of ${total} rows are done after the retry`);
    if (again !== first.failed) problems.push(`${first.failed} failed rows were retried with ${again} runs`);
    if ([...kept].some(([row, run]) => keptAfter.get(row) !== run)) problems.push('a row that was done ran again');
    await waitUntilOver(pool, patienceMs);

    const [before, during] = [await waitsOf(pool, idle, []), await waitsOf(pool, beside, away)];
    for (const share of [0.5, 0.95]) {
      const [alone, together] = [percentile(before, share), percentile(during, share)];
      const bound = Math.max(leastWaitMs, alone) * mostRatio;
      print(
        `runs of somebody else, from start to end, p${share * 100}: ${alone.toFixed(0)} ms alone (${before.length}), ` +
          `${together.toFixed(0)} ms beside the batch (${during.length})`,
      );
      if (together > bound) problems.push(`they took ${together.toFixed(0)} ms, more than ${bound.toFixed(0)} ms`);
    }
    for (const { name, early, late } of memory.end()) {
      const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0);
      print(`${name}: at most ${megabytes(early)} MB, then ${megabytes(late)} MB resident`);
      if (late > early * (1 + memorySlack.share) + memorySlack.bytes) problems.push(`the memory of ${name} grew`);
    }
    return problems;
  } finally {
    memory.stop();
    await called.stop();
    await pool.end().catch(() => undefined);
    await stack.stop();
  }
};

/** By the key, so that each attempt of a node is answered alike. */
function isRefused(key: string): boolean {
  return Buffer.from(key).reduce((sum, byte) => (sum * 31 + byte) % 1_000_003, 7) % failsEvery === 0;
}

/** Calls that are repeated until a server answers, as a client of an installation that is being restarted does. */
function callerOf(stack: ChaosStack, apiKey: string) {
  let next = 0;
  return <Answer>(method: string, path: string, body?: unknown): Promise<Answer> => {
    const key = randomUUID();
    return eventually(
      async () => {
        const { url } = stack.servers[(next += 1) % stack.servers.length]!;
        const response = await fetch(url + path, {
          method,
          headers: {
            authorization: `Bearer ${apiKey}`,
            'content-type': 'application/json',
            ...(method === 'POST' && !path.endsWith('/workflows') && { 'idempotency-key': key }),
          },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        });
        const text = await response.text();
        if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 300)}`);
        return JSON.parse(text) as Answer;
      },
      { timeoutMs: patienceMs },
    );
  };
}

async function addUser(databaseUrl: string): Promise<string> {
  const { db, stop } = openDatabase(databaseUrl, { poolSize: 1, applicationName: 'proof', onError: () => {} });
  try {
    const id = `user_${randomUUID()}`;
    await insertUserOnce(db, { id, email: 'other@example.org', role: 'member', passwordHash: null });
    const key = newApiKey();
    const hashed = { prefix: keyPrefix(key), keyHash: hashSecret(key) };
    await insertApiKeyOnce(db, {
      ...hashed,
      id: randomUUID(),
      userId: id,
      name: 'proof',
      scopes: apiKeyScopes,
      expiresAt: null,
    });
    return key;
  } finally {
    await stop();
  }
}

async function countRuns(pool: pg.Pool, workflowId: number): Promise<number> {
  const { rows } = await pool.query<{ runs: number }>(
    'select count(*)::integer as runs from workflow_runs where workflow_id = $1 and parent_run_id is null',
    [workflowId],
  );
  return rows[0]!.runs;
}

/** The runs of the rows that are done, by the numbers of the rows. */
async function runsOfDone(pool: pg.Pool, batchId: string): Promise<ReadonlyMap<number, string>> {
  const { rows } = await pool.query<{ number: number; run: string }>(
    `select number, run_id as run from batch_rows where batch_id = $1 and status = 'done'`,
    [batchId],
  );
  return new Map(rows.map(({ number, run }) => [number, run]));
}

/** From the start of each run to its end, of those that did not cross a time in which everything was away. */
async function waitsOf(
  pool: pg.Pool,
  runIds: readonly string[],
  away: readonly { readonly from: number; readonly to: number }[],
): Promise<number[]> {
  const { rows } = await pool.query<{ from: Date; to: Date }>(
    'select created_at as from, finished_at as to from workflow_runs where id = any ($1::uuid[]) and finished_at is not null',
    [runIds],
  );
  return rows
    .filter(({ from, to }) => away.every((time) => to.getTime() < time.from || from.getTime() > time.to))
    .map(({ from, to }) => to.getTime() - from.getTime());
}

/** Watches what is resident of each process from `begin` on: the most in the first half of the time, and in the second. */
function watchMemory(stack: ChaosStack) {
  const samples: { name: string; bytes: number }[][] = [];
  let isOn = false;
  const look = async () => {
    if (!isOn) return;
    const all = [...stack.servers, ...stack.workers].map(async (one) => {
      const status = await readFile(`/proc/${one.pid()}/status`, 'utf8').catch(() => '');
      const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
      return kilobytes === undefined ? [] : [{ name: one.name, bytes: Number(kilobytes) * 1_024 }];
    });
    samples.push((await Promise.all(all)).flat());
  };
  const timer = setInterval(() => void look(), sampleMs);
  return {
    begin: () => void (isOn = true),
    stop: () => clearInterval(timer),
    end: () => {
      isOn = false;
      const names = [...new Set(samples.flat().map(({ name }) => name))];
      // What is compiled and opened once is so after a quarter of the time.
      const [from, middle] = [Math.floor(samples.length / 4), Math.floor((samples.length * 5) / 8)];
      const most = (name: string, part: typeof samples) =>
        Math.max(0, ...part.flat().flatMap((sample) => (sample.name === name ? [sample.bytes] : [])));
      return names.map((name) => ({
        name,
        early: most(name, samples.slice(from, middle)),
        late: most(name, samples.slice(middle)),
      }));
    },
  };
}
