import { expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import type { Graph } from '../core/graph/graph.ts';
import { eventually } from '../testing/eventually.ts';
import { makeCountingClip, makePicture, makeSound } from '../testing/media.ts';
import { middleOf, nodeCard, untilCount, untilRun, untilSaved } from './canvas.ts';
import { testStack } from './stack.ts';
import { readZip } from './zip.ts';

/* The results of a run, under the canvas and in large. */

const stack = testStack();

const at = (x: number, y = 0) => ({ x, y });
const edge = (source: string, target: string, targetHandle: string) => ({
  id: `${source} ${target}`,
  source,
  sourceHandle: 'output',
  target,
  targetHandle,
});

/** A photo and two cuts of it, a clip and a sound, and a model that writes. */
async function mixedGraph(): Promise<Graph> {
  const { url } = await stack.server.api.upload(await makePicture('png', 1_600, 1_200));
  const { url: clip } = await stack.server.api.upload(await makeCountingClip());
  const { url: sound } = await stack.server.api.upload(await makeSound('mp3'));
  return {
    nodes: [
      {
        id: 'photo',
        type: 'image',
        position: at(0),
        data: { label: 'Photo', file: { url, name: 'photo.png', type: 'image/png' } },
      },
      { id: 'left', type: 'cropImage', position: at(340), data: { label: 'Left cut', width_percent: 50 } },
      {
        id: 'small',
        type: 'cropImage',
        position: at(680),
        data: { label: 'Small cut', width_percent: 20, height_percent: 20 },
      },
      { id: 'clip', type: 'video', position: at(0, 700), data: { label: 'Clip', file: { url: clip } } },
      { id: 'sound', type: 'audio', position: at(340, 700), data: { label: 'Sound', file: { url: sound } } },
      {
        id: 'model',
        type: 'llm',
        position: at(680, 700),
        data: { label: 'Writer', model: 'gemini-fake', userMessage: 'Write.' },
      },
    ],
    edges: [edge('photo', 'left', 'image_url'), edge('photo', 'small', 'image_url')],
  };
}

async function openRun(graph: Graph): Promise<Page> {
  const id = await stack.server.api.createWorkflow(graph);
  const { page } = await stack.open({ path: `/workflows/${id}` });
  await untilCount(page.locator('.node-card'), graph.nodes.length);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await untilRun(page, 'COMPLETED');
  return page;
}

const strip = (page: Page) => page.getByRole('region', { name: 'Results', exact: true });
const tile = (page: Page, name: string) => strip(page).getByRole('button', { name: `Open ${name}`, exact: true });
const lightbox = (page: Page) => page.getByRole('dialog');

async function openMixed(): Promise<Page> {
  stack.gemini.standing({ kind: 'answer', chunks: ['Two cuts, ', 'one photo.'] });
  const page = await openRun(await mixedGraph());
  await untilCount(strip(page).locator('[data-result]'), 6);
  return page;
}

test('all results of a run stand in a strip below the canvas, what people put in last, and cover nothing', async () => {
  const page = await openMixed();
  const names = await strip(page)
    .locator('[data-result]')
    .evaluateAll((tiles) => tiles.map((each) => each.getAttribute('title')));
  expect(names.slice(0, 3).toSorted()).toEqual(['Left cut', 'Small cut', 'Writer']);
  expect(names.slice(3).toSorted()).toEqual(['Clip', 'Photo', 'Sound']);
  await strip(page).getByText('Two cuts, one photo.').waitFor();

  const box = (await strip(page).boundingBox())!;
  const canvas = (await page.locator('.react-flow').boundingBox())!;
  expect(Math.round(canvas.y + canvas.height)).toBeLessThanOrEqual(Math.round(box.y));
  expect(box.y + box.height).toBeLessThanOrEqual(900);
  // All nodes have room in what is left of the canvas.
  await page.keyboard.press('f');
  await eventually(async () => {
    for (const card of await page.locator('.node-card').all()) {
      const { y, height } = (await card.boundingBox())!;
      expect(y + height).toBeLessThan(box.y);
    }
  });
  // Nothing of a tile is cut off by the strip or lies over another one.
  const tiles = await strip(page)
    .locator('.result-tile')
    .evaluateAll((all) => all.map((each) => each.getBoundingClientRect().toJSON() as DOMRect));
  for (const [index, one] of tiles.entries()) {
    expect(one.bottom).toBeLessThanOrEqual(box.y + box.height);
    for (const other of tiles.slice(index + 1)) expect(one.right <= other.left || other.right <= one.left).toBe(true);
  }

  // One kind alone, and back.
  await strip(page).getByRole('button', { name: 'Images only, 3' }).click();
  await untilCount(strip(page).locator('[data-result]'), 3);
  await strip(page).getByRole('button', { name: 'Images only, 3' }).click();
  await untilCount(strip(page).locator('[data-result]'), 6);

  // The strip is hidden for good, until it is wanted again.
  await strip(page).getByRole('button', { name: 'Hide results' }).click();
  await untilCount(strip(page).locator('[data-result]'), 0);
  await page.reload();
  await page.getByRole('button', { name: 'Show results' }).click();
  await untilCount(strip(page).locator('[data-result]'), 6);
});

test('a click opens a result in large: arrow keys lead on, it zooms to its pixels, and it says how it was made', async () => {
  const page = await openMixed();
  // While its file is on the way, what the tile has is seen, and nothing lies over it.
  let release = () => {};
  const isReleased = new Promise<void>((resolve) => (release = resolve));
  await page.route('**/api/assets/*/content**', (route) => isReleased.then(() => route.continue()));
  await tile(page, 'Left cut').click();
  const preview = lightbox(page).locator('[data-preview]');
  await preview.evaluate((image: HTMLImageElement) => image.decode());
  const isOnTop = (image: HTMLElement) => {
    const { x, y, width, height } = image.getBoundingClientRect();
    return document.elementFromPoint(x + width / 2, y + height / 2) === image;
  };
  expect(await preview.evaluate(isOnTop)).toBe(true);
  release();
  await preview.waitFor({ state: 'detached' });
  expect(await lightbox(page).getByRole('img', { name: 'Left cut' }).evaluate(isOnTop)).toBe(true);
  await page.unroute('**/api/assets/*/content**');
  await page.keyboard.press('Escape');
  await lightbox(page).waitFor({ state: 'detached' });

  await tile(page, 'Photo').click();
  const title = lightbox(page).getByRole('heading');
  await eventually(async () => expect(await title.textContent()).toBe('Photo'));
  const area = lightbox(page).locator('.zoom-area');
  const scale = async () => Number(await area.getAttribute('data-scale'));
  // Whole at first; then one of its pixels is one of the screen, and back.
  await eventually(async () => expect(await scale()).toBeLessThan(0.8));
  await page.keyboard.press('1');
  await eventually(async () => expect(await scale()).toBe(1));
  await page.keyboard.press('+');
  await eventually(async () => expect(await scale()).toBe(1.5));
  await page.keyboard.press('0');
  await eventually(async () => expect(await scale()).toBeLessThan(0.8));
  // To where the pointer is: that point of the picture stays under it.
  const whole = (await area.locator('img').last().boundingBox())!;
  const [x, y] = [whole.x + whole.width / 4, whole.y + whole.height / 4];
  await page.mouse.dblclick(x, y);
  await eventually(async () => {
    expect(await scale()).toBe(1);
    const now = (await area.locator('img').last().boundingBox())!;
    expect(Math.abs(now.x + now.width / 4 - x)).toBeLessThan(2);
    expect(Math.abs(now.y + now.height / 4 - y)).toBeLessThan(2);
  });

  // From each to the next, to the end and no further.
  await page.keyboard.press('Home');
  const seen: (string | null)[] = [];
  for (let step = 0; step < 7; step += 1) {
    await lightbox(page)
      .getByText(`${Math.min(6, step + 1)} of 6`)
      .waitFor();
    seen.push(await title.textContent());
    await page.keyboard.press('ArrowRight');
  }
  expect(new Set(seen).size).toBe(6);
  expect(seen[6]).toBe(seen[5]);

  await page.keyboard.press('Escape');
  await lightbox(page).waitFor({ state: 'detached' });
  await tile(page, 'Writer').click();
  const made = lightbox(page).getByRole('complementary', { name: 'How it was made' });
  await made.getByText('gemini-fake').waitFor();
  await made.getByText('Write.').waitFor();
  await made.getByText('Tokens').waitFor();
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('d')]);
  expect(download.suggestedFilename()).toBe('Writer.txt');
  expect(await readFile(await download.path(), 'utf8')).toBe('Two cuts, one photo.');
});

test('a film plays in large', async () => {
  const page = await openMixed();
  await tile(page, 'Clip').click();
  const player = lightbox(page).locator('video');
  await eventually(async () =>
    expect(await player.evaluate((video: HTMLVideoElement) => video.currentTime)).toBeGreaterThan(0),
  );
});

test('several are selected, starred, downloaded as one archive named after workflow and run, and used as input', async () => {
  const page = await openMixed();
  await tile(page, 'Left cut').click({ modifiers: ['Control'] });
  await tile(page, 'Writer').focus();
  await page.keyboard.press('x');
  await tile(page, 'Small cut').hover();
  await strip(page).getByRole('checkbox', { name: 'Select Small cut' }).click({ force: true });
  await strip(page).getByText('3 selected').waitFor();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    strip(page).getByRole('button', { name: 'Download', exact: true }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^.+ run [0-9a-f]{8}\.zip$/);
  const files = readZip(await readFile(await download.path()));
  // What was made of a photo is named after it.
  const endings = ['-left-cut.png', '-small-cut.png', 'Writer.txt'];
  expect([...files.keys()].filter((name) => endings.some((ending) => name.endsWith(ending)))).toHaveLength(3);
  expect(files.size).toBe(3);
  expect(
    files
      .get([...files.keys()].find((name) => name.endsWith('-left-cut.png'))!)!
      .subarray(1, 4)
      .toString('latin1'),
  ).toBe('PNG');

  // A star outlives the run: the same file is known again.
  await strip(page).getByRole('button', { name: 'Star', exact: true }).click();
  await page.reload();
  await strip(page).getByRole('button', { name: 'Starred only, 3' }).click();
  await untilCount(strip(page).locator('[data-result]'), 3);

  await tile(page, 'Left cut').click({ modifiers: ['Control'] });
  await tile(page, 'Writer').click({ modifiers: ['Control'] });
  await strip(page).getByRole('button', { name: 'Use as input' }).click();
  await untilCount(page.locator('.node-card'), 8);
  await untilCount(page.locator('.react-flow__node.selected'), 2);
  await page.getByRole('img', { name: 'Left cut.png' }).waitFor();
  await untilSaved(page);
  await page.getByRole('button', { name: 'Undo use 2 results as input' }).click();
  await untilCount(page.locator('.node-card'), 6);
});

test('a result is dragged onto a node that takes it, onto the canvas, and out of the page as a file', async () => {
  const page = await openMixed();
  const dragged = await page.evaluateHandle(() => new DataTransfer());
  await strip(page)
    .locator('.result-tile', { has: page.getByRole('button', { name: 'Open Left cut', exact: true }) })
    .dispatchEvent('dragstart', { dataTransfer: dragged });
  const forDesktop = await dragged.evaluate((data) => data.getData('DownloadURL'));
  expect(forDesktop).toMatch(/^image\/png:Left cut\.png:http:\/\/127\.0\.0\.1:\d+\/api\/assets\/[0-9a-f-]+\/content$/);

  const field = nodeCard(page, 'Photo').getByRole('img', { name: 'photo.png' });
  for (const type of ['dragover', 'drop']) await field.dispatchEvent(type, { dataTransfer: dragged });
  await nodeCard(page, 'Photo').getByRole('img', { name: 'Left cut.png' }).waitFor();
  await untilCount(page.locator('.node-card'), 6);

  const pane = page.locator('.react-flow__pane');
  const { x, y } = await middleOf(pane);
  for (const type of ['dragover', 'drop'])
    await pane.dispatchEvent(type, { dataTransfer: dragged, clientX: x, clientY: y });
  await untilCount(page.locator('.node-card'), 7);
  // The inspector may show it as well.
  await untilCount(page.locator('.node-card').getByRole('img', { name: 'Left cut.png' }), 2);
});

const compared = (page: Page) => page.getByRole('dialog');
const mode = (page: Page, name: string) => compared(page).getByRole('button', { name, exact: true }).click();

test('two pictures are compared side by side with one zoom, by a line, faded, and by what differs', async () => {
  const page = await openMixed();
  await tile(page, 'Photo').click({ modifiers: ['Control'] });
  await tile(page, 'Left cut').click({ modifiers: ['Control'] });
  await strip(page).getByRole('button', { name: 'Compare', exact: true }).click();
  const areas = compared(page).locator('.zoom-area');
  await untilCount(areas, 2);
  const scales = () => areas.evaluateAll((all) => all.map((area) => Number(area.getAttribute('data-scale'))));
  const before = await scales();
  const { x, y } = await middleOf(areas.first());
  await page.mouse.move(x, y);
  await page.mouse.wheel(0, -500);
  // Both of them, each by as much.
  await eventually(async () => {
    for (const [index, now] of (await scales()).entries()) expect(now).toBeGreaterThan(before[index]! * 1.5);
  });
  // What made them, and in what they differ.
  await compared(page).getByText('A: Left cut').waitFor();
  await compared(page).locator('[data-differs]').first().waitFor();

  await mode(page, 'Slider');
  const over = areas.nth(1);
  const clip = () =>
    over.evaluate((area) => Number(/([\d.]+)%/.exec(getComputedStyle(area).clipPath)?.[1] ?? Number.NaN));
  await eventually(async () => expect(await clip()).toBe(50));
  const line = await middleOf(compared(page).locator('.compare-line'));
  await page.mouse.move(line.x, line.y);
  await page.mouse.down();
  await page.mouse.move(line.x - 200, line.y, { steps: 4 });
  await page.mouse.up();
  await eventually(async () => expect(await clip()).toBeLessThan(45));
  await compared(page).getByRole('slider', { name: 'Dividing line' }).press('Home');
  await eventually(async () => expect(await clip()).toBe(0));

  await mode(page, 'Onion skin');
  await compared(page).getByRole('slider', { name: 'How much of B shows' }).fill('25');
  await eventually(async () => expect(await over.evaluate((area) => getComputedStyle(area).opacity)).toBe('0.25'));
  await mode(page, 'Difference');
  await eventually(async () =>
    expect(await over.evaluate((area) => getComputedStyle(area).mixBlendMode)).toBe('difference'),
  );
  await page.keyboard.press('Escape');
  await compared(page).waitFor({ state: 'detached' });
});

test('two texts are compared by their words', async () => {
  const text = (id: string, y: number, words: string) => ({
    id,
    type: 'text',
    position: at(0, y),
    data: { label: id, text: words },
  });
  const page = await openRun({
    nodes: [text('One', 0, 'a warm steel cup'), text('Two', 300, 'a cold steel cup for you')],
    edges: [],
  });
  await strip(page).getByRole('button', { name: 'Select all' }).click();
  await strip(page).getByRole('button', { name: 'Compare', exact: true }).click();
  await mode(page, 'Word changes');
  const changes = compared(page).getByRole('region', { name: 'Word changes' });
  const both = await Promise.all(
    ['ins', 'del'].map(async (tag) => (await changes.locator(tag).allTextContents()).join('|').trim()),
  );
  // Whichever stands first: one word for another, and two more at the end.
  expect(both.join(' ')).toMatch(/warm/);
  expect(both.join(' ')).toMatch(/cold/);
  expect(both.join(' ')).toMatch(/for you/);
  expect(both.join(' ')).not.toMatch(/steel/);
  await changes.getByText(/1 word removed, 3 words added|3 words removed, 1 word added/).waitFor();
});

test('a run with failures counts each node once, and says what helps', async () => {
  stack.gemini.script({ kind: 'error', status: 400, message: 'The prompt is not allowed here.' });
  const id = await stack.server.api.createWorkflow({
    nodes: [
      { id: 'words', type: 'text', position: at(0), data: { label: 'Words', text: 'x' } },
      {
        id: 'model',
        type: 'llm',
        position: at(340),
        data: { label: 'Writer', model: 'gemini-fake', userMessage: 'Hi' },
      },
      { id: 'pass', type: 'delay', position: at(680), data: { label: 'After', ms: 0 } },
    ],
    edges: [edge('model', 'pass', 'input')],
  });
  const { page } = await stack.open({ path: `/workflows/${id}` });
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await untilRun(page, 'FAILED');
  await page.getByText('1 done, 1 failed, 1 not reached').waitFor();
  await strip(page).getByText('The prompt is not allowed here.').waitFor();
  // The button leads to the form of the node that failed.
  await strip(page).getByRole('button', { name: 'Edit the node' }).click();
  await untilCount(page.locator('.react-flow__node[data-id="model"].selected'), 1);
  await page.getByRole('complementary', { name: /Inspector|Writer/ }).waitFor();
});
