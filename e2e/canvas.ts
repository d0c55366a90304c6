import { expect } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { eventually } from '../testing/eventually.ts';

/** A node by its name. */
export function nodeCard(page: Page, name: string): Locator {
  return page
    .locator('.react-flow__node', { has: page.locator('.node-card') })
    .filter({ hasText: name })
    .first();
}

/** Drags a node type from the palette to a point of the canvas. */
export async function dragFromPalette(page: Page, title: string, at: { x: number; y: number }): Promise<void> {
  await page
    .getByRole('navigation', { name: 'Nodes' })
    .getByRole('button', { name: title, exact: true })
    .dragTo(page.locator('.react-flow__pane'), { targetPosition: at });
}

/** Draws an edge from an output to an input with the pointer. */
export async function drawEdge(
  page: Page,
  source: Locator,
  target: Locator,
  targetHandle: string,
  sourceHandle = 'output',
) {
  const from = await middleOf(source.locator(`.react-flow__handle.source[data-handleid="${sourceHandle}"]`));
  const to = await middleOf(target.locator(`.react-flow__handle.target[data-handleid="${targetHandle}"]`));
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2, { steps: 4 });
  await page.mouse.move(to.x, to.y, { steps: 4 });
  await page.mouse.up();
}

export async function middleOf(element: Locator): Promise<{ x: number; y: number }> {
  const box = await element.boundingBox();
  if (box === null) throw new Error('The element is not on the screen.');
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** The text of a node of the type `text`. */
export function textOf(page: Page, name: string): Locator {
  return nodeCard(page, name).getByLabel('Text', { exact: true });
}

/** Waits until a field holds a value: what a click leads to is drawn when it is ready, not within the click. */
export async function untilValue(field: Locator, value: string): Promise<void> {
  await eventually(async () => expect(await field.inputValue()).toBe(value));
}

/** Waits until there are so many of something, and no more. */
export async function untilCount(found: Locator, count: number): Promise<void> {
  await eventually(async () => expect(await found.count()).toBe(count));
}

/** Waits until everything on the canvas is on the server. */
export async function untilSaved(page: Page): Promise<void> {
  await page.locator('[data-save="saved"]').waitFor();
}

export async function untilRun(page: Page, status: string): Promise<void> {
  await page.locator(`[data-run-status="${status}"]`).waitFor();
}

/** Runs a workflow with the values that it has; one with inputs asks for them first. */
export async function pressRun(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Run with inputs' });
  const started = page.locator('[data-run-status]');
  await dialog.getByRole('form').or(dialog.locator('form')).or(started).first().waitFor();
  if ((await dialog.count()) > 0) await dialog.getByRole('button', { name: 'Run', exact: true }).click();
}

/** Makes an empty workflow and opens it. */
export async function openNewWorkflow(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'New workflow' }).first().click();
  await page.waitForURL(/\/workflows\/\d+/);
  await page.locator('.react-flow__pane').waitFor();
}

/** Drops a file from outside of the page onto an element. */
export async function dropFile(
  page: Page,
  target: Locator,
  file: { name: string; type: string; base64: string },
): Promise<void> {
  const transfer = await page.evaluateHandle(({ name, type, base64 }) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const data = new DataTransfer();
    data.items.add(new File([bytes], name, { type }));
    return data;
  }, file);
  const { x, y } = await middleOf(target);
  for (const type of ['dragenter', 'dragover', 'drop']) {
    await target.dispatchEvent(type, { dataTransfer: transfer, clientX: x, clientY: y });
  }
}
