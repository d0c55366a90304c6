import { readFile } from 'node:fs/promises';
import { beforeEach, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { makeCountingClip, makePicture } from '../testing/media.ts';
import { dropFile, middleOf, nodeCard, untilCount, untilRun } from './canvas.ts';
import { testStack } from './stack.ts';
import { readZip } from './zip.ts';

/*
 * Five everyday jobs, from the list of workflows to what one came for, by the shortest way that the page shows. A step is
 * whatever a hand does at once: a click, a key, a drag, a drop, a line typed.
 */

const stack = testStack();

let steps: string[] = [];
beforeEach(() => {
  steps = [];
  stack.gemini.standing({ kind: 'answer', chunks: ['Steel, a steady grip, ', 'twelve hours.'] });
});

async function step<T>(what: string, act: () => Promise<T>): Promise<T> {
  steps.push(what);
  return act();
}

const strip = (page: Page) => page.getByRole('region', { name: 'Results', exact: true });
const click = (page: Page, name: string) =>
  step(name, () => page.getByRole('button', { name, exact: true }).first().click());

async function useTemplate(page: Page, title: string): Promise<void> {
  await step('Templates', () => page.getByRole('link', { name: 'Templates' }).first().click());
  await click(page, `Use ${title}`);
  await page.waitForURL(/\/workflows\/\d+/);
  await page.locator('.node-card').first().waitFor();
}

test('five crops of a photo are downloaded in 6 steps (7 at most; 12 before)', async () => {
  const { page } = await stack.open();
  await useTemplate(page, 'Social media crops');
  const base64 = (await readFile(await makePicture('jpeg', 1_500, 1_000))).toString('base64');
  await step('drop the photo', () =>
    dropFile(page, nodeCard(page, 'Photo').locator('img').first(), { name: 'cup.jpg', type: 'image/jpeg', base64 }),
  );
  await nodeCard(page, 'Photo').getByRole('img', { name: 'cup.jpg' }).waitFor();
  await click(page, 'Run');
  await step('Run with it', () => page.getByRole('dialog').getByRole('button', { name: 'Run', exact: true }).click());
  await untilRun(page, 'COMPLETED');
  const [download] = await Promise.all([page.waitForEvent('download'), click(page, 'Download outputs')]);
  const files = [...readZip(await readFile(await download.path()))];
  // The photo, each crop once, and what all of it is.
  expect(files).toHaveLength(7);
  const crops = ['cup-feed', 'cup-story', 'cup-video', 'cup-banner', 'cup-portrait'].map(async (name) => {
    const { width, height } = await sharp(files.find(([file]) => file.startsWith(name))?.[1]).metadata();
    return width / height;
  });
  const shapes = [1, 9 / 16, 16 / 9, 3, 4 / 5].map((shape) => expect.closeTo(shape, 2) as unknown);
  expect(await Promise.all(crops)).toEqual(shapes);
  expect(steps).toEqual([
    'Templates',
    'Use Social media crops',
    'drop the photo',
    'Run',
    'Run with it',
    'Download outputs',
  ]);
});

test('three prompts are compared in 6 steps (6 at most)', async () => {
  const { page } = await stack.open();
  await useTemplate(page, 'Prompts side by side');
  await click(page, 'Run');
  await untilRun(page, 'COMPLETED');
  const tiles = strip(page).locator('[data-result]');
  await untilCount(tiles, 4);
  await step('select the first', () => tiles.nth(0).click({ modifiers: ['Control'] }));
  await step('select up to the third', () => tiles.nth(2).click({ modifiers: ['Shift'] }));
  await click(page, 'Compare');
  const compared = page.getByRole('dialog');
  for (const prompt of ['Answer in three plain sentences.', 'Answer with a story', 'Answer with a list']) {
    await compared.getByText(prompt).first().waitFor();
  }
  expect(steps).toEqual([
    'Templates',
    'Use Prompts side by side',
    'Run',
    'select the first',
    'select up to the third',
    'Compare',
  ]);
});

test('a still of a film is on the disk in 6 steps', async () => {
  const { page } = await stack.open();
  await click(page, 'New workflow');
  await page.locator('.react-flow__pane').waitFor();
  const base64 = (await readFile(await makeCountingClip())).toString('base64');
  await step('drop the film', () =>
    dropFile(page, page.locator('.react-flow__pane'), { name: 'turn.mp4', type: 'video/mp4', base64 }),
  );
  const film = page.locator('.node-card video');
  await film.waitFor();
  await step('drag from its handle', async () => {
    const from = await middleOf(page.locator('.react-flow__handle.source[data-handleid="output"]').first());
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move(from.x + 120, from.y + 40, { steps: 4 });
    await page.mouse.up();
  });
  await step('Extract frame', () => page.getByRole('option', { name: /^Extract frame(?!s)/ }).click());
  await untilCount(page.locator('.node-card'), 2);
  await click(page, 'Run');
  await untilRun(page, 'COMPLETED');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    step('download', () =>
      strip(page)
        .getByRole('button', { name: /^Download .*frame/i })
        .first()
        .click(),
    ),
  ]);
  expect(download.suggestedFilename()).toMatch(/\.(png|jpg|webp)$/);
  expect(steps).toEqual(['New workflow', 'drop the film', 'drag from its handle', 'Extract frame', 'Run', 'download']);
});

test('the best of four answers is kept in 4 steps', async () => {
  const id = await stack.server.api.createWorkflow({
    nodes: [
      {
        id: 'writer',
        type: 'llm',
        position: { x: 0, y: 0 },
        data: { label: 'Writer', model: 'gemini-fake', userMessage: 'Write a line about a cup.' },
      },
    ],
    edges: [],
  });
  const { page } = await stack.open({ path: `/workflows/${id}` });
  await step('select the node', () => nodeCard(page, 'Writer').click({ position: { x: 60, y: 16 } }));
  await step('V', () => page.keyboard.press('v'));
  await click(page, 'Try 4 variants');
  await page.getByRole('dialog').getByText('4 of 4 done').waitFor();
  await click(page, 'Keep variant 2');
  await nodeCard(page, 'Writer').getByText('Steel, a steady grip, twelve hours.').waitFor();
  expect(steps).toEqual(['select the node', 'V', 'Try 4 variants', 'Keep variant 2']);
});

test('on a phone, a workflow is run and its result is opened, to be shared, in 3 steps', async () => {
  const { url } = await stack.server.api.upload(await makePicture('png', 400, 300));
  const id = await stack.server.api.createWorkflow({
    nodes: [
      { id: 'photo', type: 'image', position: { x: 0, y: 0 }, data: { label: 'Photo', file: { url } } },
      { id: 'cut', type: 'cropImage', position: { x: 340, y: 0 }, data: { label: 'Cut', width_percent: 50 } },
    ],
    edges: [{ id: 'e', source: 'photo', target: 'cut' }],
  });
  const { page } = await stack.open({ width: 390, height: 844, path: '/' });
  await step('open it', () => page.locator(`a[href$="/workflows/${id}"]`).first().click());
  await click(page, 'Run');
  await untilRun(page, 'COMPLETED');
  await step('open the result', () => page.getByRole('button', { name: 'Open Cut' }).click());
  await page.getByRole('dialog').getByRole('button', { name: 'Download' }).waitFor();
  expect(steps).toEqual(['open it', 'Run', 'open the result']);
});
