import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ComposeApi, GraphNode } from './api.ts';
import { must } from './checks.ts';
import type { ComposeStack } from './stack.ts';

/** A text, four delays beside each other and one that waits for all: five jobs a run. */
export const fanNodes = (ms: number): GraphNode[] => [
  { id: 'text', type: 'text', data: { label: 'Text', text: 'through' } },
  ...['a', 'b', 'c', 'd'].map((id) => ({ id, type: 'delay', data: { label: id, ms } })),
  { id: 'end', type: 'delay', data: { label: 'End', ms } },
];
export const fanEdges = ['text>a', 'text>b', 'text>c', 'text>d', 'a>end', 'b>end', 'c>end', 'd>end'];

/** Runs that keep coming until they are told to stop. */
export interface Load {
  /** Ids of the runs that the server has accepted so far. */
  readonly accepted: readonly string[];
  /** Ends the stream and waits until every accepted run has ended. */
  stop(): Promise<LoadResult>;
}

export interface LoadResult {
  readonly runs: number;
  readonly nodes: number;
  /** Attempts beyond the first. */
  readonly repeats: number;
}

/** Starts runs one after another from a few callers at once, through whatever happens meanwhile. */
export function startLoad(
  stack: ComposeStack,
  api: ComposeApi,
  workflowId: number,
  { callers = 3, pauseMs = 100 }: { callers?: number; pauseMs?: number } = {},
): Load {
  const accepted: string[] = [];
  let isStopping = false;
  const calling = Promise.all(
    Array.from({ length: callers }, async () => {
      while (!isStopping) {
        accepted.push(await api.start(workflowId, randomUUID()));
        await sleep(pauseMs);
      }
    }),
  );
  calling.catch(() => {});
  return {
    accepted,
    stop: async () => {
      isStopping = true;
      await calling;
      return await checkRuns(stack, accepted);
    },
  };
}

/** How long the last runs may take: a dead worker's lease, a restart of Postgres, and the work. */
const settleMs = 120_000;

/**
 * Waits until the runs have ended, then looks at the rows themselves: every
 * accepted run is there and COMPLETED, every node COMPLETED once and with its
 * output, every end announced by one event.
 */
export async function checkRuns(stack: ComposeStack, runIds: readonly string[]): Promise<LoadResult> {
  must(runIds.length > 0, 'no run was accepted');
  must(new Set(runIds).size === runIds.length, 'two requests were answered with the same run');
  const ids = `'{${runIds.join(',')}}'::uuid[]`;
  const until = performance.now() + settleMs;
  for (;;) {
    const [[open = ''] = []] = await stack.query(
      `select count(*) from workflow_runs where id = any (${ids}) and finished_at is null`,
    );
    if (open === '0') break;
    if (performance.now() > until) throw new Error(`${open} runs have not ended after ${settleMs} ms`);
    await sleep(500);
  }
  const [[runs = '', completed = ''] = []] = await stack.query(
    `select count(*), count(*) filter (where status = 'COMPLETED') from workflow_runs where id = any (${ids})`,
  );
  must(Number(runs) === runIds.length, `${runIds.length} runs were accepted, ${runs} are there`);
  must(Number(completed) === runIds.length, `${runs} runs ended, ${completed} of them COMPLETED`);
  const [[nodes = '', ended = '', repeats = ''] = []] = await stack.query(
    `select count(*), count(*) filter (where status = 'COMPLETED' and output_data is not null), sum(attempt - 1)
       from node_executions where run_id = any (${ids})`,
  );
  must(nodes === ended, `${ended} of ${nodes} nodes are COMPLETED`);
  const doubles = await stack.query(
    `select node_execution_id, count(*) from run_events
      where run_id = any (${ids}) and type = 'node.updated' and payload ->> 'status' = 'COMPLETED'
      group by 1 having count(*) > 1`,
  );
  must(doubles.length === 0, `${doubles.length} nodes were completed more than once`);
  const [[announced = ''] = []] = await stack.query(
    `select count(*) from run_events
      where run_id = any (${ids}) and type = 'node.updated' and payload ->> 'status' = 'COMPLETED'`,
  );
  must(announced === nodes, `${announced} of ${nodes} completions were announced`);
  return { runs: Number(runs), nodes: Number(nodes), repeats: Number(repeats) };
}

/** Throws when attempts were repeated, and says which and why. */
export async function mustNotRepeat(stack: ComposeStack, runIds: readonly string[], result: LoadResult): Promise<void> {
  if (result.repeats === 0) return;
  const rows = await stack.query(
    `select n.id, n.node_id, n.attempt, n.crash_count, n.error_code, n.started_at, n.finished_at from node_executions n
      where n.run_id = any ('{${runIds.join(',')}}'::uuid[]) and n.attempt > 1 limit 10`,
  );
  throw new Error(
    `${result.repeats} attempts were repeated (id, node, attempt, crashes, code, start, end):\n` +
      rows.map((row) => row.join(' ')).join('\n'),
  );
}

/** Runs and repeats in a few words. */
export function describe({ runs, nodes, repeats }: LoadResult): string {
  return `${runs} runs, ${nodes} nodes, all completed once, ${repeats} attempts repeated`;
}
