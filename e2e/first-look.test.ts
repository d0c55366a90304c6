import { expect, test } from '@jest/globals';
import { eventually } from '../testing/eventually.ts';
import { testStack } from './stack.ts';

/* What is seen of a workflow when it is opened. */

const stack = testStack();

test('a graph that would be too small to read is opened at its start, in its own size', async () => {
  const count = 14;
  const id = await stack.server.api.createWorkflow({
    nodes: Array.from({ length: count }, (_, index) => ({
      id: `n${index}`,
      type: 'text',
      position: { x: index * 340, y: (index % 3) * 200 },
      data: { label: `Node ${index}`, text: 'words' },
    })),
    edges: [],
  });
  const { page } = await stack.open({ path: `/workflows/${id}` });
  const first = page.locator('.react-flow__node[data-id="n0"]');
  await eventually(async () => {
    const canvas = (await page.locator('.react-flow').boundingBox())!;
    const box = (await first.boundingBox())!;
    // Its own size: every letter is as large as it was drawn.
    expect(Math.round(box.width)).toBe(264);
    expect(box.x).toBeGreaterThanOrEqual(canvas.x);
    expect(box.y).toBeGreaterThanOrEqual(canvas.y);
    expect(box.y + box.height).toBeLessThanOrEqual(canvas.y + canvas.height);
  });
  // All of it is a key away.
  await page.keyboard.press('f');
  const last = page.locator(`.react-flow__node[data-id="n${count - 1}"]`);
  await eventually(async () => {
    const box = (await last.boundingBox())!;
    expect(box.x + box.width).toBeLessThanOrEqual(1_440);
  });
});

test('every template is opened with letters that can be read', async () => {
  const { page } = await stack.open({ path: '/templates' });
  const uses = page.getByRole('button', { name: /^Use / });
  await uses.first().waitFor();
  const titles = await uses.evaluateAll((all) =>
    all.map((each) => each.getAttribute('aria-label') ?? each.textContent),
  );
  expect(titles.length).toBeGreaterThan(4);
  for (const title of titles) {
    await page.getByRole('button', { name: title!, exact: true }).click();
    await page.waitForURL(/\/workflows\/\d+/);
    await page.locator('.node-card').first().waitFor();
    await eventually(async () => {
      const widths = await page.locator('.react-flow__node:has(.node-card)').evaluateAll((nodes) =>
        nodes
          .map((node) => node.getBoundingClientRect())
          .filter(({ right, left }) => right > 224 && left < 1_440)
          .map(({ width }) => width),
      );
      expect(widths.length).toBeGreaterThan(0);
      expect(Math.min(...widths)).toBeGreaterThanOrEqual(264 * 0.75 - 1);
    });
    await page.goto(`${stack.server.url}/templates`);
    await uses.first().waitFor();
  }
});
