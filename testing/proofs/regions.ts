import { startCallCounter } from '../call-counter.ts';
import { startChaosStack } from '../chaos/stack.ts';
import { eventually } from '../eventually.ts';
import { edgeOf, nodeOf } from '../graphs.ts';
import { openTestPool } from '../postgres.ts';
import { probeEachOutput } from '../probe-node.ts';
import { createCaller, waitUntilOver, type Proof } from './proof.ts';

const size = { servers: 1, workers: 2 };
/** The worker is killed when so many elements of 200 are done. */
const killAt = 0.4;

/** A list of so many elements of which one fails for good, and a worker that is killed in the middle; then a retry. */
export const proveRegions: Proof = async ({ times, queue, print }) => {
  const provider = await startCallCounter();
  const stack = await startChaosStack(queue, [], size);
  const pool = openTestPool(stack.databaseUrl);
  const problems: string[] = [];
  try {
    const call = createCaller([stack.servers[0]!.url], stack.apiKey);
    const elements = Array.from({ length: times }, (_, index) => `element ${index}`);
    const bad = `element ${Math.floor(times / 2) + 17}`;
    const data = {
      nodes: [
        nodeOf('list', 'items', { items: elements }),
        nodeOf('do', 'probeEach', {
          name: 'do',
          ms: 40,
          callUrl: provider.url,
          failsFor: bad,
          each: { onError: 'goOn' },
        }),
        nodeOf('all', 'whole'),
      ],
      edges: [edgeOf('list', 'do'), edgeOf('do', 'all')],
    };
    const workflow = await call('POST', '/api/workflows', { name: 'region', data }, [201]);
    const run = await call('POST', `/api/workflows/${workflow.id}/run`, {}, [202]);
    const partsOf = async (runId: string) =>
      (
        await pool.query<{
          index: number;
          status: string;
          id: string;
          attempt: number;
          cached: boolean;
          commits: number;
        }>(
          `select p.part_index as index, n.status, n.id, n.attempt, n.cached,
                  (select count(*)::integer from run_events e where e.run_id = p.id and e.node_execution_id = n.id
                      and e.payload ->> 'status' = 'COMPLETED') as commits
             from workflow_runs p join node_executions n on n.run_id = p.id
            where p.parent_run_id = $1 order by p.part_index`,
          [runId],
        )
      ).rows;
    await eventually(
      async () => (await partsOf(run.id)).filter(({ status }) => status === 'COMPLETED').length >= times * killAt,
      { timeoutMs: 120_000 },
    );
    await stack.workers[0]!.kill(0);
    await waitUntilOver(pool, 180_000);
    const parts = await partsOf(run.id);
    const completed = parts.filter(({ status }) => status === 'COMPLETED');
    const failed = parts.filter(({ status }) => status === 'FAILED');
    const again = parts.filter(({ attempt }) => attempt > 1);
    const outputs = async (runId: string, nodeId: string) =>
      (
        await pool.query<{ output_data: Record<string, unknown> }>(
          `select output_data from node_executions where run_id = $1 and node_id = $2`,
          [runId, nodeId],
        )
      ).rows[0]!.output_data;
    const { output, errors } = (await outputs(run.id, 'do')) as { output: unknown[]; errors: { index: number }[] };
    const expected = elements.map((element) => (element === bad ? null : probeEachOutput('do', element)));
    print(
      `${parts.length} elements, a worker killed in the middle: ${completed.length} completed, each committed ` +
        `${[...new Set(completed.map(({ commits }) => commits))].join(' or ')} times; ${failed.length} failed; ` +
        `${again.length} attempts were made again; errors: ${JSON.stringify(errors)}`,
    );
    if (completed.length !== times - 1 || completed.some(({ commits }) => commits !== 1))
      problems.push('not each element was done once');
    if (JSON.stringify(errors.map(({ index }) => index)) !== JSON.stringify([elements.indexOf(bad)]))
      problems.push(`errors has ${JSON.stringify(errors)}`);
    if (JSON.stringify(output) !== JSON.stringify(expected)) problems.push('the list is not that of its elements');

    const retry = await call('POST', `/api/runs/${run.id}/retry`, {}, [202]);
    await waitUntilOver(pool, 120_000);
    const retried = await partsOf(retry.id);
    const executed = retried.filter(({ cached }) => !cached);
    const called = retried.filter(({ id }) => provider.count(id) > 0);
    print(
      `the retry: ${retried.length - executed.length} taken over, ${executed.length} executed (${executed.map(({ index }) => index).join()}), ` +
        `${called.length} calls of the provider`,
    );
    if (executed.length !== 1 || executed[0]!.index !== elements.indexOf(bad))
      problems.push('the retry executed others');
    if (called.length !== 1) problems.push(`the retry called the provider for ${called.length} elements`);
    return problems;
  } finally {
    await pool.end();
    await stack.stop();
    await provider.stop();
  }
};
