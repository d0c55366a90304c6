import { expect, test } from '@jest/globals';
import { canvasLoad, largeGraph } from '../testing/large-graph.ts';
import { eventually } from '../testing/eventually.ts';
import { untilRun } from './canvas.ts';
import { testStack } from './stack.ts';

const stack = testStack();

test('500 nodes are shown, run, and can be read close up', async () => {
  const id = await stack.server.api.createWorkflow(largeGraph({ ...canvasLoad, delayMs: 20 }));
  const { page, troubles, context } = await stack.open({ path: `/workflows/${id}` });
  await page.locator('.react-flow__node').nth(499).waitFor();
  await page.locator('.far-edges path').first().waitFor({ state: 'attached' });
  // As high as they are going to be close up, before anybody has seen them there.
  const heights = async (selector: string) =>
    new Set(
      await page.locator(selector).evaluateAll((cards) => cards.map((card) => (card as HTMLElement).offsetHeight)),
    );
  const far = await heights('.node-card[data-node-type="delay"]');
  expect(far.size).toBe(1);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await untilRun(page, 'COMPLETED');
  await page.locator('.far-ring[data-status="completed"]').nth(499).waitFor();

  // The same nodes close up: with fields and connections; the others are not mounted.
  await page.mouse.move(800, 460);
  for (let step = 0; step < 60; step += 1) await page.mouse.wheel(0, -80);
  await page.locator('.node-card .typed-handle').first().waitFor();
  await page.locator('.react-flow__edge').first().waitFor({ state: 'attached' });
  await eventually(async () => (await page.locator('.react-flow__node').count()) < 200);
  expect(await heights('.node-card[data-node-type="delay"]:has(.typed-handle)')).toEqual(far);
  await page.keyboard.press('f');
  await page.locator('.react-flow__node').nth(499).waitFor();
  expect(troubles).toEqual([]);
  await context.close();
});
