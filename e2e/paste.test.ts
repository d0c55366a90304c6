import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { nodeCard, openNewWorkflow, untilCount, untilSaved, untilValue } from './canvas.ts';
import { testStack } from './stack.ts';

const stack = testStack();

async function openEmpty(): Promise<Page> {
  const opened = await stack.open();
  await openNewWorkflow(opened.page);
  return opened.page;
}

/** What a program put on the clipboard, pasted onto the canvas. */
async function paste(page: Page, content: Readonly<Record<string, string>>): Promise<void> {
  await page.evaluate((types) => {
    const data = new DataTransfer();
    for (const [type, text] of Object.entries(types)) data.setData(type, text);
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  }, content);
}

/** What the app says in passing; screen readers hear the same words from a region of their own. */
const told = (page: Page, words: string) => page.getByRole('region', { name: 'Notifications' }).getByText(words);
const nodes = (page: Page) => page.locator('.react-flow__node');
const node = (id: string, type: string, x = 0) => ({ id, type, position: { x, y: 0 }, data: {} });
const fragment = (...content: [unknown[], unknown[]?]) =>
  JSON.stringify({ heddle: 'nodes', nodes: content[0], edges: content[1] ?? [] });
const edge = (id: string, source: string, target: string) => ({
  id,
  source,
  sourceHandle: 'output',
  target,
  targetHandle: 'input',
});

test('C14: pasted nodes with the same id are two nodes, and are saved', async () => {
  const page = await openEmpty();
  await paste(page, { 'text/plain': fragment([node('d', 'text'), node('d', 'delay', 340)]) });
  await untilCount(nodes(page), 2);
  await untilSaved(page);
  await page.reload();
  await untilCount(nodes(page), 2);
});

test('C15: pasted connections that could not be drawn are left out with a word, and the rest is saved', async () => {
  const page = await openEmpty();
  const both = [edge('e1', 'a', 'b'), edge('e2', 'b', 'a')];
  await paste(page, { 'text/plain': fragment([node('a', 'text'), node('b', 'delay', 340)], both) });
  await told(page, '1 connection skipped').waitFor();
  await untilCount(page.locator('.react-flow__edge'), 1);
  await untilSaved(page);
});

test('C16: addresses, words, pictures of pages and workflows of other programs', async () => {
  const page = await openEmpty();
  await paste(page, { 'text/plain': 'https://example.org/cats/cat%20one.jpg' });
  await nodeCard(page, 'cat one').getByText('https://example.org/cats/cat%20one.jpg').waitFor();
  await paste(page, { 'text/html': '<meta charset="utf-8"><img src="https://example.org/picture" alt="x">' });
  await nodeCard(page, 'https://example.org/picture').waitFor();
  await paste(page, { 'text/plain': 'plain words\r\non two lines' });
  await untilValue(nodeCard(page, 'Text').getByLabel('Text', { exact: true }), 'plain words\non two lines');
  await untilCount(nodes(page), 3);

  const comfy = { last_node_id: 1, nodes: [{ id: 1, type: 'KSampler', pos: [0, 0] }], links: [] };
  await paste(page, { 'text/plain': JSON.stringify(comfy) });
  await told(page, 'This is a workflow from ComfyUI.').waitFor();
  const n8n = {
    nodes: [{ parameters: {}, name: 'Start', type: 'n8n-nodes-base.start', typeVersion: 1 }],
    connections: {},
  };
  await paste(page, { 'text/plain': JSON.stringify(n8n) });
  await told(page, 'This is a workflow from n8n.').waitFor();
  await untilCount(nodes(page), 3);
  await untilSaved(page);
});

test('C24: the link of a run says for whom it is, and its page helps whoever it does not open for', async () => {
  const { api } = stack.server;
  const id = await api.createWorkflow({ nodes: [{ ...node('text', 'text'), data: { text: 'x' } }], edges: [] });
  const runId = await api.start(id);
  await api.finished(runId);
  const { page, context } = await stack.open({ path: `/runs/${runId}` });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'Copy private link' }).click();
  await told(page, 'Only members of its workspace can open it').waitFor();

  // A run of somebody else and one that never was look the same.
  const never = `${runId.slice(0, -4)}0000`;
  await page.goto(`${stack.server.url}/runs/${never}`);
  await page.getByText('This run could not be loaded').waitFor();
  await page.getByText(/Only the person who created a run can open it/).waitFor();
  expect(await page.getByText(never).count()).toBe(0);
});
