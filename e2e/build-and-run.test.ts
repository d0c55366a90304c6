import { describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import {
  dragFromPalette,
  drawEdge,
  dropFile,
  middleOf,
  nodeCard,
  openNewWorkflow,
  textOf,
  untilCount,
  untilRun,
  untilSaved,
  untilValue,
} from './canvas.ts';
import { holdAnswer } from './hold-answer.ts';
import { eventually } from '../testing/eventually.ts';
import { account } from '../testing/browser-stack.ts';
import { testStack } from './stack.ts';

const stack = testStack();

/** What is filled with the accent color and larger than a dot, by its name. */
function brightThings(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const accent = document.createElement('i');
    accent.style.background = 'var(--accent)';
    document.body.append(accent);
    const color = getComputedStyle(accent).backgroundColor;
    accent.remove();
    return [...document.body.querySelectorAll<HTMLElement>('*')]
      .filter((each) => each.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
      .filter((each) => getComputedStyle(each).backgroundColor === color)
      .filter((each) => each.offsetWidth * each.offsetHeight > 400)
      .map((each) => each.getAttribute('aria-label') ?? each.textContent?.trim() ?? each.className);
  });
}

async function openBlank() {
  const opened = await stack.open();
  await openNewWorkflow(opened.page);
  return opened;
}

test('a new account signs in, presses Run once and sees the starter run to the end', async () => {
  const { page, troubles } = await stack.openFresh();
  await page.goto(`${stack.server.url}/sign-in`);
  await page.getByLabel('Email').fill(account.email);
  await page.getByLabel('Password').fill(account.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(/\/workflows\/\d+/);
  await page.getByRole('button', { name: 'Run', exact: true }).waitFor();
  await page.locator('.node-card').first().waitFor();
  // It and its menu are all that is bright, and there is no more to read than three hints.
  expect(await brightThings(page)).toEqual(['Run', 'More run options']);
  expect(await page.locator('.react-flow__node-note').count()).toBeLessThanOrEqual(3);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await untilRun(page, 'COMPLETED');
  await nodeCard(page, 'Story format').getByRole('img', { name: 'Cropped image' }).waitFor();
  // What the first hint was about is done: it is gone for good, and the next one stays.
  await page.getByText('Welcome! Press Run.').waitFor({ state: 'detached' });
  await page.getByText('Then drag the crop box').waitFor({ state: 'attached' });
  await untilSaved(page);
  await page.reload();
  await nodeCard(page, 'Story format').waitFor();
  expect(await page.getByText('Welcome! Press Run.').count()).toBe(0);
  expect(troubles).toEqual([]);
});

test('a model node that waits for a key turns itself on once there is a model', async () => {
  const id = await stack.server.api.createWorkflow({
    nodes: [
      { id: 'm', type: 'llm', position: { x: 0, y: 0 }, data: { label: 'Caption', off: true, offUntil: 'model' } },
      { id: 'h', type: 'note', position: { x: 0, y: -200 }, data: { text: 'Add a key.', hint: 'model' } },
    ],
    edges: [],
  });
  const { page } = await stack.open({ path: `/workflows/${id}` });
  await nodeCard(page, 'Caption').locator('.node-card:not([data-off])').waitFor();
  await page.getByText('Add a key.').waitFor({ state: 'detached' });
  await page.getByText('The node that was waiting for one is turned on.').first().waitFor();
  await untilSaved(page);
});

test('a graph is built by dragging, run, and streams its text into the node', async () => {
  const { page, troubles } = await openBlank();
  await dragFromPalette(page, 'Text', { x: 220, y: 160 });
  await dragFromPalette(page, 'LLM', { x: 700, y: 160 });
  await nodeCard(page, 'Text').getByLabel('Text', { exact: true }).fill('Write about looms');
  const llm = nodeCard(page, 'LLM');
  await llm.getByRole('combobox', { name: 'Model' }).click();
  await page.getByRole('option', { name: 'Gemini Fake' }).click();
  await drawEdge(page, nodeCard(page, 'Text'), llm, 'user_message');
  await llm.getByText('Write about looms').waitFor();

  const answer = holdAnswer(stack.gemini, ['Threads ', 'cross.'], 1);
  await page.keyboard.press('Control+Enter');
  await llm.locator('[data-streaming]', { hasText: 'Threads' }).waitFor();
  await page.locator('.node-card[data-status="running"]').waitFor();
  answer.release();
  await untilRun(page, 'COMPLETED');
  await llm.getByRole('region', { name: 'Answer' }).getByText('Threads cross.').waitFor();
  expect(stack.gemini.prompts[0]?.prompt?.user).toBe('Write about looms');
  expect(troubles).toEqual([]);
});

describe('an edge that cannot be', () => {
  test('is not made between two types, and says why', async () => {
    const { page } = await openBlank();
    await dragFromPalette(page, 'Text', { x: 220, y: 160 });
    await dragFromPalette(page, 'Crop image', { x: 700, y: 160 });
    await drawEdge(page, nodeCard(page, 'Text'), nodeCard(page, 'Crop image'), 'image_url');
    await page.getByText('takes an image, not text').first().waitFor();
    await untilCount(page.locator('.react-flow__edge'), 0);
  });

  test('is not made into a loop', async () => {
    const { page } = await openBlank();
    await dragFromPalette(page, 'Delay', { x: 220, y: 160 });
    await nodeCard(page, 'Delay').waitFor();
    await page.keyboard.press('Control+d');
    await page.keyboard.press('Escape');
    const [first, second] = [page.locator('.react-flow__node').nth(0), page.locator('.react-flow__node').nth(1)];
    // The copy lies on its original: pull it away.
    const from = await middleOf(second.locator('.font-semibold'));
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move(from.x + 460, from.y + 60, { steps: 6 });
    await page.mouse.up();
    await drawEdge(page, first, second, 'input');
    await page.locator('.react-flow__edge').waitFor();
    await drawEdge(page, second, first, 'input');
    await page.getByText('That would create a cycle').first().waitFor();
    await untilCount(page.locator('.react-flow__edge'), 1);
  });
});

test('a dropped picture is uploaded, cropped by dragging, and the result shown', async () => {
  const { page, troubles } = await openBlank();
  const picture = await sharp({ create: { width: 400, height: 300, channels: 3, background: '#2277aa' } })
    .png()
    .toBuffer();
  await dropFile(page, page.locator('.react-flow__pane'), {
    name: 'blue.png',
    type: 'image/png',
    base64: picture.toString('base64'),
  });
  const image = nodeCard(page, 'blue');
  await image.getByRole('img', { name: 'blue.png' }).waitFor();
  await dragFromPalette(page, 'Crop image', { x: 640, y: 120 });
  const crop = nodeCard(page, 'Crop image');
  await drawEdge(page, image, crop, 'image_url');
  await crop.getByRole('img', { name: 'Image to crop' }).evaluate((image: HTMLImageElement) => image.decode());
  const grip = await middleOf(crop.locator('[data-grip="bottom right"]'));
  await page.mouse.move(grip.x, grip.y);
  await page.mouse.down();
  await page.mouse.move(grip.x - 80, grip.y - 60, { steps: 6 });
  await page.mouse.up();
  await eventually(async () => Number(await crop.getByLabel('Width in percent').inputValue()) < 90);
  await untilSaved(page);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await untilRun(page, 'COMPLETED');
  await crop.getByRole('img', { name: 'Cropped image' }).waitFor();
  expect(troubles).toEqual([]);
});

test('a dangling edge offers the node types that fit, and continues with the chosen one', async () => {
  const { page } = await openBlank();
  await dragFromPalette(page, 'Image', { x: 220, y: 160 });
  const from = await middleOf(nodeCard(page, 'Image').locator('.react-flow__handle.source[data-handleid="output"]'));
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(from.x + 300, from.y + 40, { steps: 5 });
  await page.mouse.up();
  const menu = page.getByRole('dialog', { name: 'Add a node' });
  await eventually(async () => {
    const texts = await menu.getByRole('option').allInnerTexts();
    const names = texts.map((text) => text.split('\n')[0]);
    expect(names).toEqual(expect.arrayContaining(['LLM', 'Crop image', 'Delay']));
    // These take no image.
    expect(names).not.toEqual(expect.arrayContaining(['Extract frame']));
    expect(names).not.toEqual(expect.arrayContaining(['Join text']));
  });
  await menu.getByRole('combobox').fill('crop');
  await page.keyboard.press('Enter');
  await page.locator('.react-flow__edge').waitFor();
});

test('undo and redo take steps by name, and nodes can be pasted into another workflow', async () => {
  const { page, context } = await openBlank();
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await dragFromPalette(page, 'Text', { x: 220, y: 160 });
  await nodeCard(page, 'Text').getByLabel('Text', { exact: true }).fill('carry me over');
  await page.locator('.react-flow__pane').click({ position: { x: 20, y: 500 } });
  await page.keyboard.press('Control+z');
  await untilValue(textOf(page, 'Text'), '');
  await page.getByRole('button', { name: 'Redo edit Text' }).click();
  await page.locator('.react-flow__pane').click({ position: { x: 20, y: 500 } });
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Control+c');
  await untilSaved(page);
  await page.goto(stack.server.url);
  await openNewWorkflow(page);
  await page.keyboard.press('Control+v');
  await untilValue(textOf(page, 'Text'), 'carry me over');
  await page.keyboard.press('Delete');
  await page.getByText('This canvas is empty').waitFor();
});
