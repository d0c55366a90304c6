import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type pg from 'pg';
import { startChaosStack, type ChaosStack } from '../chaos/stack.ts';
import { eventually } from '../eventually.ts';
import { edgeOf, nodeOf } from '../graphs.ts';
import { openTestPool } from '../postgres.ts';
import { readHeapReports } from '../report-heap.ts';
import { createCaller, waitUntilOver, type Proof } from './proof.ts';

const size = { servers: 2, workers: 2 };
/** Starts, and answers, at once. */
const lanes = 20;
/**
 * Bytes that both heaps together may grow by, for each wait. What holds a wait holds a row, its values and a promise, some
 * kilobytes.
 */
const heapBytesAWait = 400;
/**
 * A heap grows with code and tables that are made once, too: three thousands one after another moved both by 498, 741 and
 * 84 KB. What holds waits shows with each of them, so one that moves them less shows that nothing does.
 */
const heapTurns = 3;
/** So many have waited before what counts. */
const warmRuns = 50;
/**
 * A worker remembers what it has just put out, at most for twice a minute, and forgets it with the next that it does: after
 * 1,000 and after 3,000 runs that wait its heap is larger by 0.8 MB, which is that.
 */
const forgetsMs = 65_000;
/** A heap settles within so many looks. */
const heapLooks = 5;

const graph = {
  nodes: [
    nodeOf('draft', 'text', { text: 'a draft' }),
    nodeOf('ask', 'approve', { buttons: ['yes', 'no'].map((id) => ({ id, label: '' })) }),
    nodeOf('after', 'delay', { ms: 0 }),
  ],
  edges: [
    edgeOf('draft', 'ask', { targetHandle: 'value' }),
    edgeOf('ask', 'after', { sourceHandle: 'answer', targetHandle: 'input' }),
  ],
};

const withoutQuestion = {
  nodes: [nodeOf('word', 'text', { text: 'a word' }), nodeOf('after', 'delay', { ms: 0 })],
  edges: [edgeOf('word', 'after')],
};

/** So many nodes wait for a person: nothing is held meanwhile, and of two answers at once each time one counts. */
export const proveWaits: Proof = async ({ times, queue, print }) => {
  const stack = await startChaosStack(queue, ['--expose-gc'], size);
  const pool = openTestPool(stack.databaseUrl);
  const problems: string[] = [];
  try {
    const call = createCaller(
      stack.servers.map(({ url }) => url),
      stack.apiKey,
    );
    const workflow = await call('POST', '/api/workflows', { name: 'asks', data: graph }, [201]);
    const start = async () => void (await call('POST', `/api/workflows/${workflow.id}/run`, {}, [202]));
    /** So many more runs wait; the ids of all that wait. */
    const waitWith = async (count: number) => {
      const before = await countNodes(pool, `status = 'WAITING'`);
      await inLanes(count, start);
      await eventually(async () => (await countNodes(pool, `status = 'WAITING'`)) === before + count, {
        timeoutMs: 120_000,
      });
      const { rows } = await pool.query<{ id: string }>(`select id from waits where resolved_at is null`);
      return rows.map(({ id }) => id);
    };
    // Code and connections are warm in what counts.
    for (const id of await waitWith(warmRuns)) await answer(stack, id, 0, 'yes');
    await waitUntilOver(pool, 60_000);
    const plain = await call('POST', '/api/workflows', { name: 'asks nothing', data: withoutQuestion }, [201]);
    let others = 0;
    const letForget = async () => {
      for (let turn = 0; turn < 2; turn += 1) {
        await sleep(forgetsMs);
        await inLanes(lanes, async () => void (await call('POST', `/api/workflows/${plain.id}/run`, {}, [202])));
        others += lanes;
        await eventually(async () => (await countCompleted(pool)) === warmRuns + others, { timeoutMs: 60_000 });
      }
    };
    await letForget();
    let heaps = await heapsOf(stack);
    let ids: string[] = [];
    for (let turn = 1; turn <= heapTurns; turn += 1) {
      ids = await waitWith(times);
      if (ids.length !== times * turn) problems.push(`${ids.length} waits of ${times * turn}`);
      const running = await countNodes(pool, `status in ('QUEUED', 'RUNNING')`);
      if (running > 0) problems.push(`${running} nodes are queued or running`);
      const jobs = await jobsOf(stack, pool);
      if (jobs > 0) problems.push(`${jobs} jobs in the queue`);
      const active = await countActive(pool);
      if (active > 0) problems.push(`${active} runs count as under way`);
      await letForget();
      const now = await heapsOf(stack);
      const growth = now.map((bytes, index) => bytes - heaps[index]!);
      heaps = now;
      print(
        `${ids.length} nodes WAITING: ${running} queued or running, ${jobs} jobs, ${active} active runs; ` +
          `heaps of the workers grew by ${growth.map(kilobytes).join(' and ')} KB`,
      );
      if (growth.reduce((sum, bytes) => sum + bytes, 0) <= heapBytesAWait * times) break;
      if (turn === heapTurns) problems.push(`the heaps of the workers grow with each ${times} that wait`);
    }

    let first = 0;
    let second = 0;
    const rest = [...ids];
    await inLanes(ids.length, async () => {
      const id = rest.pop()!;
      const both = await Promise.all([answer(stack, id, 0, 'yes'), answer(stack, id, 1, 'no')]);
      const won = both.filter(({ status }) => status === 200);
      const lost = both.filter(({ status, body }) => status === 409 && body.code === 'WAIT_RESOLVED');
      first += won.length;
      second += lost.length;
      if (won.length !== 1 || lost.length !== 1)
        problems.push(`wait ${id}: answered ${both.map(({ status }) => status).join(' and ')}`);
      else if (!/owner@example\.org/.test(String(lost[0]!.body.detail)))
        problems.push(`wait ${id}: the 409 does not say who answered: ${lost[0]!.body.detail}`);
      const action = both[0]!.status === 200 ? 'yes' : 'no';
      const { rows } = await pool.query<{ action: string }>(
        `select resolution ->> 'action' as action from waits where id = $1`,
        [id],
      );
      if (rows[0]!.action !== action)
        problems.push(`wait ${id}: "${action}" was taken, and "${rows[0]!.action}" counts`);
    });
    await waitUntilOver(pool, 120_000);
    const completed = await countCompleted(pool);
    if (completed !== ids.length + warmRuns + others)
      problems.push(`${completed} of ${ids.length + warmRuns + others} runs completed`);
    print(
      `${2 * ids.length} answers, two at once each: ${first} taken, ${second} got 409 WAIT_RESOLVED with who and when`,
    );
    return problems;
  } finally {
    await pool.end();
    await stack.stop();
  }
};

async function countCompleted(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `select count(*)::integer as count from workflow_runs where status = 'COMPLETED'`,
  );
  return rows[0]!.count;
}

async function inLanes(count: number, work: () => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) {
      next += 1;
      await work();
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

/** Runs that are under way, and do not rest. */
async function countActive(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `select count(*)::integer as count from workflow_runs where finished_at is null and rests_since is null`,
  );
  return rows[0]!.count;
}

async function countNodes(pool: pg.Pool, condition: string): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `select count(*)::integer as count from node_executions where ${condition}`,
  );
  return rows[0]!.count;
}

interface Answered {
  readonly status: number;
  readonly body: { readonly code?: string; readonly detail?: string };
}

async function answer(stack: ChaosStack, id: string, server: number, action: string): Promise<Answered> {
  const response = await fetch(`${stack.servers[server]!.url}/api/waits/${id}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stack.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ action }),
  });
  return { status: response.status, body: (await response.json()) as Answered['body'] };
}

/** Jobs of nodes and of runs that are in the queue in whatever state. */
async function jobsOf({ redis }: ChaosStack, pool: pg.Pool): Promise<number> {
  if (redis === null) {
    const { rows } = await pool.query<{ count: number }>(
      `select count(*)::integer as count from bullmq.job where state not in ('completed', 'failed')`,
    );
    return rows[0]!.count;
  }
  const connection = new Redis(redis.url);
  try {
    const keys = await connection.keys(`${redis.prefix}:*`);
    return keys.filter((key) => /:[0-9a-f]{8}-[0-9a-f-]{27,}/.test(key)).length;
  } finally {
    connection.disconnect();
  }
}

/** What the workers hold, after their garbage was collected: the least of some looks. */
async function heapsOf({ workers }: ChaosStack): Promise<number[]> {
  return Promise.all(
    workers.map(async (worker) => {
      const seen: number[] = [];
      for (let look = 0; look < heapLooks; look += 1) {
        const known = readHeapReports(worker.output()).length;
        process.kill(worker.pid()!, 'SIGUSR2');
        await eventually(() => readHeapReports(worker.output()).length > known);
        seen.push(readHeapReports(worker.output()).at(-1)!.heapUsed);
        await sleep(1_000);
      }
      return Math.min(...seen);
    }),
  );
}

function kilobytes(bytes: number): string {
  return (bytes / 1_024).toFixed(0);
}
