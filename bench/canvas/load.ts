import type { BrowserStack } from '../../testing/browser-stack.ts';
import { percentile, type Finding } from './report.ts';

const targetMs = 1_500;
const turns = 7;

/** From the start of the navigation to the first frame with the graph on it, each time with an empty cache. */
export async function measureLoad(stack: BrowserStack, workflowId: number): Promise<Finding[]> {
  const samples: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const { page, context } = await stack.open({ path: '/sign-in' });
    await page.addInitScript(() => {
      const look = () => {
        // Far out, a node is mounted when it lies in the view; the map knows all of them.
        const isDrawn = document.querySelectorAll('.react-flow__node .node-card').length > 0;
        if (!isDrawn) return void requestAnimationFrame(look);
        requestAnimationFrame(() => document.documentElement.setAttribute('data-drawn-at', String(performance.now())));
      };
      requestAnimationFrame(look);
    });
    await page.goto(`${stack.server.url}/workflows/${workflowId}`);
    await page.locator('html[data-drawn-at]').waitFor({ state: 'attached' });
    samples.push(Number(await page.locator('html').getAttribute('data-drawn-at')));
    await context.close();
  }
  return [
    {
      name: 'opening 500 nodes, 700 edges (worst)',
      value: Math.max(...samples),
      target: targetMs,
      detail: `median ${percentile(samples, 0.5).toFixed(0)}, ${turns} turns`,
    },
  ];
}
