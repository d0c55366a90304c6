import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { makePicture } from '../testing/media.ts';
import { untilCount, untilRun } from './canvas.ts';
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

test('a link is made on a phone, used without an account, and ended', async () => {
  const owner = await stack.open({ width: 390, height: 844 });
  const { page } = owner;
  await addApp(page, 'copies-by-link');
  await page.goto(`${stack.server.url}/app/copies-by-link`);
  await page.getByRole('link', { name: 'Share' }).click();
  await page.getByRole('button', { name: 'New link' }).click();
  const dialog = page.getByRole('dialog', { name: 'New link' });
  await dialog.getByLabel('Whom it is for').fill('Kim');
  await dialog.getByLabel('Runs').fill('1');
  await dialog.getByRole('switch', { name: 'They fill in Tone' }).click();
  await dialog.getByLabel('Tone', { exact: true }).fill('wild');
  await dialog.getByRole('button', { name: 'Make link' }).click();
  const address = await page.getByRole('dialog', { name: 'The link' }).locator('code').innerText();
  await page.getByRole('button', { name: 'Done' }).click();
  const item = page.getByRole('list', { name: 'Links' }).getByRole('listitem', { name: 'Kim' });
  await item.getByText('0 of 1 run used').waitFor();
  await item.getByText('tone is always "wild"').waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);

  const guest = await stack.openFresh();
  await guest.page.setViewportSize({ width: 390, height: 844 });
  await guest.page.goto(address);
  await guest.page.getByRole('heading', { name: 'Copies' }).waitFor();
  const form = guest.page.getByRole('region', { name: 'Inputs' });
  expect(await form.getByLabel('Tone').count()).toBe(0);
  await form.getByLabel('What about? (required)', { exact: true }).fill('a red kite');
  const picture = await readFile(await makePicture('png'));
  await form
    .locator('input[type=file]')
    .first()
    .setInputFiles({ name: 'kite.png', mimeType: 'image/png', buffer: picture });
  await form.getByRole('img').first().waitFor();
  expect(await guest.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await form.getByRole('button', { name: 'Run', exact: true }).click();
  await untilRun(guest.page, 'COMPLETED');
  await guest.page.getByRole('article', { name: 'The copy' }).getByText('a red kite').waitFor();
  await guest.page.getByRole('article', { name: 'The picture' }).getByRole('img').waitFor();
  const saving = guest.page.waitForEvent('download');
  await guest.page.getByRole('button', { name: 'Download all' }).click();
  expect((await saving).suggestedFilename()).toMatch(/^results-[0-9a-f]{8}\.zip$/);

  // It was good for one run: what that gave is there for a while, and nothing else.
  await guest.page.reload();
  await guest.page.getByRole('heading', { name: 'This link does not work any more' }).waitFor();
  await guest.page.getByRole('article', { name: 'The copy' }).getByText('a red kite').waitFor();
  const other = await stack.openFresh();
  await other.page.goto(address);
  await other.page.getByRole('heading', { name: 'This link does not work any more' }).waitFor();
  await untilCount(other.page.getByRole('article'), 0);

  await page.reload();
  await item.getByText('Used up').waitFor();
  await item.getByRole('button', { name: 'End Kim' }).click();
  await page.getByRole('button', { name: 'End link' }).click();
  await page.getByRole('heading', { name: 'No links yet' }).waitFor();
  await guest.page.reload();
  await guest.page.getByRole('heading', { name: 'This link does not work any more' }).waitFor();
  await untilCount(guest.page.getByRole('article'), 0);
  // What the server has refused the browser tells as well.
  for (const { troubles } of [owner, guest, other]) {
    expect(troubles.filter((trouble) => !trouble.includes('404'))).toEqual([]);
  }
});
