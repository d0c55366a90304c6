import { describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import type { Graph } from '../core/graph/graph.ts';
import { eventually } from '../testing/eventually.ts';
import { makePicture } from '../testing/media.ts';
import type { Page } from 'playwright-core';
import { nodeCard, textOf, untilRun, untilSaved, untilValue } from './canvas.ts';
import { testStack } from './stack.ts';
import { readZip } from './zip.ts';

const stack = testStack();

const graphOf = (text: string): Graph => ({
  nodes: [
    { id: 'text', type: 'text', position: { x: 0, y: 0 }, data: { label: 'Prompt', text } },
    { id: 'pause', type: 'delay', position: { x: 340, y: 0 }, data: { label: 'Pause', ms: 20 } },
  ],
  edges: [{ id: 'e', source: 'text', sourceHandle: 'output', target: 'pause', targetHandle: 'input' }],
});

/** A workflow that ran twice, with another text each time. */
async function ranTwice() {
  const { api } = stack.server;
  const id = await api.createWorkflow(graphOf('first words'));
  const first = await api.start(id);
  await api.finished(first);
  await api.request('PUT', `/api/workflows/${id}`, { data: graphOf('second words') });
  const second = await api.start(id);
  await api.finished(second);
  return { id, first, second };
}

/** Notes in every frame what stands in the texts that can be typed into; the function that comes back tells it. */
async function recordEditableTexts(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const seen = new Set<string>();
    Object.assign(window, { editableTexts: seen });
    const look = () => {
      for (const field of document.querySelectorAll<HTMLTextAreaElement>('.node-card textarea:enabled')) {
        if (!field.readOnly) seen.add(field.value);
      }
      requestAnimationFrame(look);
    };
    look();
  });
  return () => page.evaluate(() => [...(window as unknown as { editableTexts: Set<string> }).editableTexts]);
}

describe('an earlier run', () => {
  test('stands on the graph as it was then, and its graph can be restored', async () => {
    const { id, first } = await ranTwice();
    const { page, troubles } = await stack.open({ path: `/workflows/${id}?panel=runs` });
    await textOf(page, 'Prompt').waitFor();
    const editable = await recordEditableTexts(page);
    await page.locator(`[data-run-id="${first}"]`).click();
    const overlay = page.getByRole('region', { name: 'Past run' });
    await overlay.locator('.node-card[data-status="completed"]').first().waitFor();
    await untilValue(textOf(page, 'Prompt'), 'first words');
    await overlay.getByRole('button', { name: 'Completed Pause' }).click();
    await overlay.getByRole('region', { name: 'Selected node' }).getByText('first words').first().waitFor();
    await overlay.getByRole('tab', { name: 'Table' }).click();
    await overlay.getByRole('region', { name: 'Node executions' }).getByText('delay').waitFor();
    await page.getByRole('button', { name: 'Back to editing' }).click();
    await overlay.waitFor({ state: 'detached' });
    await untilValue(textOf(page, 'Prompt'), 'second words');
    // Nobody could type into the text of the earlier run, not for one frame.
    expect(await editable()).toEqual(['second words']);

    await page.locator(`[data-run-id="${first}"]`).click();
    await page.getByRole('button', { name: 'Restore this version' }).click();
    await overlay.waitFor({ state: 'detached' });
    await untilValue(textOf(page, 'Prompt'), 'first words');
    await untilSaved(page);
    await page.getByRole('button', { name: 'Undo restore the graph of a run' }).click();
    await untilValue(textOf(page, 'Prompt'), 'second words');
    expect(troubles).toEqual([]);
  });

  test('says who started it, and gives its outputs as an archive', async () => {
    const { second } = await ranTwice();
    const { page } = await stack.open({ path: `/runs/${second}` });
    await page.getByText('owner@example.org').waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download outputs' }).click(),
    ]);
    const files = readZip(await readFile(await download.path()));
    expect([...files.keys()]).toEqual(['outputs.json', 'Prompt.txt', 'Pause.txt']);
    expect(files.get('Prompt.txt')?.toString('utf8')).toBe('second words');
    expect(JSON.parse(files.get('outputs.json')!.toString('utf8'))).toMatchObject([
      { nodeId: 'text', status: 'COMPLETED', outputData: { output: 'second words' } },
      { nodeId: 'pause' },
    ]);
  });

  test('is compared with another one side by side', async () => {
    const { id } = await ranTwice();
    const { page } = await stack.open({ path: `/workflows/${id}?panel=runs` });
    await page.getByRole('checkbox', { name: 'Select to compare' }).nth(1).waitFor();
    for (const box of await page.getByRole('checkbox', { name: 'Select to compare' }).all()) await box.check();
    await page.getByRole('button', { name: 'Compare', exact: true }).click();
    await page.getByRole('heading', { name: 'Compare two runs' }).waitFor();
    await page.getByText('different output').first().waitFor();
    await page.getByText('first words').first().waitFor();
    await page.getByText('second words').first().waitFor();

    // On a phone one stands below the other, and nothing has to be moved sideways.
    const words = ['first words', 'second words'].map((text) => page.getByText(text).first());
    const lefts = async () => Promise.all(words.map(async (text) => (await text.boundingBox())!.x));
    expect(new Set(await lefts()).size).toBe(2);
    await page.setViewportSize({ width: 390, height: 844 });
    expect(new Set(await lefts()).size).toBe(1);
    const room = await page.getByRole('main').evaluate((main) => [main.scrollWidth, main.clientWidth]);
    expect(room[0]).toBe(room[1]);
  });

  test('is shown on a phone, too: the list makes way for it', async () => {
    const { id, first } = await ranTwice();
    const { page } = await stack.open({ path: `/workflows/${id}?panel=runs`, width: 390, height: 844 });
    await page.locator(`[data-run-id="${first}"]`).click();
    await page.getByRole('complementary', { name: 'Runs' }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Back to editing' }).click();
    await page.getByRole('region', { name: 'Past run' }).waitFor({ state: 'detached' });
  });

  test('is deleted after a question', async () => {
    const { id, first } = await ranTwice();
    const { page } = await stack.open({ path: `/workflows/${id}?panel=runs` });
    const entry = page.getByRole('listitem').filter({ has: page.locator(`[data-run-id="${first}"]`) });
    await entry.getByRole('button', { name: 'More for this run' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Delete run' }).click();
    await page.locator(`[data-run-id="${first}"]`).waitFor({ state: 'detached' });
    expect((await stack.server.api.request('GET', `/api/runs/${first}`)).status).toBe(404);
  });
});

test('a node that is turned off is left out, and the plan says why', async () => {
  const id = await stack.server.api.createWorkflow(graphOf('words'));
  const { page } = await stack.open({ path: `/workflows/${id}` });
  await nodeCard(page, 'Pause').click({ position: { x: 60, y: 16 } });
  await page.keyboard.press('o');
  await nodeCard(page, 'Pause').getByText('Off', { exact: true }).waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Shift+P');
  const plan = page.getByRole('dialog', { name: 'What will run' });
  await plan.getByText('It is turned off.').waitFor();
  await plan.getByRole('button', { name: 'Run 1 node' }).click();
  await untilRun(page, 'COMPLETED');
  expect(await nodeCard(page, 'Pause').locator('.node-card').getAttribute('data-status')).toBe('idle');
});

test('the plan foretells what comes from the cache, and leads to the run that it is from', async () => {
  const { api } = stack.server;
  const { url } = await api.upload(await makePicture('jpeg', 400, 300));
  const id = await api.createWorkflow({
    nodes: [
      { id: 'photo', type: 'image', position: { x: 0, y: 0 }, data: { label: 'Photo', file: { url } } },
      { id: 'crop', type: 'cropImage', position: { x: 340, y: 0 }, data: { label: 'Crop', width_percent: 50 } },
      { id: 'again', type: 'cropImage', position: { x: 680, y: 0 }, data: { label: 'Crop again', width_percent: 50 } },
    ],
    edges: [
      { id: 'e1', source: 'photo', target: 'crop' },
      { id: 'e2', source: 'crop', target: 'again' },
    ],
  });
  const run = await api.start(id);
  await api.finished(run);
  const { page, troubles } = await stack.open({ path: `/workflows/${id}` });
  const plan = page.getByRole('dialog', { name: 'What will run' });
  const entryOf = (name: string) => plan.getByRole('listitem').filter({ has: page.getByText(name, { exact: true }) });
  // The output is kept a moment after the run has ended.
  await eventually(
    async () => {
      await page.keyboard.press('Escape');
      await page.keyboard.press('Shift+P');
      await plan.getByText('1 executed · 2 from the cache').waitFor({ timeout: 10_000 });
    },
    { timeoutMs: 120_000 },
  );
  await entryOf('Photo').getByText('Runs', { exact: true }).waitFor();
  await entryOf('Crop again').getByText('From the cache', { exact: true }).waitFor();
  await plan.getByText('A forecast').waitFor();

  await plan.getByRole('button', { name: 'Run 3 nodes' }).click();
  await untilRun(page, 'COMPLETED');
  await page.getByText('2 reused').waitFor();
  await page.keyboard.press('Shift+P');
  await entryOf('Crop')
    .getByRole('link', { name: /the run started/ })
    .click();
  await page.waitForURL(/\/runs\/[0-9a-f-]{36}$/);
  expect(page.url()).not.toContain(run);
  expect(troubles).toEqual([]);
});

test('renaming a workflow is no conflict with its own next change', async () => {
  const id = await stack.server.api.createWorkflow(graphOf('words'));
  const { page } = await stack.open({ path: `/workflows/${id}` });
  const name = page.getByRole('textbox', { name: 'Name of the workflow' });
  await name.fill('Another name');
  await name.press('Enter');
  await nodeCard(page, 'Prompt').getByLabel('Text', { exact: true }).fill('changed');
  await eventually(async () => {
    const { body } = await stack.server.api.request('GET', `/api/workflows/${id}`);
    expect(body).toMatchObject({ name: 'Another name', data: { nodes: [{ data: { text: 'changed' } }, {}] } });
  });
  await untilSaved(page);
});
