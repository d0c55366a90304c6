import { defaultRetryPolicy } from '../../core/run/retry.ts';
import { startChaosStack } from '../chaos/stack.ts';
import { startCallCounter } from '../call-counter.ts';
import { nodeOf } from '../graphs.ts';
import { createCaller, waitUntilOver, type Proof } from './proof.ts';
import { openTestPool } from '../postgres.ts';

const retryAfterS = 2;
const bucketMs = 1_000;
const largestShare = 0.1;

/** A provider refuses everybody at once: nobody asks too often, too early, or all together. */
export const proveRetries: Proof = async ({ times, queue, print }) => {
  const provider = await startCallCounter(() => ({
    status: 429,
    headers: { 'retry-after': String(retryAfterS) },
  }));
  const stack = await startChaosStack(queue);
  const pool = openTestPool(stack.databaseUrl);
  try {
    const call = createCaller(
      stack.servers.map(({ url }) => url),
      stack.apiKey,
    );
    const nodes = Array.from({ length: times }, (_, index) =>
      nodeOf(`n${index}`, 'probe', { name: `n${index}`, callUrl: provider.url }),
    );
    const workflow = await call('POST', '/api/workflows', { name: 'retries', data: { nodes, edges: [] } }, [201]);
    await call('POST', `/api/workflows/${workflow.id}/run`, {}, [202]);
    await waitUntilOver(pool, 180_000);
    const problems: string[] = [];
    const byKey = new Map<string, number[]>();
    for (const { key, at } of provider.calls) byKey.set(key, [...(byKey.get(key) ?? []), at]);
    const most = Math.max(...[...byKey.values()].map(({ length }) => length));
    if (most > defaultRetryPolicy.maxTries) problems.push(`${most} calls of one node`);
    const retries: number[] = [];
    let earliest = Infinity;
    for (const calls of byKey.values()) {
      for (let index = 1; index < calls.length; index += 1) {
        retries.push(calls[index]!);
        earliest = Math.min(earliest, calls[index]! - calls[index - 1]!);
      }
    }
    if (earliest < retryAfterS * 1_000) problems.push(`a retry after ${Math.round(earliest)} ms`);
    const first = Math.min(...retries);
    const buckets = new Map<number, number>();
    for (const at of retries) {
      const bucket = Math.floor((at - first) / bucketMs);
      buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1);
    }
    const share = Math.max(...buckets.values()) / retries.length;
    print(
      `${byKey.size} callers, at most ${most} calls each, ${retries.length} retries over ` +
        `${((Math.max(...retries) - first) / 1_000).toFixed(1)} s, none sooner than ${Math.round(earliest)} ms, ` +
        `${(share * 100).toFixed(1)} % in the fullest second`,
    );
    if (share > largestShare) problems.push(`${(share * 100).toFixed(1)} % of the retries came in one second`);
    return problems;
  } finally {
    await pool.end();
    await stack.stop();
    await provider.stop();
  }
};
