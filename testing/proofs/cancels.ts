import { setTimeout as sleep } from 'node:timers/promises';
import { readHistory } from '../chaos/history.ts';
import { createRandom } from '../chaos/random.ts';
import { startChaosStack } from '../chaos/stack.ts';
import { edgeOf, nodeOf } from '../graphs.ts';
import { createCaller, percentile, waitUntilOver, type Proof } from './proof.ts';
import { openTestPool } from '../postgres.ts';

/** As many runs are under way at once. */
const lanes = 20;
/** A run takes about this long, so that half of the cancels come after its end or in the middle of its last record. */
const runMs = 400;
const mostMs = 5_000;

/** Cancels runs at random moments: each has one end, stays as it is, and stops its work in time. */
export const proveCancels: Proof = async ({ times, queue, seed, print }) => {
  const random = createRandom(seed);
  const stack = await startChaosStack(queue);
  const pool = openTestPool(stack.databaseUrl);
  try {
    const call = createCaller(
      stack.servers.map(({ url }) => url),
      stack.apiKey,
    );
    const graph = {
      nodes: [...['a', 'b', 'c'].map((id) => nodeOf(id, 'probe', { name: id, ms: runMs / 3 })), nodeOf('d')],
      edges: [edgeOf('a', 'b'), edgeOf('b', 'c'), edgeOf('c', 'd')],
    };
    const workflow = await call('POST', '/api/workflows', { name: 'cancels', data: graph }, [201]);
    const confirmed = new Map<string, number>();
    let refused = 0;
    let next = 0;
    const lane = async () => {
      while (next < times) {
        next += 1;
        const waitMs = random.between(0, runMs * 2);
        const run = await call('POST', `/api/workflows/${workflow.id}/run`, {}, [202]);
        await sleep(waitMs);
        const { status } = await call('POST', `/api/runs/${run.id}/cancel`, {}, [200, 202, 409]);
        if (status === 409) refused += 1;
        else confirmed.set(run.id, Date.now());
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    await waitUntilOver(pool, 60_000);
    // Whatever still ran would record now.
    await sleep(runMs * 3);
    const problems: string[] = [];
    for (const run of (await readHistory(pool)).values()) {
      const ends = run.events.filter(({ type, status }) => type === 'run.updated' && /COMPL|FAIL|CANC/.test(status));
      if (ends.length !== 1) problems.push(`run ${run.id} ended ${ends.length} times`);
      if (run.events.at(-1) !== ends[0]) problems.push(`run ${run.id} changed after its end`);
      const expected = confirmed.has(run.id) ? 'CANCELLED' : 'COMPLETED';
      if (run.status !== expected) problems.push(`run ${run.id} is ${run.status} and not ${expected}`);
    }
    const stops = stack.workers.flatMap(({ output }) => stopTimes(output(), confirmed));
    const p99 = percentile(stops, 0.99);
    print(
      `${times} runs: ${confirmed.size} cancelled, ${refused} were over before; ` +
        `${stops.length} attempts were stopped, p50 ${percentile(stops, 0.5)} ms, p99 ${p99} ms after the answer`,
    );
    if (p99 > mostMs) problems.push(`stopping took ${p99} ms`);
    return problems;
  } finally {
    await pool.end();
    await stack.stop();
  }
};

/** From the answer to the cancel until the worker let go, by its log; a negative time is none. */
function stopTimes(output: string, confirmed: ReadonlyMap<string, number>): number[] {
  return output.split('\n').flatMap((line) => {
    if (!line.includes('stopped an attempt that is not ours')) return [];
    const { runId, time } = JSON.parse(line) as { runId: string; time: number | string };
    const at = confirmed.get(runId);
    return at === undefined ? [] : [Math.max(0, new Date(time).getTime() - at)];
  });
}
