import { checkRun } from '../chaos/check-run.ts';
import { partsByDriver, readHistory } from '../chaos/history.ts';
import { makeLoad } from '../chaos/load.ts';
import { createRandom } from '../chaos/random.ts';
import { startChaosStack } from '../chaos/stack.ts';
import { startCallCounter } from '../call-counter.ts';
import { waitUntilOver, type Proof } from './proof.ts';
import { openTestPool } from '../postgres.ts';

const runsPerRound = 20;
const roundMs = 12_000;

/** Restarts every server and worker in turn, again and again, while runs go on: nothing fails and nothing runs twice. */
export const proveDrains: Proof = async ({ times, queue, seed, print }) => {
  const provider = await startCallCounter();
  const stack = await startChaosStack(queue);
  const pool = openTestPool(stack.databaseUrl);
  try {
    const over = { isOver: false };
    const load = makeLoad({
      random: createRandom(seed).fork('load'),
      urls: stack.servers.map(({ url }) => url),
      apiKey: stack.apiKey,
      callUrl: provider.url,
      runs: times * runsPerRound,
      forMs: times * roundMs,
    }).finally(() => (over.isOver = true));
    let restarts = 0;
    for (let round = 0; round < times && !over.isOver; round += 1) {
      const startedAt = performance.now();
      for (const supervised of [...stack.workers, ...stack.servers]) {
        await supervised.drain();
        await supervised.ready();
        restarts += 1;
      }
      print(`round ${round + 1}: everything restarted in ${Math.round(performance.now() - startedAt)} ms`);
    }
    const { accepted, callable, refused, troubles } = await load;
    await waitUntilOver(pool, 120_000);
    const history = await readHistory(pool);
    const problems: string[] = [...refused];
    const seen = {
      history,
      parts: partsByDriver(history),
      callsOf: provider.count,
      called: new Map(callable.map(({ workflowId, graph }) => [workflowId, graph])),
      answers: new Map<string, string>(),
    };
    for (const run of accepted) {
      const checked = checkRun(run, history.get(run.runId), seen);
      problems.push(...checked.problems);
    }
    const nodes = [...history.values()].flatMap((run) => run.nodes);
    const extra = nodes.reduce((sum, node) => sum + node.extra, 0);
    if (extra > 0) problems.push(`${extra} extra attempts`);
    const again = [...troubles].map(([kind, count]) => `${kind} ${count}`).join(', ') || 'nothing';
    print(
      `${restarts} restarts, ${accepted.length} runs, ${nodes.length} nodes, ${extra} extra attempts; asked again for ${again}`,
    );
    return problems;
  } finally {
    await pool.end();
    await stack.stop();
    await provider.stop();
  }
};
