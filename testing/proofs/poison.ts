import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { startChaosStack } from '../chaos/stack.ts';
import { chainOf, nodeOf } from '../graphs.ts';
import { createCaller, percentile, waitUntilOver, type Proof } from './proof.ts';
import { openTestPool } from '../postgres.ts';

/** Between two starts of healthy runs. */
const everyMs = 300;
const mostRatio = 2;
/** Waits are some milliseconds: below this a ratio says nothing. */
const leastBaselineMs = 50;

/** A node that ends its worker's process is given up after three, and nobody else fails or waits for it. */
export const provePoison: Proof = async ({ times, queue, print }) => {
  const stack = await startChaosStack(queue);
  const pool = openTestPool(stack.databaseUrl);
  try {
    const call = createCaller(
      stack.servers.map(({ url }) => url),
      stack.apiKey,
    );
    const add = async (name: string, data: object) => (await call('POST', '/api/workflows', { name, data }, [201])).id;
    const healthy = await add('healthy', chainOf(5));
    const poisoned = await add('poisoned', { nodes: [nodeOf('p', 'probe', { name: 'p', fails: 'crash' })], edges: [] });
    const start = async (id: string) => (await call('POST', `/api/workflows/${id}/run`, {}, [202])).id;
    const startMany = async () => {
      const ids: string[] = [];
      for (let run = 0; run < times; run += 1) {
        ids.push(await start(healthy));
        await sleep(everyMs);
      }
      await waitUntilOver(pool, 120_000);
      return ids;
    };
    const before = await startMany();
    const poison = await start(poisoned);
    const beside = await startMany();
    const problems: string[] = [];
    const node = await pool.query<{ status: string; code: string; crashes: number }>(
      'select status, error_code as code, crash_count as crashes from node_executions where run_id = $1',
      [poison],
    );
    const { status, code, crashes } = node.rows[0]!;
    if (status !== 'FAILED' || code !== 'NODE_CRASHED_WORKER' || crashes !== 3) {
      problems.push(`the poisoned node is ${status} (${code}) after ${crashes} crashes`);
    }
    const failed = await pool.query(
      `select id from workflow_runs where id = any ($1::uuid[]) and status <> 'COMPLETED'`,
      [[...before, ...beside]],
    );
    if (failed.rows.length > 0) problems.push(`${failed.rows.length} healthy runs did not complete`);
    const [baseline, waits] = [await waitsOf(pool, before), await waitsOf(pool, beside)];
    const [p99, bound] = [percentile(waits, 0.99), Math.max(leastBaselineMs, percentile(baseline, 0.99)) * mostRatio];
    const lost = await pool.query<{ lost: number }>(
      'select coalesce(sum(attempt - 1), 0)::integer as lost from node_executions where run_id = any ($1::uuid[])',
      [beside],
    );
    print(
      `poison: ${status} (${code}) after ${crashes} crashes; ${beside.length} healthy runs beside it, ` +
        `${lost.rows[0]!.lost} of their attempts died with a worker`,
    );
    print(`wait for a worker, p99: ${percentile(baseline, 0.99).toFixed(0)} ms before, ${p99.toFixed(0)} ms beside it`);
    if (p99 > bound) problems.push(`healthy nodes waited ${p99.toFixed(0)} ms, more than ${bound.toFixed(0)} ms`);
    return problems;
  } finally {
    await pool.end();
    await stack.stop();
  }
};

/** How long first attempts were ready before they ran; those that a worker died with count as what their death took. */
async function waitsOf(pool: pg.Pool, runIds: readonly string[]): Promise<number[]> {
  const { rows } = await pool.query<{ ms: number }>(
    `select extract(epoch from n.started_at - n.queued_at)::double precision * 1000 as ms from node_executions n
      where n.run_id = any ($1::uuid[]) and n.queued_at is not null and n.started_at is not null and n.attempt = 1`,
    [runIds],
  );
  return rows.map(({ ms }) => ms);
}
