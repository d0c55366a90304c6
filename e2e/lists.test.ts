import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { runPageSchema } from '../core/api/runs.ts';
import type { Graph } from '../core/graph/graph.ts';
import { eventually } from '../testing/eventually.ts';
import { makePicture } from '../testing/media.ts';
import { drawEdge, nodeCard, untilCount, untilRun, untilSaved } from './canvas.ts';
import { holdAnswer } from './hold-answer.ts';
import { testStack } from './stack.ts';

/* Lists on the canvas: put together, handed over, and seen. */

const stack = testStack();

const node = (id: string, type: string, x: number, data: Record<string, unknown> = {}) => ({
  id,
  type,
  position: { x, y: 0 },
  data: { label: id, ...data },
});
const edge = (source: string, target: string, targetHandle: string) => ({
  id: `${source} ${target}`,
  source,
  sourceHandle: 'output',
  target,
  targetHandle,
});

let pictures: { name: string; mimeType: string; buffer: Buffer }[];
beforeAll(async () => {
  // Of sizes that tell them apart afterwards.
  pictures = await Promise.all(
    [20, 30, 40].map(async (width) => ({
      name: `photo ${width}.png`,
      mimeType: 'image/png',
      buffer: await readFile(await makePicture('png', width, 20)),
    })),
  );
});

test('many files go into one list, in their order; its pictures are shown as a strip, and all of them in a dialog', async () => {
  const id = await stack.server.api.createWorkflow({
    nodes: [
      node('Photos', 'list', 0, { type: 'image' }),
      node('Sorted', 'pick', 340, { mode: 'sort', by: 'width', descending: true }),
    ],
    edges: [edge('Photos', 'Sorted', 'items')],
  });
  const { page, troubles } = await stack.open({ path: `/workflows/${id}` });
  const photos = nodeCard(page, 'Photos');
  await photos.getByText('Drop images or browse').waitFor();
  const file = { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no picture') };
  await photos.getByLabel('Upload images').setInputFiles([...pictures, file]);
  await page.getByText('This list holds images.').first().waitFor();
  await untilCount(photos.getByRole('listitem').getByRole('img'), 3);
  await photos.getByText('3 images').waitFor();
  await photos.getByLabel('Add URLs').fill('https://example.com/far.png');
  await photos.getByLabel('Add URLs').press('Enter');
  await photos.getByText('4 images').waitFor();
  await photos.getByRole('button', { name: 'Remove Image 4' }).focus();
  await page.keyboard.press('Enter');
  await photos.getByText('3 images').waitFor();
  await untilSaved(page);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await untilRun(page, 'COMPLETED');
  const sorted = nodeCard(page, 'Sorted');
  await untilCount(sorted.getByRole('list', { name: 'Picked' }).getByRole('img'), 3);
  await sorted.getByText('3 images').waitFor();
  const opener = sorted.getByRole('button', { name: 'Open Picked' });
  await opener.focus();
  await page.keyboard.press('Enter');
  await untilCount(page.getByRole('dialog').getByRole('list', { name: 'All of Picked' }).getByRole('img'), 3);
  await page.keyboard.press('Escape');
  await eventually(async () => expect(await opener.evaluate((one) => one === document.activeElement)).toBe(true));
  expect(troubles).toEqual([]);
});

test('the pictures of a long list do not lie over each other', async () => {
  const { url } = await stack.server.api.upload(await makePicture('png', 50, 20));
  const id = await stack.server.api.createWorkflow({
    nodes: [node('Photos', 'list', 0, { type: 'image', items: Array.from({ length: 20 }, () => url) })],
    edges: [],
  });
  const { page } = await stack.open({ path: `/workflows/${id}` });
  const items = nodeCard(page, 'Photos').getByRole('list', { name: 'Image list' }).getByRole('listitem');
  await untilCount(items, 20);
  const boxes = await items.evaluateAll((all) => all.map((one) => one.getBoundingClientRect().toJSON()));
  const rows = boxes.filter((_, at) => at % 4 === 0).map(({ top, bottom }) => ({ top, bottom }));
  for (const [at, row] of rows.slice(1).entries()) expect(row.top).toBeGreaterThanOrEqual(rows[at]!.bottom);
});

test('a list is a double line; where both fit, a switch on it says how it is handed over', async () => {
  const id = await stack.server.api.createWorkflow({
    nodes: [
      node('Words', 'list', 0, { items: ['one', 'two', 'three'] }),
      node('Joined', 'joinText', 400, { between: 'comma' }),
      node('Single', 'replaceText', 800, { find: 'o', replacement: '0' }),
    ],
    edges: [edge('Words', 'Joined', 'texts'), edge('Words', 'Single', 'text')],
  });
  const { page } = await stack.open({ path: `/workflows/${id}` });
  await untilCount(page.locator('path.edge-list'), 2);
  await nodeCard(page, 'Words').locator('.typed-handle[data-list="true"]').waitFor();
  // What takes one value is executed once per element by itself; what takes many, when it is told to.
  await nodeCard(page, 'Single').locator('.node-card[data-each="true"]').waitFor();
  await untilCount(page.locator('.node-card[data-each="true"]'), 1);
  const choice = page.getByRole('switch', { name: 'For each element' });
  await untilCount(choice, 1);
  expect(await choice.textContent()).toBe('All together');
  await choice.click();
  await untilCount(page.locator('.node-card[data-each="true"]'), 2);
  await page.getByRole('button', { name: 'Undo one by one' }).waitFor();
  await untilSaved(page);
  const eachOf = async () => {
    const { body } = await stack.server.api.request('GET', `/api/workflows/${id}`);
    return (body as { data: Graph }).data.edges.map(({ data }) => data);
  };
  await eventually(async () => expect(await eachOf()).toEqual([{ each: true }, undefined]));
  // It is there again after the page was loaded anew.
  await page.reload();
  await page.getByRole('switch', { name: 'For each element', checked: true }).click();
  await untilCount(page.locator('.node-card[data-each="true"]'), 1);
});

test('a list goes through a node element by element, and what it gives is a list again', async () => {
  const id = await stack.server.api.createWorkflow({
    nodes: [
      node('Words', 'list', 0),
      node('Single', 'replaceText', 400, { find: 'o', replacement: '0' }),
      node('Joined', 'joinText', 800, { between: 'comma' }),
    ],
    edges: [edge('Words', 'Single', 'text'), edge('Single', 'Joined', 'texts')],
  });
  const { page, troubles } = await stack.open({ path: `/workflows/${id}` });
  await nodeCard(page, 'Words').getByLabel('Items').fill('one\ntwo\n\nfour');
  await untilSaved(page);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await untilRun(page, 'COMPLETED');
  const single = nodeCard(page, 'Single').getByRole('list', { name: 'New text' });
  await untilCount(single.getByRole('listitem'), 3);
  expect(await single.getByRole('listitem').allTextContents()).toEqual(['0ne', 'tw0', 'f0ur']);
  await nodeCard(page, 'Joined').getByText('0ne, tw0, f0ur').waitFor();
  expect(troubles).toEqual([]);
});

test('ten thousand elements open at once: what is out of sight is not drawn, and any of them is a number away', async () => {
  const id = await stack.server.api.createWorkflow({
    nodes: [
      node('Words', 'list', 0, { items: Array.from({ length: 10_000 }, (_, index) => `word ${index + 1}`) }),
      node('Same', 'pick', 340, { mode: 'sort', descending: false }),
    ],
    edges: [edge('Words', 'Same', 'items')],
  });
  const run = await stack.server.api.start(id);
  await stack.server.api.finished(run);
  const { page, troubles } = await stack.open({ path: `/workflows/${id}` });
  await nodeCard(page, 'Same').getByText('10,000 elements').waitFor();
  await nodeCard(page, 'Same').getByRole('button', { name: 'Open Picked' }).click();
  const dialog = page.getByRole('dialog');
  const items = dialog.getByRole('list', { name: 'All of Picked' }).getByRole('listitem');
  await items.first().waitFor();
  expect(await items.count()).toBeLessThan(40);
  await dialog.getByLabel('Go to number').fill('9999');
  await dialog.locator('[aria-posinset="9999"]').waitFor();
  expect(await items.count()).toBeLessThan(40);
  // To look at a result is not to choose its node.
  await dialog.getByRole('button', { name: 'Close' }).click();
  await dialog.waitFor({ state: 'detached' });
  expect(await page.locator('.react-flow__node.selected').count()).toBe(0);
  // By keyboard the focus comes back to where it was.
  await nodeCard(page, 'Same').getByRole('button', { name: 'Open Picked' }).press('Enter');
  await items.first().waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await nodeCard(page, 'Same').locator('button[aria-label="Open Picked"]:focus').waitFor();
  expect(troubles).toEqual([]);
});

test('texts in a list that is open are as high as they need, up to six lines, however wide the window is', async () => {
  const sentence = 'It is a truth universally acknowledged that a list holds more than it shows. ';
  const texts = ['short', 'one\ntwo\nthree', sentence.repeat(4), '語'.repeat(150), sentence.repeat(20)];
  const id = await stack.server.api.createWorkflow({
    nodes: [
      node('Words', 'list', 0, { items: Array.from({ length: 400 }, (_, index) => texts[index % texts.length]!) }),
      node('Same', 'pick', 340, { mode: 'first', count: 400 }),
    ],
    edges: [edge('Words', 'Same', 'items')],
  });
  await stack.server.api.finished(await stack.server.api.start(id));
  const { page, troubles } = await stack.open({ path: `/workflows/${id}` });
  await nodeCard(page, 'Same').getByRole('button', { name: 'Open Picked' }).click();
  const dialog = page.getByRole('dialog');
  const rows = () =>
    dialog.getByRole('listitem').evaluateAll((items) =>
      items.map((item) => {
        const { top, bottom } = item.getBoundingClientRect();
        const text = item.querySelector('[role="region"]')!;
        return {
          number: Number(item.getAttribute('aria-posinset')),
          top,
          bottom,
          // What does not fit is scrolled to within the row.
          isWhole: text.scrollHeight <= text.clientHeight,
          isInside: text.getBoundingClientRect().bottom <= bottom,
        };
      }),
    );
  const look = async () => {
    const found = await rows();
    const nth = (number: number) => found.filter((row) => (row.number - 1) % texts.length === number);
    return {
      areInside: found.every(({ isInside }) => isInside),
      // None lies on another, and there is nothing between them.
      areInARow: found.every(({ top }, index) => index === 0 || Math.abs(top - found[index - 1]!.bottom) < 0.5),
      heights: [0, 1, 4].map((number) => nth(number).map(({ top, bottom }) => Math.round(bottom - top))[0]),
      areWhole: [0, 1, 2, 3, 4].map((number) => nth(number).every(({ isWhole }) => isWhole)),
    };
  };
  const asNeeded = {
    areInside: true,
    areInARow: true,
    heights: [36, 68, 116],
    areWhole: [true, true, true, true, false],
  };
  await eventually(async () => expect(await look()).toEqual(asNeeded));
  await dialog.getByLabel('Go to number').fill('301');
  await dialog.locator('[aria-posinset="301"]').waitFor();
  await eventually(async () => expect(await look()).toEqual(asNeeded));
  const [top, first] = await Promise.all([
    dialog.getByRole('region', { name: 'Elements of Picked' }).evaluate((box) => box.getBoundingClientRect().top),
    dialog.locator('[aria-posinset="301"]').evaluate((item) => item.getBoundingClientRect().top),
  ]);
  expect(Math.abs(first - top)).toBeLessThan(1);
  await page.setViewportSize({ width: 760, height: 900 });
  await eventually(async () => expect(await look()).toEqual(asNeeded));
  expect(troubles).toEqual([]);
});

test('a list under way is paused, gone on with and canceled; a node is tried on some elements', async () => {
  const id = await stack.server.api.createWorkflow({
    nodes: [
      node('Words', 'list', 0, { items: ['one', 'two', 'three', 'four', 'five'] }),
      node('Single', 'replaceText', 400, { find: 'o', replacement: '0' }),
      // Longer than anything here takes.
      node('Wait', 'delay', 800, { ms: 3_600_000, each: { concurrency: 2 } }),
    ],
    edges: [edge('Words', 'Single', 'text'), { ...edge('Words', 'Wait', 'input'), data: { each: true } }],
  });
  const { page, troubles } = await stack.open({ path: `/workflows/${id}` });
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  const wait = page.getByRole('group', { name: 'List of Wait' });
  await wait.getByText('0 of 5 done').waitFor();
  // By the keyboard, as all of it can be.
  await wait.getByRole('button', { name: 'Pause this list' }).press('Enter');
  await page.locator('[aria-label="List of Wait"][data-list="paused"]').waitFor();
  await page.reload();
  await wait.getByText(/^Paused by .*: 0 of 5 done/).waitFor();
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Command' }).fill('go on with');
  await page.getByRole('option', { name: 'Go on with the list of “Wait”' }).waitFor();
  await page.keyboard.press('Enter');
  await page.locator('[aria-label="List of Wait"][data-list="running"]').waitFor();
  await wait.getByRole('button', { name: 'Cancel this list' }).press('Enter');
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel the list' }).click();
  await page.locator('[aria-label="List of Wait"][data-list="over"]').waitFor();
  await untilRun(page, 'FAILED');
  await wait.getByRole('button', { name: 'Retry failed' }).waitFor();

  // What all of it made of the words stays for the tries.
  const single = page.getByRole('group', { name: 'List of Single' });
  await single.getByText('5 of 5 done').waitFor();
  await nodeCard(page, 'Single')
    .locator('.node-card')
    .click({ button: 'right', position: { x: 60, y: 20 } });
  await page.getByRole('menuitem', { name: 'Try on the first three elements' }).click();
  await single.getByText('3 of 3 done').waitFor();
  await single.getByText('Only the first 3 elements: this was a try.').waitFor();
  await single.getByRole('button', { name: 'Show all elements' }).press('Enter');
  await untilCount(page.getByRole('list', { name: 'Elements' }).getByRole('listitem'), 3);
  await page.getByRole('button', { name: 'Run on element 2' }).click();
  await single.getByText('Only element 2: this was a try.').waitFor();
  await nodeCard(page, 'Single').getByText('tw0').first().waitFor();
  expect(troubles).toEqual([]);
});

describe('a list of questions, of whose answers the best three are chosen', () => {
  const words = ['one', 'two', 'three', 'four', 'five'];
  const edges = [edge('Writer', 'Best', 'items')];
  const workflow = (more: Graph['edges'] = []) =>
    stack.server.api.createWorkflow({
      nodes: [
        node('Words', 'list', 0, { items: words }),
        node('Writer', 'llm', 400, {
          ...{ model: 'gemini-fake', temperature: 1, each: { onError: 'goOn', concurrency: 1 } },
        }),
        node('Best', 'choose', 820, { message: 'Which three?', min: 3, max: 3 }),
      ],
      edges: [...more, ...edges],
    });
  const chosen = async (runId: string) => (await stack.server.api.nodes(runId))['Best']!.outputData;
  /** The first answer comes, the second is refused, and the third comes when it is let go. */
  const refuseTheSecond = (): { release(): void } => {
    stack.gemini.script(
      { kind: 'answer', chunks: ['First.'] },
      { kind: 'error', status: 400, message: 'Not this one.' },
    );
    const held = holdAnswer(stack.gemini, ['Third.']);
    stack.gemini.standing({ kind: 'answer', chunks: ['Another.'] });
    return held;
  };
  const runOf = async (id: number) => {
    const { body } = await stack.server.api.request('GET', `/api/workflows/${id}/runs`);
    return runPageSchema.parse(body).items[0]!.id;
  };

  test('one edge makes it a region; what failed is retried while it goes on; the choice is made by the keyboard', async () => {
    const { release } = refuseTheSecond();
    const id = await workflow();
    const { page, troubles } = await stack.open({ path: `/workflows/${id}` });
    await drawEdge(page, nodeCard(page, 'Words'), nodeCard(page, 'Writer'), 'user_message');
    await untilSaved(page);
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    const list = page.getByRole('group', { name: 'List of Writer' });
    await list.getByText('1 of 5 done, 1 failed, 1 running').waitFor();
    await list.getByRole('button', { name: 'Show all elements' }).press('Enter');
    const elements = page.getByRole('list', { name: 'Elements' }).getByRole('listitem');
    await untilCount(elements, 3);
    await elements.nth(1).getByText('Not this one.').first().waitFor();
    await page.getByRole('button', { name: 'Retry element 2 now' }).press('Enter');
    // It begins when there is room for it.
    await untilCount(elements, 2);
    release();
    await untilCount(elements, 5);
    await elements.nth(1).getByText('Another.').first().waitFor();
    await page.keyboard.press('Escape');
    await list.getByText('5 of 5 done').waitFor();
    expect(stack.gemini.prompts.map(({ prompt }) => prompt!.user).toSorted()).toEqual([...words, 'two'].toSorted());

    const question = nodeCard(page, 'Best').getByRole('region', { name: 'Which three?' });
    await question.getByText('0 of 5 chosen').waitFor();
    await question.getByRole('checkbox').first().focus();
    await page.keyboard.press('Space');
    for (let place = 1; place < 3; place += 1) {
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('Space');
    }
    await question.getByText('3 of 5 chosen').waitFor();
    await page.keyboard.press('Control+Enter');
    await untilRun(page, 'COMPLETED');
    expect(await chosen(await runOf(id))).toEqual({ output: ['First.', 'Another.', 'Third.'], indices: [0, 1, 2] });
    expect(troubles).toEqual([]);
  });

  test('on a phone it is run, watched, retried, and chosen from', async () => {
    const { release } = refuseTheSecond();
    const id = await workflow([edge('Words', 'Writer', 'user_message')]);
    const { page, troubles } = await stack.open({ width: 390, height: 844, path: `/workflows/${id}` });
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    const list = page.getByRole('group', { name: 'List of Writer' });
    await list.getByText('1 of 5 done, 1 failed, 1 running').waitFor();
    const all = list.getByRole('button', { name: 'Show all elements' });
    // Large enough for a thumb.
    expect((await all.boundingBox())!.height).toBeGreaterThanOrEqual(44);
    await all.click();
    const elements = page.getByRole('list', { name: 'Elements' }).getByRole('listitem');
    await elements.nth(1).getByText('Not this one.').first().waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await page.getByRole('button', { name: 'Retry all that failed now' }).click();
    await untilCount(elements, 2);
    release();
    await untilCount(elements, 5);
    await page.keyboard.press('Escape');
    const question = page.getByRole('region', { name: 'Which three?' });
    for (const place of [5, 1, 2]) await question.getByRole('checkbox', { name: `Choose element ${place}` }).click();
    await question.getByRole('button', { name: 'Choose', exact: true }).click();
    await untilRun(page, 'COMPLETED');
    expect(await chosen(await runOf(id))).toMatchObject({ indices: [4, 0, 1] });
    expect(troubles).toEqual([]);
  });
});
