import type { BrowserStack } from '../../testing/browser-stack.ts';
import { countEvents, keepRunning, movements, recordFrames } from './frames.ts';
import { openingOf } from './opening.ts';
import { percentile, zoomTarget, type Finding } from './report.ts';

const elements = 10_000;
const frameMs = 17;
const gridMs = 300;
const turns = 5;

/**
 * Frames while a node goes through ten thousand elements, and how fast a grid of all of them opens afterwards.
 * `plainZoomMs`: of a plain page.
 */
export async function measureRegion(stack: BrowserStack, plainZoomMs: number): Promise<Finding[]> {
  const { api, url } = stack.server;
  const items = Array.from({ length: elements }, (_, index) => `word ${index + 1}`);
  const workflowId = await api.createWorkflow({
    nodes: [
      { id: 'words', type: 'list', position: { x: 0, y: 0 }, data: { label: 'Words', items } },
      {
        id: 'each',
        type: 'replaceText',
        position: { x: 400, y: 0 },
        data: { label: 'Each', find: 'o', replacement: '0' },
      },
      ...Array.from({ length: 20 }, (_, index) => ({
        id: `t${index}`,
        type: 'text',
        position: { x: (index % 5) * 340, y: 420 + Math.floor(index / 5) * 320 },
        data: { label: `Text ${index}`, text: `Word ${index}` },
      })),
    ],
    edges: [{ id: 'e', source: 'words', sourceHandle: 'output', target: 'each', targetHandle: 'text' }],
  });
  const { page, context } = await stack.open({ path: '/sign-in' });
  const events = countEvents(page);
  await page.goto(`${url}/workflows/${workflowId}`);
  const running = keepRunning(stack, workflowId);
  const findings: Finding[] = [];
  try {
    await page.locator('[data-status="running"]').first().waitFor({ state: 'attached' });
    for (const name of ['panning', 'zooming']) {
      const before = events.count();
      const startedAt = performance.now();
      const frames = await recordFrames(page, () => movements[name]!(page));
      const rate = ((events.count() - before) * 1_000) / (performance.now() - startedAt);
      findings.push({
        name: `${name}, a region of 10,000: p95 frame`,
        value: percentile(frames, 0.95),
        target: name === 'zooming' ? zoomTarget(frameMs, plainZoomMs) : frameMs,
        detail: `median ${percentile(frames, 0.5).toFixed(1)}, worst ${Math.max(...frames).toFixed(0)}, ${frames.length} frames, ${rate.toFixed(0)} events/s`,
      });
    }
  } finally {
    await running.stop();
    await context.close();
  }
  await api.finished(await api.start(workflowId));
  const samples: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const opened = await stack.open({ path: `/workflows/${workflowId}` });
    const button = opened.page.locator('.react-flow__node[data-id="each"]').getByRole('button', { name: /^Open / });
    samples.push(await openingOf(opened.page, button, '[role="dialog"] ol > li'));
    await opened.context.close();
  }
  findings.push({
    name: 'opening a grid of 10,000 elements (worst)',
    value: Math.max(...samples),
    target: gridMs,
    detail: `median ${percentile(samples, 0.5).toFixed(0)}, ${turns} turns`,
  });
  return findings;
}
