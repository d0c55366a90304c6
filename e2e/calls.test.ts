import { expect, test } from '@jest/globals';
import type { Graph } from '../core/graph/graph.ts';
import { nodeCard, untilRun, untilSaved } from './canvas.ts';
import { testStack } from './stack.ts';

/* A workflow within a workflow: chosen, run, looked into, brought up to date. */

const stack = testStack();
const at = (x: number) => ({ x, y: 0 });

const greeting = (template: string, more: Graph['nodes'] = []): Graph => ({
  nodes: [
    { id: 'in', type: 'text', position: at(0), data: { label: 'Name', text: 'nobody', input: { name: 'person' } } },
    { id: 'say', type: 'template', position: at(340), data: { label: 'Greet', template } },
    { id: 'out', type: 'output', position: at(700), data: { label: 'Greeting', name: 'greeting' } },
    ...more,
  ],
  edges: [
    { id: 'e1', source: 'in', sourceHandle: 'output', target: 'say', targetHandle: 'name' },
    { id: 'e2', source: 'say', sourceHandle: 'output', target: 'out', targetHandle: 'value' },
  ],
});

test('a workflow is chosen for a call, executed, looked into, and brought up to date when a new version is live', async () => {
  const { api } = stack.server;
  const called = await api.createWorkflow(greeting('Hello {{name}}'));
  await api.request('PUT', `/api/workflows/${called}`, { name: 'Greeting people' });
  expect((await api.request('POST', `/api/workflows/${called}/publish`, {})).status).toBe(201);
  const caller = await api.createWorkflow({
    nodes: [
      { id: 'who', type: 'text', position: at(0), data: { label: 'Who', text: 'Ada' } },
      { id: 'call', type: 'callWorkflow', position: at(360), data: { label: 'Greeter', version: 'live' } },
    ],
    edges: [],
  });
  const { page } = await stack.open({ path: `/workflows/${caller}` });
  const node = nodeCard(page, 'Greeter');
  await node.getByRole('combobox', { name: 'Workflow to call' }).click();
  await page.getByRole('option', { name: 'Greeting people' }).click();
  await node.locator('.react-flow__handle[data-handleid="greeting"]').waitFor();
  await node.locator('.react-flow__handle[data-handleid="person"]').waitFor();
  await untilSaved(page);
  await page.keyboard.press('Escape');
  await page.locator('.react-flow__pane').click({ position: { x: 5, y: 300 } });
  await page.keyboard.press('Control+Enter');
  await untilRun(page, 'COMPLETED');
  await node.getByRole('button', { name: 'See inside' }).click();
  const dialog = page.getByRole('dialog', { name: 'Greeting people' });
  await dialog.locator('.node-card[data-status="completed"]').first().waitFor();
  await dialog.getByText('Hello nobody').first().waitFor();
  await page.keyboard.press('Escape');

  // Another version takes one more input.
  const more = { id: 'tone', type: 'text', position: at(1000), data: { text: 'x', input: { name: 'tone' } } };
  const changed = greeting('Good day, {{name}}', [more]);
  expect((await api.request('PUT', `/api/workflows/${called}`, { data: changed })).status).toBe(200);
  const callers = await api.request('GET', `/api/workflows/${called}/callers`);
  expect(callers.body).toEqual({
    contractChanges: true,
    items: [{ id: caller, name: expect.any(String), live: false, versions: [1] }],
  });
  expect((await api.request('POST', `/api/workflows/${called}/publish`, {})).status).toBe(201);
  await page.reload();
  await node.getByText('Version 2 is live; this is 1.').waitFor();
  await node.getByText('New input "tone".').waitFor();
  await node.getByRole('button', { name: 'Update' }).click();
  await node.locator('.react-flow__handle[data-handleid="tone"]').waitFor();
  await untilSaved(page);
});

test('a selection becomes a workflow that is called in its place, and comes back: by keyboard, by menu, by undo', async () => {
  const { api } = stack.server;
  const id = await api.createWorkflow({
    nodes: [
      { id: 'who', type: 'text', position: at(0), data: { label: 'Who', text: 'Ada' } },
      { id: 'say', type: 'template', position: at(360), data: { label: 'Say', template: 'Hello {{name}}' } },
      { id: 'end', type: 'output', position: at(720), data: { label: 'End', name: 'end' } },
    ],
    edges: [
      { id: 'e1', source: 'who', sourceHandle: 'output', target: 'say', targetHandle: 'name' },
      { id: 'e2', source: 'say', sourceHandle: 'output', target: 'end', targetHandle: 'value' },
    ],
  });
  const before = await api.request('GET', `/api/workflows/${id}`);
  const { page } = await stack.open({ path: `/workflows/${id}` });
  const say = page.locator('.react-flow__node[data-id="say"]');
  await say.click({ position: { x: 60, y: 12 } });
  await page.keyboard.press('Shift+W');
  const dialog = page.getByRole('dialog', { name: 'Make a workflow of the selection' });
  await dialog.getByLabel('Name').fill('Saying hello');
  await page.keyboard.press('Enter');
  const call = page.locator('.react-flow__node[data-id="call"]');
  await call.locator('.react-flow__handle[data-handleid="who"]').waitFor();
  expect(await say.count()).toBe(0);
  await untilSaved(page);
  await page.locator('.react-flow__pane').click({ position: { x: 5, y: 300 } });
  await page.keyboard.press('Control+Enter');
  await untilRun(page, 'COMPLETED');
  await nodeCard(page, 'End').getByText('Hello Ada').first().waitFor();

  // A result of the workflow is no part of another one; what the server says stands in the dialog.
  await nodeCard(page, 'End').click({ position: { x: 60, y: 12 } });
  await page.keyboard.press('Shift+W');
  await dialog.getByLabel('Name').fill('No');
  await dialog.getByRole('button', { name: 'Make a workflow' }).click();
  await dialog.getByText('"End" is a result of this workflow.').waitFor();
  await page.keyboard.press('Escape');

  await call.click({ button: 'right', position: { x: 60, y: 12 } });
  await page.getByRole('menuitem', { name: 'Unpack the called workflow' }).click();
  await say.waitFor();
  expect(await call.count()).toBe(0);
  await untilSaved(page);
  const after = await api.request('GET', `/api/workflows/${id}`);
  const graphOf = ({ body }: typeof before) => (body as { data: Graph }).data;
  expect(graphOf(after).nodes.map((node) => [node.id, node.position, node.data])).toEqual(
    graphOf(before).nodes.map((node) => [node.id, node.position, node.data]),
  );
  expect(
    graphOf(after)
      .edges.map((edge) => edge.id)
      .toSorted(),
  ).toEqual(['e1', 'e2']);
  // Both are one step back each.
  await page.locator('.react-flow__pane').click({ position: { x: 5, y: 300 } });
  await page.keyboard.press('Control+z');
  await call.waitFor();
  await page.keyboard.press('Control+z');
  await say.waitFor();
});
