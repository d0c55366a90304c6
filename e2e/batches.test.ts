import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { testStack } from './stack.ts';

const stack = testStack();

const nodeAt = (id: string, type: string, x: number, data: object) => ({ id, type, position: { x, y: 0 }, data });
const graph = {
  nodes: [
    nodeAt('t', 'text', 0, { text: '', input: { name: 'topic', required: true } }),
    nodeAt('o', 'output', 320, { name: 'copy' }),
  ],
  edges: [{ id: 'e', source: 't', sourceHandle: 'output', target: 'o', targetHandle: 'value' }],
};

async function addWorkflow(page: Page, name: string): Promise<number> {
  const url = `${stack.server.url}/api/workflows`;
  return ((await (await page.request.post(url, { data: { name, data: graph } })).json()) as { id: number }).id;
}

const csv = (text: string) => ({ name: 'topics.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });

test('a table becomes a batch: looked at before, followed, and saved', async () => {
  const { page, troubles } = await stack.open();
  await addWorkflow(page, 'Copies');
  await page.goto(stack.server.url);
  await page.getByRole('button', { name: 'More for Copies' }).click();
  await page.getByRole('menuitem', { name: 'Batches' }).click();
  const files = page.getByLabel('Rows or files');
  await files.setInputFiles(csv('topc\ntea\n'));
  await page.getByText('Name the columns by some of: topic.').waitFor();
  await files.setInputFiles(csv('topic\ntea\n""\ncoffee\n'));
  await page.getByText('2 rows').first().waitFor();
  await page.getByRole('button', { name: 'Start 2 runs' }).click();
  await page.getByText('2 of 2 rows done').waitFor();
  const rows = page.getByRole('list', { name: 'Rows' }).getByRole('listitem');
  await rows.first().getByText('topic: tea').waitFor();
  await rows.nth(1).getByText('coffee', { exact: true }).waitFor();
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Table' }).click();
  expect((await saving).suggestedFilename()).toBe('topics.csv');
  await page.getByRole('button', { name: 'All batches' }).click();
  await page.getByRole('list', { name: 'Batches' }).getByText('2 of 2 rows done').waitFor();
  expect(troubles).toEqual([]);
});

test.each(['light', 'dark'] as const)('a batch fits on a phone, in the %s theme', async (theme) => {
  const { page, troubles } = await stack.open({ theme });
  const id = await addWorkflow(page, `On the go ${theme}`);
  await page.setViewportSize({ width: 390, height: 800 });
  await page.goto(`${stack.server.url}/workflows/${id}/batches`);
  await page.getByLabel('Rows or files').setInputFiles(csv(`topic\n${'x'.repeat(400)}\n`));
  await page.getByRole('button', { name: 'Start 1 run' }).click();
  await page.getByText('1 of 1 row done').waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  expect(troubles).toEqual([]);
});
