import { expect, test } from '@jest/globals';
import { eventually } from '../testing/eventually.ts';
import { makePicture } from '../testing/media.ts';
import { nodeCard, untilCount } from './canvas.ts';
import { smallWords } from './looks.ts';
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

test('from far, nodes show their results and names instead of fields that nobody can read', async () => {
  const { url } = await stack.server.api.upload(await makePicture('png', 40, 30));
  const id = await stack.server.api.createWorkflow({
    nodes: [
      { id: 'photo', type: 'image', position: { x: 0, y: 0 }, data: { label: 'Photo', file: { url } } },
      { id: 'words', type: 'text', position: { x: 340, y: 0 }, data: { label: 'Words', text: 'a warm cup' } },
      ...Array.from({ length: 8 }, (_, index) => ({
        id: `n${index}`,
        type: 'text',
        position: { x: (index + 2) * 340, y: 0 },
        data: { label: `Other ${index}`, text: '' },
      })),
    ],
    edges: [],
  });
  const { page } = await stack.open({ path: `/workflows/${id}` });
  const words = nodeCard(page, 'Words');
  await words.getByLabel('Text', { exact: true }).waitFor();
  expect(await page.locator('.far-face').count()).toBe(0);
  await page.keyboard.press('f');
  await page.locator('[data-face-of="photo"] img').waitFor();
  await page.locator('[data-face-of="words"]').getByText('a warm cup').waitFor();
  await page.locator('[data-face-of="n0"]').getByText('Other 0').waitFor();
  await words.getByLabel('Text', { exact: true }).waitFor({ state: 'hidden' });
  await eventually(async () => expect(await smallWords(page)).toEqual([]));
  // Close by, the fields are there again.
  await words.click();
  await page.keyboard.press('Shift+F');
  await words.getByLabel('Text', { exact: true }).waitFor();
  await page.locator('.far-face').first().waitFor({ state: 'detached' });
});

test('a connection is led around a node in its way, and those of a selected node are lit', async () => {
  const text = (id: string, x: number, y = 0) => ({
    id,
    type: 'text',
    position: { x, y },
    data: { label: id, text: id },
  });
  const id = await stack.server.api.createWorkflow({
    nodes: [
      text('first', 0),
      text('between', 400),
      { id: 'last', type: 'joinText', position: { x: 800, y: 0 }, data: { label: 'last' } },
      text('other', 400, 400),
    ],
    edges: ['first', 'other'].map((source) => ({
      id: source,
      source,
      sourceHandle: 'output',
      target: 'last',
      targetHandle: 'texts',
    })),
  });
  const { page } = await stack.open({ path: `/workflows/${id}` });
  const line = page.locator('.react-flow__edge[data-id="first"] .react-flow__edge-path');
  const isClear = () =>
    line.evaluate((path: SVGPathElement) => {
      const box = document.querySelector('.react-flow__node[data-id="between"]')!.getBoundingClientRect();
      const matrix = path.getScreenCTM()!;
      return Array.from({ length: 200 }, (_, index) => {
        const point = path.getPointAtLength((path.getTotalLength() * index) / 199).matrixTransform(matrix);
        return point.x < box.left || point.x > box.right || point.y < box.top || point.y > box.bottom;
      }).every(Boolean);
    });
  await line.waitFor({ state: 'attached' });
  await eventually(async () => expect(await isClear()).toBe(true));
  await nodeCard(page, 'other').click({ position: { x: 60, y: 16 } });
  await untilCount(page.locator('.react-flow__edge[data-id="other"] .edge-lit'), 1);
  await untilCount(page.locator('.react-flow__edge[data-id="first"] .edge-dim'), 1);
  await page.locator('.react-flow__pane').click({ position: { x: 20, y: 600 } });
  await untilCount(page.locator('.edge-lit, .edge-dim'), 0);
});
