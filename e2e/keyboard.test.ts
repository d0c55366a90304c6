import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { nodeCard, openNewWorkflow, untilRun } from './canvas.ts';
import { startBrowserStack, type BrowserStack, type WatchedPage } from '../testing/browser-stack.ts';

let stack: BrowserStack;
let opened: WatchedPage | undefined;

beforeAll(async () => {
  stack = await startBrowserStack();
}, 120_000);
afterAll(() => stack.stop());
afterEach(() => opened?.context.close());

test('a workflow is built, connected and run by the keyboard alone', async () => {
  opened = await stack.open();
  const { page } = opened;
  await page.getByRole('button', { name: 'New workflow' }).first().focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/workflows\/\d+/);
  await page.getByText('An empty canvas').waitFor();

  for (const words of ['text', 'delay']) {
    await page.keyboard.press('n');
    await page.getByRole('combobox', { name: 'Search node types' }).waitFor();
    await page.keyboard.type(words);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Add a node' }).waitFor({ state: 'detached' });
  }
  const connect = page.getByRole('combobox', { name: 'Connect Input from' });
  await connect.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('option', { name: 'Text: Text' }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.locator('.react-flow__edge').waitFor({ state: 'attached' });

  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Command' }).waitFor();
  await page.keyboard.type('run the workflow');
  await page.keyboard.press('Enter');
  await untilRun(page, 'COMPLETED');
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Shortcuts' }).waitFor();
  await page.keyboard.press('Escape');
});

test('a node type that only the server knows is on the palette and has a form', async () => {
  opened = await stack.open();
  const { page } = opened;
  await page.route('**/api/node-types', async (route) => {
    const response = await route.fetch();
    const { items } = (await response.json()) as { items: unknown[] };
    const added = {
      type: 'blur',
      version: 1,
      title: 'Soft focus',
      description: 'Softens a picture.',
      category: 'image',
      icon: 'wand',
      inputs: [{ id: 'image', title: 'Image', dataType: 'image', required: true }],
      outputs: [{ id: 'output', title: 'Soft image', dataType: 'image' }],
      schema: {
        type: 'object',
        properties: {
          radius: { type: 'number', title: 'Radius', control: 'number', unit: 'px', minimum: 1, maximum: 50 },
          edges: { type: 'string', title: 'Edges', enum: ['wrap', 'mirror'] },
        },
      },
      defaults: { label: 'Soft focus', radius: 4, edges: 'wrap' },
    };
    await route.fulfill({ response, json: { items: [...items, added] } });
  });
  await page.reload();
  await openNewWorkflow(page);
  await page.getByRole('navigation', { name: 'Nodes' }).getByRole('button', { name: 'Soft focus' }).click();
  const node = nodeCard(page, 'Soft focus');
  await node.getByLabel('Radius').fill('12');
  await node.getByRole('combobox', { name: 'Edges' }).click();
  await page.getByRole('option', { name: 'mirror' }).click();
  expect(await node.getByRole('combobox', { name: 'Edges' }).innerText()).toContain('mirror');
  expect(await node.locator('.react-flow__handle').count()).toBe(2);
});
