import { expect, test } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import type { Graph } from '../core/graph/graph.ts';
import { eventually } from '../testing/eventually.ts';
import { nodeCard, textOf, untilCount, untilSaved, untilValue } from './canvas.ts';
import { testStack } from './stack.ts';

const stack = testStack();

const graph: Graph = {
  nodes: [
    { id: 'text', type: 'text', position: { x: 0, y: 0 }, data: { label: 'Prompt', text: 'hello' } },
    {
      id: 'llm',
      type: 'llm',
      position: { x: 340, y: 0 },
      data: { label: 'Model', model: 'gemini-fake', temperature: 1 },
    },
    { id: 'crop', type: 'cropImage', position: { x: 680, y: 0 }, data: { label: 'Crop' } },
    { id: 'pause', type: 'delay', position: { x: 340, y: 420 }, data: { label: 'Pause', ms: 1_000 } },
  ],
  edges: [],
};

async function openWorkflow(): Promise<{ page: Page; id: number }> {
  const id = await stack.server.api.createWorkflow(graph);
  const opened = await stack.open({ path: `/workflows/${id}` });
  await nodeCard(opened.page, 'Prompt').waitFor();
  await untilSaved(opened.page);
  return { page: opened.page, id };
}

async function savedNode(id: number, nodeId: string): Promise<Record<string, unknown>> {
  const { body } = await stack.server.api.request('GET', `/api/workflows/${id}`);
  return (body as { data: Graph }).data.nodes.find((node) => node.id === nodeId)!.data;
}

/** A press of a key as a layout or an input method sends it; nothing is typed by it. */
async function press(target: Locator, init: Record<string, unknown>): Promise<void> {
  await target.evaluate((element, keys) => {
    for (const type of ['keydown', 'keyup']) {
      const event = new KeyboardEvent(type, { bubbles: true, cancelable: true, composed: true, ...keys });
      // Not among what a script may give.
      if ('keyCode' in keys) Object.defineProperty(event, 'keyCode', { value: keys['keyCode'] });
      element.dispatchEvent(event);
    }
  }, init);
}

const select = (page: Page, name: string) => nodeCard(page, name).click({ position: { x: 60, y: 16 } });
const quickAdd = (page: Page) => page.getByRole('dialog', { name: 'Add a node' });

/** The two ways in which browsers tell of an Enter that accepts a word. */
const composedEnter = [
  { key: 'Enter', code: 'Enter', isComposing: true, keyCode: 229 },
  { key: 'Enter', code: 'Enter', isComposing: false, keyCode: 229 },
];

test('C9: keys that an input method takes do nothing anywhere', async () => {
  const { page } = await openWorkflow();
  // The name of a node.
  await select(page, 'Prompt');
  await page.keyboard.press('F2');
  const name = page.getByRole('textbox', { name: 'Name of the node' });
  await name.fill('名前');
  for (const enter of composedEnter) await press(name, enter);
  await press(name, { key: 'Escape', code: 'Escape', isComposing: true, keyCode: 229 });
  await untilValue(name, '名前');
  await page.keyboard.press('Enter');
  await name.waitFor({ state: 'detached' });
  await nodeCard(page, '名前').waitFor();

  // The menu for adding nodes.
  await page.keyboard.press('n');
  const search = page.getByRole('combobox', { name: 'Search node types' });
  await search.waitFor();
  for (const enter of composedEnter) await press(search, enter);
  await press(search, { key: 'Escape', code: 'Escape', isComposing: true });
  await press(search, { key: 'ArrowDown', code: 'ArrowDown', isComposing: true });
  expect(await page.getByRole('option').first().getAttribute('aria-selected')).toBe('true');
  await page.keyboard.press('Escape');
  await quickAdd(page).waitFor({ state: 'detached' });

  // The list of commands, the name of the workflow, and the canvas itself.
  await page.keyboard.press('Control+k');
  const command = page.getByRole('combobox', { name: 'Command' });
  await command.fill('tidy');
  for (const enter of composedEnter) await press(command, enter);
  await press(command, { key: 'Escape', code: 'Escape', isComposing: true, keyCode: 229 });
  await untilValue(command, 'tidy');
  await page.keyboard.press('Escape');
  await command.waitFor({ state: 'detached' });
  const workflow = page.getByRole('textbox', { name: 'Name of the workflow' });
  await workflow.focus();
  for (const enter of composedEnter) await press(workflow, enter);
  expect(await workflow.evaluate((field) => field === document.activeElement)).toBe(true);
  await select(page, '名前');
  await press(page.locator('body'), { key: 'Backspace', code: 'Backspace', isComposing: true });
  await press(page.locator('body'), { key: 'Process', code: 'KeyN', keyCode: 229 });
  expect(await quickAdd(page).count()).toBe(0);
  expect(await page.locator('.react-flow__node').count()).toBe(4);
});

test('C11: keys belong to the control that has the focus, and Escape leaves it', async () => {
  const { page } = await openWorkflow();
  await select(page, 'Model');
  const model = nodeCard(page, 'Model');
  const inspector = page.getByRole('complementary', { name: 'Inspector' });
  const controls = [
    inspector.getByRole('slider', { name: 'Temperature' }),
    inspector.getByRole('combobox', { name: 'Model' }),
    inspector.getByRole('button', { name: 'reset' }),
    inspector.getByRole('tab', { name: 'Settings' }),
    model.getByRole('combobox', { name: 'Model' }),
  ];
  for (const control of controls) {
    await control.focus();
    for (const key of ['Backspace', 'Delete', 'o', 'n', 'Shift+N', 'f', 'r']) await page.keyboard.press(key);
  }
  expect(await page.locator('.react-flow__node').count()).toBe(4);
  expect(await quickAdd(page).count()).toBe(0);
  expect(await page.getByRole('complementary', { name: 'Runs' }).count()).toBe(0);
  expect(await model.getByText('Off', { exact: true }).count()).toBe(0);

  await controls[0]!.focus();
  const before = await controls[0]!.inputValue();
  await page.keyboard.press('ArrowRight');
  await eventually(async () => expect(await controls[0]!.inputValue()).not.toBe(before));
  // Out of the control; then keys are those of the canvas again, with the node still selected.
  await page.keyboard.press('Escape');
  await eventually(async () => {
    const isOnNode = await page.evaluate(() => document.activeElement?.classList.contains('react-flow__node'));
    expect(isOnNode).toBe(true);
  });
  await page.keyboard.press('o');
  await model.getByText('Off', { exact: true }).waitFor();
  await page.keyboard.press('Delete');
  await untilCount(page.locator('.react-flow__node'), 3);
});

test('C12: half of a number is no error on the way, and what a field cannot take is said there', async () => {
  const { page, id } = await openWorkflow();
  const width = nodeCard(page, 'Crop').getByRole('textbox', { name: 'Width in percent' });
  const refused = page.locator('[data-save="refused"], [data-save="partly"]');
  await width.fill('0');
  await width.press('.');
  await width.press('5');
  await width.press('Tab');
  await eventually(async () => expect((await savedNode(id, 'crop'))['width_percent']).toBe(0.5));
  await untilValue(width, '0.5');

  for (const [typed, words, kept] of [
    ['-5', 'Width: Takes more than 0 and at most 100 %, not -5. It stays 0.5.', 0.5],
    ['0', 'Width: Takes more than 0 and at most 100 %, not 0. It stays 0.5.', 0.5],
    ['150', 'Width: Takes more than 0 and at most 100 %, not 150. It is 100 now.', 100],
    ['-', 'is not a number', 100],
    ['1e', '“e” is not a unit of this field', 100],
  ] as const) {
    await width.fill(typed);
    await width.press('Enter');
    await nodeCard(page, 'Crop').getByRole('alert').getByText(words).waitFor();
    await untilValue(width, String(kept));
  }
  await width.fill('33,3');
  await width.press('Enter');
  expect(await nodeCard(page, 'Crop').getByRole('alert').count()).toBe(0);
  await eventually(async () => expect((await savedNode(id, 'crop'))['width_percent']).toBe(33.3));
  await untilSaved(page);
  expect(await refused.count()).toBe(0);
});

test('C13: a unit in a number field counts, or there are words at the field', async () => {
  const { page, id } = await openWorkflow();
  await select(page, 'Pause');
  const wait = page.getByRole('complementary', { name: 'Inspector' }).getByLabel('Wait', { exact: true });
  for (const [typed, ms] of [
    ['2s', 2_000],
    ['500ms', 500],
    ['1.5 min', 90_000],
    ['1,500', 1_500],
  ] as const) {
    await wait.fill('');
    await page.keyboard.insertText(typed);
    await wait.press('Tab');
    await eventually(async () => expect((await savedNode(id, 'pause'))['ms']).toBe(ms));
    await untilValue(wait, String(ms));
  }
  // Letter by letter it comes to the same.
  await wait.fill('');
  await wait.pressSequentially('3 s');
  await wait.press('Tab');
  await untilValue(wait, '3000');
  await wait.fill('2 parsecs');
  await wait.press('Tab');
  await page
    .getByText('“parsecs” is not a unit of this field. Write a number in ms, as 500, 2 s or 1.5 min.')
    .waitFor();
  expect(await wait.getAttribute('aria-invalid')).toBe('true');
  await eventually(async () => expect((await savedNode(id, 'pause'))['ms']).toBe(3_000));
  await textOf(page, 'Prompt').fill('saved as ever');
  await untilSaved(page);
});
