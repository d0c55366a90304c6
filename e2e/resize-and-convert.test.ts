import { expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { makePicture } from '../testing/media.ts';
import {
  dragFromPalette,
  drawEdge,
  dropFile,
  nodeCard,
  openNewWorkflow,
  untilCount,
  untilRun,
  untilSaved,
} from './canvas.ts';
import { testStack } from './stack.ts';

const stack = testStack();

test('an image is resized and converted: found by what it is called, filled in, connected, run, and seen', async () => {
  const { page, troubles } = await stack.open();
  await openNewWorkflow(page);
  const palette = page.getByRole('navigation', { name: 'Nodes' });
  const search = palette.getByRole('searchbox', { name: 'Search nodes' });

  const content = (await readFile(await makePicture('png', 80, 60))).toString('base64');
  await dropFile(page, page.locator('.react-flow__pane'), { name: 'quarters.png', type: 'image/png', base64: content });
  const image = page.locator('.react-flow__node', { has: page.locator('[data-node-type="image"]') });
  await image.waitFor();
  await search.fill('thumbnail');
  await dragFromPalette(page, 'Resize image', { x: 20, y: 60 });
  await search.fill('compress');
  await untilCount(palette.getByRole('button', { name: 'Resize image', exact: true }), 0);
  await dragFromPalette(page, 'Convert image', { x: 660, y: 60 });

  const resize = nodeCard(page, 'Resize image');
  await resize.getByRole('combobox', { name: 'How' }).click();
  await page.getByRole('option', { name: 'Fit and pad' }).click();
  await resize.getByRole('combobox', { name: 'Pad with' }).waitFor();
  await resize.getByLabel('Width', { exact: true }).fill('60');
  await resize.getByLabel('Height', { exact: true }).fill('60');
  const convert = nodeCard(page, 'Convert image');
  await convert.getByRole('combobox', { name: 'Format' }).click();
  await page.getByRole('option', { name: 'AVIF' }).click();
  await page.getByRole('option', { name: 'AVIF' }).waitFor({ state: 'detached' });

  await drawEdge(page, image, resize, 'image');
  await drawEdge(page, resize, convert, 'image');
  await untilCount(page.locator('.react-flow__edge'), 2);
  await untilSaved(page);
  await page.keyboard.press('Control+Enter');
  await untilRun(page, 'COMPLETED');
  const shown = convert.getByRole('img', { name: 'Converted image' });
  await shown.waitFor();

  const assetId = /assets\/([^/]+)/.exec((await shown.getAttribute('src')) ?? '')?.[1];
  const answer = await page.request.get(`${stack.server.url}/api/assets/${assetId}/content`);
  const { width, height, compression } = await sharp(await answer.body()).metadata();
  expect([width, height, compression]).toEqual([60, 60, 'av1']);
  expect(troubles).toEqual([]);
});
