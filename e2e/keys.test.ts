import { expect, test } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import type { Graph } from '../core/graph/graph.ts';
import { nodeCard, untilSaved } from './canvas.ts';
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

async function openWorkflow(): Promise<{ page: Page }> {
  const id = await stack.server.api.createWorkflow(graph);
  const opened = await stack.open({ path: `/workflows/${id}` });
  await nodeCard(opened.page, 'Prompt').waitFor();
  await untilSaved(opened.page);
  return { page: opened.page };
}

/** A press of a key as a layout sends it; nothing is typed by it. */
async function press(target: Locator, init: Record<string, unknown>): Promise<void> {
  await target.evaluate((element, keys) => {
    for (const type of ['keydown', 'keyup']) {
      element.dispatchEvent(new KeyboardEvent(type, { bubbles: true, cancelable: true, composed: true, ...keys }));
    }
  }, init);
}

const select = (page: Page, name: string) => nodeCard(page, name).click({ position: { x: 60, y: 16 } });
const quickAdd = (page: Page) => page.getByRole('dialog', { name: 'Add a node' });

test('C10: a shortcut is found by its place on the layout of another script', async () => {
  const { page } = await openWorkflow();
  await select(page, 'Prompt');
  const body = page.locator('body');
  await press(body, { key: 'щ', code: 'KeyO' });
  await nodeCard(page, 'Prompt').getByText('Off', { exact: true }).waitFor();
  await press(body, { key: 'я', code: 'KeyZ', ctrlKey: true });
  await nodeCard(page, 'Prompt').getByText('Off', { exact: true }).waitFor({ state: 'detached' });
  await press(body, { key: 'Я', code: 'KeyZ', ctrlKey: true, shiftKey: true });
  await nodeCard(page, 'Prompt').getByText('Off', { exact: true }).waitFor();
  await press(body, { key: 'т', code: 'KeyN' });
  await quickAdd(page).waitFor();
  await page.keyboard.press('Escape');
  await quickAdd(page).waitFor({ state: 'detached' });
  await press(body, { key: 'л', code: 'KeyK', ctrlKey: true });
  await page.getByRole('combobox', { name: 'Command' }).waitFor();
});

test('C11: arrow keys in a node do not move it', async () => {
  const { page } = await openWorkflow();
  await select(page, 'Model');
  const picker = nodeCard(page, 'Model').getByRole('combobox', { name: 'Model' });
  const before = await page.locator('.react-flow__node[data-id="llm"]').getAttribute('style');
  await picker.focus();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  expect(await page.locator('.react-flow__node[data-id="llm"]').getAttribute('style')).toBe(before);
});
