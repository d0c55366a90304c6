import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { must } from './checks.ts';
import { testSettings, type ComposeContext } from './context.ts';
import { checkRuns, describe, fanEdges, fanNodes, mustNotRepeat, startLoad } from './load.ts';

/** More and fewer workers, upgrades by restart, and what more workers bring. */
export async function checkScaling({ checks, stack, api }: ComposeContext): Promise<void> {
  const scale = (workers: number) => stack.compose('up', '-d', '--wait', '--scale', `worker=${workers}`);

  await checks.check('scaled up to 5 and down to 1 under load: nothing lost, nothing repeated', async () => {
    const workflowId = await api.createWorkflow(fanNodes(250), fanEdges);
    const load = startLoad(stack, api, workflowId);
    await sleep(1_000);
    for (const workers of [5, 1, 3]) {
      await scale(workers);
      await sleep(1_000);
    }
    const result = await load.stop();
    await mustNotRepeat(stack, load.accepted, result);
    return describe(result);
  });

  await checks.check('everything is restarted in turn, 5 times, under load: 0 failed, 0 repeated', async () => {
    const workflowId = await api.createWorkflow(fanNodes(500), fanEdges);
    const load = startLoad(stack, api, workflowId);
    await sleep(1_000);
    for (let round = 0; round < 5; round += 1) {
      for (const container of await stack.containers('worker')) await stack.docker('restart', '-t', '75', container);
      for (const service of ['server', 'redis', 'postgres']) {
        await stack.compose('restart', service);
        await scale(3);
      }
    }
    const result = await load.stop();
    await mustNotRepeat(stack, load.accepted, result);
    return describe(result);
  });

  await checks.check('4 workers do at least 3.6 times the work of 1 on nodes that wait 200 ms', async () => {
    // Few nodes at once: the workers are the bottleneck, not the processors of this machine.
    await stack.configure({ ...testSettings, WORKER_CONCURRENCY: 'io=8,cpu=1' });
    const workflowId = await api.createWorkflow(
      Array.from({ length: 40 }, (_, index) => ({ id: `n${index}`, type: 'delay', data: { label: 'D', ms: 200 } })),
      [],
    );
    const nodesPerSecond = async (workers: number): Promise<number> => {
      await scale(workers);
      const rates: number[] = [];
      for (let turn = 0; turn < 3; turn += 1) {
        const runIds = await Promise.all(
          Array.from({ length: 4 * workers }, () => api.start(workflowId, randomUUID())),
        );
        await checkRuns(stack, runIds);
        const [[nodes = '', seconds = ''] = []] = await stack.query(
          `select count(*), extract(epoch from max(finished_at) - min(started_at))
             from node_executions where run_id = any ('{${runIds.join(',')}}'::uuid[])`,
        );
        rates.push(Number(nodes) / Number(seconds));
      }
      return rates.toSorted((left, right) => left - right)[1]!;
    };
    const one = await nodesPerSecond(1);
    const four = await nodesPerSecond(4);
    const note = `${one.toFixed(1)} nodes/s with 1, ${four.toFixed(1)} with 4: ${(four / one).toFixed(2)} times`;
    must(four / one >= 3.6, note);
    return note;
  });
}
