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

test('a pan from far moves the graph as one layer, and leaves it where the pointer let go', async () => {
  const id = await stack.server.api.createWorkflow(largeGraph(canvasLoad));
  const { page, troubles, context } = await stack.open({ path: `/workflows/${id}` });
  await page.locator('.react-flow__node').nth(499).waitFor();
  await page.locator('.far-ground').waitFor({ state: 'attached' });
  const view = page.locator('.react-flow__viewport');
  const node = page.locator('.react-flow__node').first();
  const pane = (await page.locator('.react-flow__pane').boundingBox())!;
  const from = { x: pane.x + pane.width - 40, y: pane.y + 40 };
  const styleOf = () =>
    view.evaluate(({ style }: HTMLElement) => ({
      hint: style.willChange,
      translate: style.translate,
      transform: style.transform.replaceAll(/[\d.-]+/g, 'n'),
    }));
  const still = { hint: '', translate: '', transform: 'translate(npx, npx) scale(n)' };
  expect(await styleOf()).toEqual(still);

  // Every node lies on the ground, so that all of them are painted on one layer.
  const ground = (await page.locator('.far-ground').boundingBox())!;
  const boxes = await page.locator('.react-flow__node').evaluateAll((nodes) =>
    nodes.map((each) => {
      const { left, top, right, bottom } = each.getBoundingClientRect();
      return { left, top, right, bottom };
    }),
  );
  for (const { left, top, right, bottom } of boxes) {
    expect(left).toBeGreaterThan(ground.x);
    expect(top).toBeGreaterThan(ground.y);
    expect(right).toBeLessThan(ground.x + ground.width);
    expect(bottom).toBeLessThan(ground.y + ground.height);
  }

  const before = (await node.boundingBox())!;
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  for (const step of [20, 60, 120]) await page.mouse.move(from.x - step, from.y + step / 2);
  await eventually(async () => (await styleOf()).hint === 'translate');
  expect(await styleOf()).toMatchObject({ hint: 'translate', transform: 'scale(n)' });
  const during = (await node.boundingBox())!;
  await page.mouse.up();
  await eventually(async () => (await styleOf()).hint === '');
  expect(await styleOf()).toEqual(still);
  const after = (await node.boundingBox())!;
  for (const at of [during, after]) {
    expect(at.x - before.x).toBeCloseTo(-120, 0);
    expect(at.y - before.y).toBeCloseTo(60, 0);
    expect(at.width).toBeCloseTo(before.width, 1);
  }

  // A zoom draws all of it anew: there is no layer.
  await page.mouse.wheel(0, 60);
  await eventually(async () => (await node.boundingBox())!.width < after.width);
  expect(await styleOf()).toEqual(still);
  expect(troubles).toEqual([]);
  await context.close();
});
