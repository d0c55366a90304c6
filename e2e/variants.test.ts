import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { Graph } from '../core/graph/graph.ts';
import { eventually } from '../testing/eventually.ts';
import { makePicture } from '../testing/media.ts';
import { nodeCard, textOf, untilCount, untilSaved } from './canvas.ts';
import { seriousViolations } from './looks.ts';
import { testStack } from './stack.ts';

/* One node with several settings at once, without building anything. */

const stack = testStack();

const at = (x: number) => ({ x, y: 0 });
const edge = (source: string, target: string, targetHandle: string) => ({
  id: `${source} ${target}`,
  source,
  sourceHandle: 'output',
  target,
  targetHandle,
});
const writing: Graph = {
  nodes: [
    { id: 'topic', type: 'text', position: at(0), data: { label: 'Topic', text: 'A steel cup' } },
    {
      id: 'writer',
      type: 'llm',
      position: at(340),
      data: { label: 'Writer', model: 'gemini-fake', systemPrompt: 'Be plain.' },
    },
  ],
  edges: [edge('topic', 'writer', 'user_message')],
};

async function open(graph: Graph, node: string): Promise<{ page: Page; id: number }> {
  const id = await stack.server.api.createWorkflow(graph);
  const { page } = await stack.open({ path: `/workflows/${id}` });
  await nodeCard(page, node).click({ position: { x: 60, y: 16 } });
  return { page, id };
}

const dialog = (page: Page) => page.getByRole('dialog', { name: /^Variants of/ });
const variant = (page: Page, number: number) =>
  dialog(page).getByRole('listitem', { name: `Variant ${number}`, exact: true });

test('prompts and seeds are tried at once, their results stand side by side, and one is kept in the node with its result', async () => {
  stack.gemini.standing({ kind: 'answer', chunks: ['Steel, and plain.'] });
  const { page, id } = await open(writing, 'Writer');
  await page.keyboard.press('v');
  // A node with a seed begins with four of them.
  await dialog(page).getByRole('button', { name: 'Try 4 variants' }).waitFor();
  await dialog(page).getByLabel('How many').fill('2');
  await dialog(page).getByRole('button', { name: 'System prompt', exact: true }).click();
  const prompts = dialog(page).getByRole('region', { name: 'System prompt' });
  await prompts.getByRole('button', { name: 'Another' }).click();
  await prompts.getByRole('textbox', { name: 'System prompt 2' }).fill('Be funny.');
  await dialog(page).getByText('Seed: 2 × System prompt: 2').waitFor();
  expect(await seriousViolations(page)).toEqual([]);
  await dialog(page).getByRole('button', { name: 'Try 4 variants' }).click();

  await dialog(page).getByText('4 of 4 done').waitFor();
  await variant(page, 4).getByText('Steel, and plain.').waitFor();
  await variant(page, 4).getByText('Be funny.').waitFor();
  await variant(page, 1).getByText('Be plain.').waitFor();
  expect(await seriousViolations(page)).toEqual([]);
  // The workflow stays as it was.
  expect(await page.locator('.node-card').count()).toBe(2);
  // Two of them against each other.
  for (const number of [1, 4]) await variant(page, number).getByRole('checkbox').click();
  await dialog(page).getByRole('button', { name: 'Compare' }).click();
  await page.getByRole('dialog').getByText('A: Writer 1').waitFor();
  await page.keyboard.press('Escape');

  const asked = stack.gemini.calls.length;
  await dialog(page).getByRole('button', { name: 'Keep variant 4' }).click();
  await dialog(page).waitFor({ state: 'detached' });
  await untilSaved(page);
  const { body } = await stack.server.api.request('GET', `/api/workflows/${id}`);
  const writer = (body as { data: Graph }).data.nodes.find((node) => node.id === 'writer');
  expect(writer?.data).toMatchObject({ systemPrompt: 'Be funny.', seed: expect.any(Number) });
  // Its result is in the node, and nobody was asked again.
  await nodeCard(page, 'Writer').getByText('Steel, and plain.').waitFor();
  expect(stack.gemini.calls.length).toBe(asked);
  await page.getByRole('button', { name: 'Undo keep variant 4 of Writer' }).waitFor();
});

test('pictures are varied by a setting, a failure is told in its place, and the others become a list', async () => {
  const { url } = await stack.server.api.upload(await makePicture('png', 400, 300));
  const { page } = await open(
    {
      nodes: [
        { id: 'photo', type: 'image', position: at(0), data: { label: 'Photo', file: { url } } },
        { id: 'cut', type: 'cropImage', position: at(340), data: { label: 'Cut' } },
      ],
      edges: [edge('photo', 'cut', 'image_url')],
    },
    'Cut',
  );
  await page.getByRole('toolbar', { name: 'Node' }).getByRole('button', { name: 'Try variants of this node' }).click();
  await dialog(page)
    .getByRole('button', { name: /^Try \d+ variants?$/ })
    .waitFor();
  expect(await dialog(page).getByRole('button', { name: /^Try/ }).isDisabled()).toBe(true);
  await dialog(page)
    .getByRole('group', { name: 'Vary' })
    .getByRole('button', { name: /^Width/ })
    .first()
    .click();
  const widths = dialog(page).getByRole('region', { name: /^Width/ });
  for (const width of ['40', '20']) {
    await widths.getByRole('button', { name: 'Another' }).click();
    await widths.getByRole('textbox').last().fill(width);
  }
  await dialog(page).getByRole('button', { name: 'Try 3 variants' }).click();
  await dialog(page).getByText('3 of 3 done').waitFor();
  await untilCount(dialog(page).locator('img'), 3);
  await variant(page, 2).getByRole('button', { name: 'Open variant 2' }).click();
  await page.getByRole('heading', { name: 'Cut 2' }).waitFor();
  await page.keyboard.press('Escape');
  for (const number of [2, 3]) await variant(page, number).getByRole('checkbox').click();
  await dialog(page).getByRole('button', { name: 'Make a list' }).click();
  await untilCount(page.locator('.node-card'), 3);
  await page.locator('.react-flow__node.selected [data-node-type="list"]').waitFor();
  await untilSaved(page);

  // What was tried is there again for as long as the page is.
  await nodeCard(page, 'Cut').click({ position: { x: 60, y: 16 } });
  await page.keyboard.press('v');
  await dialog(page).getByText('3 of 3 done').waitFor();
});

test('a node whose input was never made runs with what it needs, and words say what failed', async () => {
  stack.gemini.script({ kind: 'answer', chunks: ['Fine.'] }, { kind: 'error', status: 400, message: 'Not like this.' });
  const { page } = await open(writing, 'Writer');
  await textOf(page, 'Topic').fill('Changed');
  await untilSaved(page);
  await nodeCard(page, 'Writer').click({ position: { x: 60, y: 16 } });
  await page.keyboard.press('v');
  await dialog(page).getByLabel('How many').fill('2');
  await dialog(page).getByRole('button', { name: 'Try 2 variants' }).click();
  await eventually(async () => expect(await dialog(page).getByText('1 of 2 done').count()).toBe(1));
  await dialog(page).getByText('Not like this.').waitFor();
  await dialog(page).getByText('Fine.').waitFor();
});
