import { expect, test } from '@jest/globals';
import { makeCountingClip, makePicture } from '../testing/media.ts';
import type { Locator, Page } from 'playwright-core';
import {
  dragFromPalette,
  drawEdge,
  middleOf,
  nodeCard,
  openNewWorkflow,
  untilCount,
  untilRun,
  untilSaved,
} from './canvas.ts';
import { testStack } from './stack.ts';

const stack = testStack();

/** Drags a type to a place, gives the node a name by the keyboard, and returns it. */
async function place(page: Page, type: string, name: string, at: { x: number; y: number }): Promise<Locator> {
  await dragFromPalette(page, type, at);
  await page.keyboard.press('F2');
  await page.getByRole('textbox', { name: 'Name of the node' }).fill(name);
  await page.keyboard.press('Enter');
  const node = nodeCard(page, name);
  await node.waitFor();
  return node;
}

async function choose(page: Page, node: Locator, button: string, file: string): Promise<void> {
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), node.getByText(button).click()]);
  await chooser.setFiles(file);
}

test('the product marketing kit is built on a blank canvas by mouse and keyboard, and runs', async () => {
  const { page, troubles, context } = await stack.open({ width: 1_720, height: 1_080 });
  await openNewWorkflow(page);
  // Room for nine nodes; the inspector would cover some of it.
  for (let step = 0; step < 3; step += 1) await page.keyboard.press('-');
  await page.keyboard.press(']');

  const photo = await place(page, 'Image', 'Product photo', { x: 160, y: 60 });
  await choose(page, photo, 'Drop an image or browse', await makePicture('jpeg'));
  await photo.locator('img').waitFor();
  const crop = await place(page, 'Crop image', 'Close-up', { x: 420, y: 60 });
  const role = await place(page, 'Text', 'Role', { x: 160, y: 330 });
  await role.getByLabel('Text', { exact: true }).fill('You write product copy.');
  const brief = await place(page, 'Text', 'Brief', { x: 160, y: 470 });
  await brief.getByLabel('Text', { exact: true }).fill('Describe the product.');
  const describe = await place(page, 'LLM', 'Description', { x: 700, y: 180 });
  const clip = await place(page, 'Video', 'Product video', { x: 160, y: 640 });
  await choose(page, clip, 'Drop a video or browse', await makeCountingClip());
  await clip.locator('video').waitFor();
  const frame = await place(page, 'Extract frame', 'Key frame', { x: 420, y: 640 });
  const postRole = await place(page, 'Text', 'Social role', { x: 700, y: 620 });
  await postRole.getByLabel('Text', { exact: true }).fill('You write short posts.');
  const post = await place(page, 'LLM', 'Announcement', { x: 1_000, y: 400 });
  for (const model of [describe, post]) {
    await model.getByRole('combobox', { name: 'Model' }).click();
    const option = page.getByRole('option', { name: 'Gemini Fake' });
    await option.click();
    // The list fades out; the next one must be the only one.
    await option.waitFor({ state: 'detached' });
  }

  await page.locator('.react-flow__pane').click({ position: { x: 1_200, y: 900 } });
  const edges: [Locator, Locator, string][] = [
    [photo, crop, 'image_url'],
    [role, describe, 'system_prompt'],
    [brief, describe, 'user_message'],
    [crop, describe, 'images'],
    [clip, frame, 'video_url'],
    [postRole, post, 'system_prompt'],
    [describe, post, 'user_message'],
    [crop, post, 'images'],
    [frame, post, 'images'],
  ];
  for (const [index, [source, target, handle]] of edges.entries()) {
    await drawEdge(page, source, target, handle);
    await page.locator('.react-flow__edge').nth(index).waitFor({ state: 'attached' });
  }

  // The crop is drawn on the real picture.
  await crop.getByRole('img', { name: 'Image to crop' }).evaluate((image: HTMLImageElement) => image.decode());
  const grip = await middleOf(crop.locator('[data-grip="bottom right"]'));
  await page.mouse.move(grip.x, grip.y);
  await page.mouse.down();
  await page.mouse.move(grip.x - 40, grip.y - 30, { steps: 5 });
  await page.mouse.up();
  await frame.getByLabel('Timestamp').fill('50%');

  await untilSaved(page);
  await page.keyboard.press('Control+Enter');
  await untilRun(page, 'COMPLETED');
  await untilCount(page.locator('.node-card[data-status="completed"]'), 9);
  await post.getByRole('region', { name: 'Answer' }).waitFor();
  const asked = stack.gemini.prompts.map(({ prompt }) => ({ system: prompt?.system, images: prompt?.images.length }));
  expect(asked).toContainEqual({ system: 'You write product copy.', images: 1 });
  expect(asked).toContainEqual({ system: 'You write short posts.', images: 2 });
  expect(troubles).toEqual([]);
  await context.close();
});
