import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Graph } from '../core/graph/graph.ts';
import { startBrowserStack, type BrowserStack } from './stack.ts';

/*
 * A canvas of 500 nodes while a run sends its events. The limits are those of
 * a machine that runs Postgres, Redis, server and worker beside the browser,
 * on two cores and without a graphics card.
 */

let stack: BrowserStack;

beforeAll(async () => {
  stack = await startBrowserStack();
}, 120_000);
afterAll(() => stack.stop());

/** 500 nodes in 25 columns, 700 edges from column to column. */
function largeGraph(): Graph {
  const nodes = Array.from({ length: 500 }, (_, index) => ({
    id: `n${index}`,
    type: 'delay',
    position: { x: Math.floor(index / 20) * 360, y: (index % 20) * 160 },
    data: { label: `Step ${index}`, ms: 20 },
  }));
  const edges = Array.from({ length: 700 }, (_, index) => {
    const source = index % 480;
    const row = (source % 20) + (index < 480 ? 0 : 7);
    const target = (Math.floor(source / 20) + 1) * 20 + (row % 20);
    return {
      id: `e${index}`,
      source: `n${source}`,
      sourceHandle: 'output',
      target: `n${target}`,
      targetHandle: 'input',
    };
  });
  return { nodes, edges };
}

test('500 nodes open quickly and stay fluid while a run goes on', async () => {
  const id = await stack.server.api.createWorkflow(largeGraph());
  const { page, context } = await stack.open();
  await page.getByRole('button', { name: 'New workflow' }).waitFor();
  const startedMs = Date.now();
  await page.goto(`${stack.server.url}/workflows/${id}`);
  await page.locator('.node-card').first().waitFor();
  const openMs = Date.now() - startedMs;

  await page.evaluate(() => {
    const frames: number[] = [];
    let last = performance.now();
    const tick = (now: number) => {
      frames.push(now - last);
      last = now;
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
    Object.assign(window, { frames });
  });
  const percentile = async (share: number) =>
    page.evaluate((wanted) => {
      const { frames } = window as unknown as { frames: number[] };
      const sorted = frames.splice(0).toSorted((a, b) => a - b);
      return sorted[Math.floor(sorted.length * wanted)] ?? 0;
    }, share);
  const pan = async () => {
    await page.mouse.move(900, 120);
    await page.mouse.down();
    for (let step = 0; step < 30; step += 1) await page.mouse.move(900 - step * 12, 120 + step * 8);
    await page.mouse.up();
    for (let step = 0; step < 10; step += 1) await page.mouse.wheel(0, step % 2 === 0 ? -120 : 120);
  };
  await percentile(0.95);
  await pan();
  const quietMs = await percentile(0.95);
  const runId = await stack.server.api.start(id);
  await page.locator('[data-run-status="RUNNING"]').waitFor();
  await percentile(0.95);
  await pan();
  const busyMs = await percentile(0.95);
  await stack.server.api.finished(runId);
  await page.locator('[data-run-status="COMPLETED"]').waitFor();
  await context.close();
  console.log(`open ${openMs} ms, p95 frame ${quietMs.toFixed(1)} ms at rest, ${busyMs.toFixed(1)} ms in a run`);
  // Ten frames a second is where dragging falls apart; the aim is 20 ms.
  expect(openMs).toBeLessThan(5_000);
  expect(quietMs).toBeLessThan(100);
  expect(busyMs).toBeLessThan(100);
}, 180_000);
