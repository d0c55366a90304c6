import type { BrowserStack } from '../../testing/browser-stack.ts';
import { percentile, type Finding } from './report.ts';

const targetMs = 150;
const updates = 200;
/** Long enough that RUNNING is seen before COMPLETED comes. */
const delayMs = 120;
/** Runs of a chain of five: ten status changes each that a ring shows. */
const chainLength = 5;

interface SeenRing {
  readonly nodeId: string;
  readonly status: string;
  /** Milliseconds since 1970, at the frame after the change. */
  readonly at: number;
}

/** From the moment that stands in the event's row to the frame in which the ring shows it. */
export async function measureLatency(stack: BrowserStack): Promise<Finding[]> {
  const { api } = stack.server;
  const samples: number[] = [];
  while (samples.length < updates) {
    const workflowId = await api.createWorkflow(chain());
    const { page, context } = await stack.open({ path: `/workflows/${workflowId}` });
    await page
      .locator('.node-card')
      .nth(chainLength - 1)
      .waitFor();
    await page.locator('[data-connection="online"]').waitFor({ state: 'attached' });
    await page.evaluate(watchRings);
    for (let run = 0; run < 5; run += 1) {
      const runId = await api.start(workflowId, { useCache: false });
      await api.finished(runId);
      await page.locator('[data-run-status="COMPLETED"]').waitFor();
      await page.waitForTimeout(100);
      const seen = await page.evaluate(() => (window as unknown as { seenRings: SeenRing[] }).seenRings.splice(0));
      samples.push(...(await latencies(stack, runId, seen)));
    }
    await context.close();
  }
  const used = samples.slice(0, updates);
  return [
    {
      name: `status commit to visible ring, p99 of ${used.length}`,
      value: percentile(used, 0.99),
      target: targetMs,
      detail: `median ${percentile(used, 0.5).toFixed(0)}, worst ${Math.max(...used).toFixed(0)}`,
    },
  ];
}

function chain() {
  const ids = Array.from({ length: chainLength }, (_, index) => `n${index}`);
  return {
    nodes: ids.map((id, index) => ({
      id,
      type: 'delay',
      position: { x: index * 340, y: 0 },
      data: { label: id, ms: delayMs },
    })),
    edges: ids.slice(1).map((id, index) => ({
      id: `e${index}`,
      source: ids[index]!,
      sourceHandle: 'output',
      target: id,
      targetHandle: 'input',
    })),
  };
}

/** Notes each status that a node shows, at the frame in which it shows. */
function watchRings(): void {
  const seen: SeenRing[] = [];
  Object.assign(window, { seenRings: seen });
  new MutationObserver((changes) => {
    const shown = changes.map(({ target }) => {
      const card = target as HTMLElement;
      const nodeId = card.closest('.react-flow__node')?.getAttribute('data-id') ?? '';
      return { nodeId, status: card.dataset['status'] ?? '' };
    });
    requestAnimationFrame(() => {
      const at = performance.timeOrigin + performance.now();
      seen.push(...shown.map((ring) => ({ ...ring, at })));
    });
  }).observe(document.querySelector('.react-flow')!, {
    attributes: true,
    subtree: true,
    attributeFilter: ['data-status'],
  });
}

/** A ring that was late enough to show the next status at once counts from there. */
async function latencies(stack: BrowserStack, runId: string, seen: readonly SeenRing[]): Promise<number[]> {
  const { rows } = await stack.installation.pool.query<{ nodeId: string; status: string; at: Date }>(
    `select n.node_id as "nodeId", e.payload ->> 'status' as status, e.at
       from run_events e join node_executions n on n.run_id = e.run_id and n.id = e.node_execution_id
      where e.run_id = $1 and e.payload ->> 'status' in ('RUNNING', 'COMPLETED')`,
    [runId],
  );
  return rows.map(({ nodeId, status, at }) => {
    const wanted = status === 'RUNNING' ? ['running', 'completed'] : ['completed'];
    const ring = seen.find((candidate) => candidate.nodeId === nodeId && wanted.includes(candidate.status));
    if (ring === undefined) throw new Error(`The ring of ${nodeId} never showed ${status}.`);
    return ring.at - at.getTime();
  });
}
