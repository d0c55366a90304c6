import { expect, test } from '@jest/globals';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { eventually } from '../testing/eventually.ts';
import { nodeCard, untilRun } from './canvas.ts';
import { testStack } from './stack.ts';

/* The box is drawn on the picture that is cut: not on one that the browser turns or cuts in its own way. */

const stack = testStack();

const fixtures = path.resolve('media', 'fixtures');

/** So many places across and down a picture. */
const places = 4;

/** The size of a picture as it is drawn, and its colors at the middle of each place. */
async function look(image: Locator): Promise<{ ratio: number; colors: number[] }> {
  return image.evaluate(async (element: HTMLImageElement, side) => {
    await element.decode();
    const { naturalWidth: width, naturalHeight: height } = element;
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [width, height];
    const context = canvas.getContext('2d')!;
    context.drawImage(element, 0, 0);
    const at = (place: number, length: number) => Math.floor(((place + 0.5) / side) * length);
    const all = Array.from({ length: side * side }, (_, index) => [
      ...context.getImageData(at(index % side, width), at(Math.floor(index / side), height), 1, 1).data.slice(0, 3),
    ]);
    return { ratio: width / height, colors: all.flat() };
  }, places);
}

const farthest = (a: readonly number[], b: readonly number[]) =>
  Math.max(...a.map((value, index) => Math.abs(value - (b[index] ?? 0))));

test.each([
  ['webp-exif-6', 'webp-exif-6.webp', 120 / 160],
  ['avif-clap', 'avif-clap.avif', 80 / 60],
])('%s: the stage of a crop shows the picture that is cut', async (_case, file, ratio) => {
  const { url } = await stack.server.api.upload(path.join(fixtures, file));
  const id = await stack.server.api.createWorkflow({
    nodes: [
      { id: 'photo', type: 'image', position: { x: 0, y: 0 }, data: { label: 'Photo', file: { url } } },
      { id: 'crop', type: 'cropImage', position: { x: 400, y: 0 }, data: { label: 'Cut' } },
    ],
    edges: [{ id: 'e', source: 'photo', sourceHandle: 'output', target: 'crop', targetHandle: 'image_url' }],
  });
  const { page } = await stack.open({ path: `/workflows/${id}` });
  const stage = await look(nodeCard(page, 'Cut').getByRole('img', { name: 'Image to crop' }));
  expect(stage.ratio).toBeCloseTo(ratio, 2);

  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await untilRun(page, 'COMPLETED');
  const result = nodeCard(page, 'Cut').getByRole('img', { name: 'Cropped image' });
  await result.waitFor();
  // A cut of everything: the same places have the same colors, but for what compression does to them.
  await eventually(async () => {
    const cut = await look(result);
    expect(cut.ratio).toBeCloseTo(stage.ratio, 2);
    expect(farthest(cut.colors, stage.colors)).toBeLessThan(24);
  });
});
