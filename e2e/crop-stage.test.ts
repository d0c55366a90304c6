import { expect, test } from '@jest/globals';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import type { Graph } from '../core/graph/graph.ts';
import { eventually } from '../testing/eventually.ts';
import { makePicture } from '../testing/media.ts';
import { middleOf, nodeCard, untilRun, untilSaved } from './canvas.ts';
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

test('a crop takes on a ratio and keeps it, by the pointer, the keyboard and in numbers, and its box is given to the others', async () => {
  const { url } = await stack.server.api.upload(await makePicture('png', 800, 400));
  const crops = ['crop', 'second', 'third'];
  const id = await stack.server.api.createWorkflow({
    nodes: [
      { id: 'photo', type: 'image', position: { x: 0, y: 0 }, data: { label: 'Photo', file: { url } } },
      ...crops.map((name, index) => ({
        id: name,
        type: 'cropImage',
        position: { x: 400 + index * 340, y: 0 },
        data: { label: `Cut ${name}` },
      })),
    ],
    edges: crops.map((target) => ({ id: target, source: 'photo', target, targetHandle: 'image_url' })),
  });
  const { page } = await stack.open({ path: `/workflows/${id}` });
  const node = nodeCard(page, 'Cut crop');
  const box = node.getByRole('group', { name: /^Crop box/ });
  const stored = async (name = 'crop') => {
    const { body } = await stack.server.api.request('GET', `/api/workflows/${id}`);
    return (body as { data: Graph }).data.nodes.find((one) => one.id === name)!.data as Record<string, number>;
  };
  const heightOf = () => node.evaluate((element) => (element as HTMLElement).offsetHeight);
  await box.waitFor();
  const height = await heightOf();
  await node.getByRole('button', { name: '1:1', exact: true }).click();
  await node.getByRole('group', { name: /left 25 %, top 0 %, width 50 %, height 100 %/ }).waitFor();
  // The side on the left, pulled inwards: the square becomes smaller, around the middle of its height.
  const grip = await middleOf(box.locator('[data-grip="left"]'));
  await page.mouse.move(grip.x, grip.y);
  await page.mouse.down();
  await page.mouse.move(grip.x + 30, grip.y, { steps: 4 });
  await page.mouse.up();
  await untilSaved(page);
  const smaller = await stored();
  expect(smaller['width_percent']).toBeLessThan(50);
  expect(Math.abs(smaller['height_percent']! - smaller['width_percent']! * 2)).toBeLessThan(0.3);
  expect(smaller['y_percent']).toBeGreaterThan(0);
  await box.focus();
  // Where the eye goes first is shown while one is at it.
  await eventually(async () =>
    expect(await box.locator('.thirds').evaluate((lines) => getComputedStyle(lines).opacity)).toBe('1'),
  );
  await page.keyboard.press('Shift+ArrowRight');
  await eventually(async () => {
    const { width_percent: width, height_percent: high } = await stored();
    expect(width).toBeGreaterThan(smaller['width_percent']!);
    expect(Math.abs(high! - width! * 2)).toBeLessThan(0.3);
  });
  await node.getByLabel('Width in percent').fill('20');
  await page.keyboard.press('Tab');
  await eventually(async () => expect(await stored()).toMatchObject({ width_percent: 20, height_percent: 40 }));

  // The same beside the node, with what it is in pixels; all others take it over in one step.
  await node.click({ position: { x: 60, y: 16 } });
  await page.keyboard.press('i');
  const inspector = page.getByRole('complementary', { name: 'Inspector' });
  await inspector.getByText('160 × 160 pixels').waitFor();
  expect(await inspector.getByRole('button', { name: '1:1', exact: true }).getAttribute('aria-pressed')).toBe('true');
  await inspector.getByRole('button', { name: 'Same box in 2 other crops' }).click();
  await eventually(async () => expect(await stored('third')).toMatchObject({ width_percent: 20, height_percent: 40 }));
  await page.getByRole('button', { name: 'Undo same box in all crops' }).click();
  await eventually(async () => expect((await stored('third'))['width_percent']).not.toBe(20));
  expect(await heightOf()).toBe(height);

  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await untilRun(page, 'COMPLETED');
  const result = node.getByRole('img', { name: 'Cropped image' });
  await result.waitFor();
  await eventually(async () => expect((await look(result)).ratio).toBe(1));
});
