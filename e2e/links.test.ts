import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { makePicture } from '../testing/media.ts';
import { untilRun } from './canvas.ts';
import { testStack } from './stack.ts';

const stack = testStack();

const nodeAt = (id: string, type: string, x: number, data: object) => ({ id, type, position: { x, y: 0 }, data });
const graph = {
  nodes: [
    nodeAt('t', 'text', 0, { text: '', input: { name: 'topic', label: 'What about?', required: true } }),
    nodeAt('s', 'text', 0, { text: 'calm', input: { name: 'tone', label: 'Tone' } }),
    nodeAt('i', 'image', 0, { input: { name: 'photo', label: 'Photo', required: true } }),
    nodeAt('d', 'delay', 320, { ms: 0 }),
    nodeAt('o', 'output', 640, { name: 'copy', label: 'The copy' }),
    nodeAt('p', 'output', 640, { name: 'picture', label: 'The picture' }),
  ],
  edges: [
    { id: 'e1', source: 't', sourceHandle: 'output', target: 'd', targetHandle: 'input' },
    { id: 'e2', source: 'd', sourceHandle: 'output', target: 'o', targetHandle: 'value' },
    { id: 'e3', source: 'i', sourceHandle: 'output', target: 'p', targetHandle: 'value' },
  ],
};

async function addApp(page: Page, slug: string): Promise<number> {
  const url = `${stack.server.url}/api/workflows`;
  const made = await page.request.post(url, { data: { name: 'Copies', data: graph } });
  const { id } = (await made.json()) as { id: number };
  expect((await page.request.post(`${url}/${id}/publish`, { data: { slug } })).status()).toBe(201);
  return id;
}

test('a link is made on a phone, listed, and ended', async () => {
  const { page, troubles } = await stack.open({ width: 390, height: 844 });
  await addApp(page, 'copies-by-link');
  await page.goto(`${stack.server.url}/app/copies-by-link`);
  await page.getByRole('link', { name: 'Share' }).click();
  await page.getByRole('button', { name: 'New link' }).click();
  const dialog = page.getByRole('dialog', { name: 'New link' });
  await dialog.getByLabel('Who it is for').fill('Kim');
  await dialog.getByLabel('Runs').fill('1');
  await dialog.getByRole('switch', { name: 'They fill in Tone' }).click();
  await dialog.getByLabel('Tone', { exact: true }).fill('wild');
  await dialog.getByRole('button', { name: 'Make link' }).click();
  const address = await page.getByRole('dialog', { name: 'The link' }).locator('code').innerText();
  expect(address).toContain('/share/');
  await page.getByRole('button', { name: 'Done' }).click();
  const item = page.getByRole('list', { name: 'Links' }).getByRole('listitem', { name: 'Kim' });
  await item.getByText('0 of 1 run used').waitFor();
  await item.getByText('tone is always "wild"').waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await item.getByRole('button', { name: 'End Kim' }).click();
  await page.getByRole('button', { name: 'End link' }).click();
  await page.getByRole('heading', { name: 'No links yet' }).waitFor();
  expect(troubles).toEqual([]);
});

test('whoever has a link runs the app without an account, on a phone, until it is used up', async () => {
  const owner = await stack.open();
  const id = await addApp(owner.page, 'copies-by-guests');
  const made = await owner.page.request.post(`${stack.server.url}/api/workflows/${id}/links`, {
    data: { maxRuns: 1, fixed: { tone: 'wild' } },
  });
  const { url: address } = (await made.json()) as { url: string };
  const { page, troubles } = await stack.openFresh();
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(address);
  await page.getByRole('heading', { name: 'Copies' }).waitFor();
  const form = page.getByRole('region', { name: 'Inputs' });
  expect(await form.getByLabel('Tone').count()).toBe(0);
  await form.getByLabel('What about? (required)', { exact: true }).fill('a red kite');
  await form.getByLabel('Upload image').setInputFiles(await makePicture('png'));
  await form.locator('img').first().waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await form.getByRole('button', { name: 'Run', exact: true }).click();
  await untilRun(page, 'COMPLETED');
  await page.getByRole('article', { name: 'The copy' }).getByText('a red kite').waitFor();
  await page.getByRole('article', { name: 'The picture' }).locator('img').waitFor();
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download all' }).click();
  expect((await saving).suggestedFilename()).toMatch(/^results-[0-9a-f]{8}\.zip$/);

  // It was good for one run: what that gave is there for a while, and nothing else.
  await page.reload();
  await page.getByRole('heading', { name: 'This link no longer works' }).waitFor();
  await page.getByRole('article', { name: 'copy' }).getByText('a red kite').waitFor();
  // What the server has refused the browser tells as well.
  expect(troubles.filter((trouble) => !trouble.includes('404'))).toEqual([]);
});
