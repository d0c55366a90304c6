import { expect, test } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { eventually } from '../testing/eventually.ts';
import { mediaPath } from '../testing/media.ts';
import { writePng } from '../testing/pixels.ts';
import { middleOf, nodeCard, untilRun, untilSaved } from './canvas.ts';
import { testStack } from './stack.ts';

/* Layers are placed on the base by dragging and by keys, and lie there in the picture that comes out. */

const stack = testStack();

/** Left, top, right and bottom of all that is red in an image, in percent of it. */
async function redBox(image: Locator): Promise<number[]> {
  return image.evaluate(async (element: HTMLImageElement) => {
    await element.decode();
    const { naturalWidth: width, naturalHeight: height } = element;
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [width, height];
    const context = canvas.getContext('2d')!;
    context.drawImage(element, 0, 0);
    const { data } = context.getImageData(0, 0, width, height);
    const box = [width, height, 0, 0];
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        const at = (y * width + x) * 4;
        if (data[at]! < 200 || data[at + 1]! > 80) continue;
        box[0] = Math.min(box[0]!, x);
        box[1] = Math.min(box[1]!, y);
        box[2] = Math.max(box[2]!, x + 1);
        box[3] = Math.max(box[3]!, y + 1);
      }
    }
    return [box[0]! / width, box[1]! / height, box[2]! / width, box[3]! / height].map((share) =>
      Math.round(share * 100),
    );
  });
}

/** Where an element is once it has come to rest: the canvas may still be on its way to it. */
async function restingBox(element: Locator): Promise<{ width: number; height: number }> {
  let last = JSON.stringify(await element.boundingBox());
  await eventually(async () => {
    const now = JSON.stringify(await element.boundingBox());
    const isSame = now === last;
    last = now;
    expect(isSame).toBe(true);
  });
  return JSON.parse(last) as { width: number; height: number };
}

async function drag(page: Page, from: Locator, dx: number, dy: number): Promise<void> {
  // Choosing a node opens the inspector beside the canvas.
  await restingBox(from);
  const { x, y } = await middleOf(from);
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + dx / 2, y + dy / 2, { steps: 3 });
  await page.mouse.move(x + dx, y + dy, { steps: 3 });
  await page.mouse.up();
}

test('a layer is moved, resized and turned on its base, and comes out so', async () => {
  const base = await stack.server.api.upload(await writePng(mediaPath('base.png'), 400, 200, () => [90, 90, 90]));
  const red = await stack.server.api.upload(await writePng(mediaPath('red.png'), 100, 50, () => [230, 20, 20]));
  const image = (id: string, url: string, y: number) => ({
    id,
    type: 'image',
    position: { x: 0, y },
    data: { label: id, file: { url } },
  });
  const edge = (source: string, targetHandle: string) => ({
    id: source,
    source,
    sourceHandle: 'output',
    target: 'compose',
    targetHandle,
  });
  const layers = [{ id: 'layer_a', name: 'Badge', width: 20 }];
  const id = await stack.server.api.createWorkflow({
    nodes: [
      image('base', base.url, 0),
      image('red', red.url, 400),
      { id: 'compose', type: 'composeImages', position: { x: 400, y: 0 }, data: { label: 'Layers', layers } },
    ],
    edges: [edge('base', 'base'), edge('red', 'layer_a')],
  });
  const { page, troubles } = await stack.open({ path: `/workflows/${id}` });
  const card = nodeCard(page, 'Layers');
  const stageImage = card.getByRole('img', { name: 'Base' });
  await stageImage.evaluate((element: HTMLImageElement) => element.decode());
  const layer = card.getByRole('group', { name: /^Badge: left 40 %, top 40 %, width 20 %/ });
  await layer.waitFor();
  const stage = await restingBox(stageImage);
  await drag(page, layer, stage.width * 0.2, stage.height * 0.2);
  await card.getByRole('group', { name: /^Badge: left 60 %, top 60 %, width 20 %/ }).waitFor();
  await drag(page, card.locator('[data-grip="resize"]'), -stage.width * 0.1, 0);
  const small = card.getByRole('group', { name: /^Badge: left 60 %, top 60 %, width 10 %/ });
  await small.focus();
  for (const key of ['ArrowLeft', 'ArrowUp', 'ArrowUp', 'Shift+ArrowRight']) await page.keyboard.press(key);
  await card.getByRole('group', { name: /^Badge: left 59 %, top 58 %, width 11 %/ }).waitFor();
  await untilSaved(page);

  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await untilRun(page, 'COMPLETED');
  const result = card.getByRole('img', { name: 'Composed image' });
  await result.waitFor();
  await eventually(async () => {
    const box = await redBox(result);
    [59, 58, 70, 69].forEach((side, index) => expect(Math.abs(box[index]! - side)).toBeLessThanOrEqual(1));
  });

  const turn = card.locator('[data-grip="turn"]');
  const middle = await middleOf(card.getByRole('group', { name: /^Badge/ }));
  const grip = await middleOf(turn);
  // To the right of the middle.
  await drag(page, turn, middle.x + 40 - grip.x, middle.y - grip.y);
  await card.getByRole('group', { name: /turned by 90°/ }).waitFor();
  await card.getByRole('group', { name: /^Badge/ }).focus();
  for (const key of ['Control+ArrowRight', 'Control+ArrowRight', 'Control+ArrowLeft']) await page.keyboard.press(key);
  await card.getByRole('group', { name: /turned by 91°/ }).waitFor();
  expect(troubles).toEqual([]);
});

test('a layer that is added has an input of its own, and one for its mask', async () => {
  const data = { label: 'Layers', layers: [{ id: 'layer_a' }] };
  const id = await stack.server.api.createWorkflow({
    nodes: [{ id: 'compose', type: 'composeImages', position: { x: 0, y: 0 }, data }],
    edges: [],
  });
  const { page } = await stack.open({ path: `/workflows/${id}` });
  const card = nodeCard(page, 'Layers');
  await card.getByRole('button', { name: 'Add a layer' }).focus();
  await page.keyboard.press('Enter');
  await card.locator('[data-handleid="layer_b"]').waitFor();
  await card.locator('.font-semibold').first().click();
  const inspector = page.getByRole('complementary', { name: 'Inspector' });
  await inspector.getByRole('radio', { name: 'Layer 2' }).click();
  await inspector.getByRole('combobox', { name: 'Mask' }).click();
  await page.getByRole('option', { name: 'Brightness of an image' }).click();
  await card.locator('[data-handleid="layer_b_mask"]').waitFor();
  await card.getByRole('button', { name: 'Remove the layer' }).click();
});
