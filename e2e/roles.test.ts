import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { WorkspaceRole } from '../core/scope.ts';
import { middleOf, nodeCard, untilCount, untilRun } from './canvas.ts';
import { testStack } from './stack.ts';

/* What viewers and runners of a workspace see of it: everything, and nothing that the server would refuse. */

const stack = testStack();

const node = (id: string, type: string, x: number, data: object) => ({ id, type, position: { x, y: 0 }, data });
const graph = {
  nodes: [
    node('topic', 'text', 0, { label: 'Topic', text: 'kites', input: { name: 'topic', label: 'Topic' } }),
    { ...node('count', 'number', 0, { label: 'Count', value: 2 }), position: { x: 0, y: 320 } },
    node('ask', 'approve', 340, {
      label: 'Editor',
      message: 'Shall this go out?',
      buttons: [
        { id: 'yes', label: 'Send' },
        { id: 'no', label: 'Drop' },
      ],
    }),
    node('out', 'output', 760, { label: 'Sent', name: 'sent' }),
  ],
  edges: [
    { id: 'e1', source: 'topic', sourceHandle: 'output', target: 'ask', targetHandle: 'value' },
    { id: 'e2', source: 'ask', sourceHandle: 'yes', target: 'out', targetHandle: 'value' },
  ],
};

let team: string;
let workflow: number;
beforeAll(async () => {
  const { page, context } = await stack.open({ path: '/workspaces' });
  const post = async (path: string, data: object) =>
    (await (await page.request.post(stack.server.url + path, { data })).json()) as { id: never };
  ({ id: team } = await post('/api/workspaces', { name: 'Studio' }));
  ({ id: workflow } = await post(`/api/workflows?workspaceId=${team}`, { name: 'Letters', data: graph }));
  await post(`/api/workflows/${workflow}/publish`, { slug: 'letters' });
  await context.close();
});

/** Somebody new with that role, at a page of the workspace; `saves` are the changes that the page has tried to send. */
async function open(role: WorkspaceRole, { width = 1440 }: { width?: number } = {}) {
  const owner = await stack.open();
  const made = await owner.page.request.post(`${stack.server.url}/api/workspaces/${team}/members`, {
    data: { email: `${randomUUID()}@example.org`, role },
  });
  const { path } = (await made.json()) as { path: string };
  await owner.context.close();
  const { page, troubles } = await stack.openFresh();
  await page.setViewportSize({ width, height: 900 });
  const joined = await page.request.post(`${stack.server.url}/api/auth/accept-invitation`, {
    data: { token: path.split('#token=')[1], password: 'correct horse battery' },
  });
  expect(joined.status()).toBe(200);
  const saves: string[] = [];
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    // What a run would cost is asked for with a body, and changes nothing.
    const isChange = request.method() !== 'GET' && pathname.startsWith('/api/') && !pathname.endsWith('/plan');
    if (isChange) saves.push(`${request.method()} ${pathname}`);
  });
  return { page, troubles, saves, go: (to: string) => page.goto(stack.server.url + to) };
}

/** Fields and switches of the nodes that take something from whoever looks. */
const openFields = (page: Page) =>
  page.evaluate(() =>
    [
      ...document.querySelectorAll<HTMLInputElement>(
        '.node-card :is(input, textarea, select, [role="switch"], [role="combobox"], [contenteditable="true"]), aside :is(input, textarea, select, [role="switch"], [role="combobox"])',
      ),
    ]
      .filter((field) => !field.disabled && !field.readOnly && field.getAttribute('aria-disabled') !== 'true')
      .map((field) => field.outerHTML.slice(0, 200)),
  );
const widthOf = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth);
const says = (page: Page, role: string) => page.getByText(`you are a ${role} here`).first().waitFor();

test('a runner runs a workflow and answers its question, a viewer sees both, and nothing can be changed', async () => {
  const runner = await open('runner');
  await runner.go(`/workflows/${workflow}`);
  await says(runner.page, 'runner');
  const card = nodeCard(runner.page, 'Topic');
  await card.waitFor();
  const before = await middleOf(card);
  await runner.page.mouse.move(before.x, before.y - 40);
  await runner.page.mouse.down();
  await runner.page.mouse.move(before.x + 200, before.y + 120, { steps: 5 });
  await runner.page.mouse.up();
  await card.click({ position: { x: 60, y: 14 } });
  await runner.page.locator('aside').getByLabel('Name', { exact: true }).waitFor();
  expect(await openFields(runner.page)).toEqual([]);
  await runner.page.keyboard.press('Delete');
  await runner.page.keyboard.press('n');
  await runner.page.locator('.react-flow__pane').dblclick({ position: { x: 30, y: 30 } });
  await untilCount(runner.page.locator('.react-flow__node'), graph.nodes.length);
  for (const name of ['Undo', 'Publish']) await untilCount(runner.page.getByRole('button', { name }), 0);
  await untilCount(runner.page.getByRole('navigation', { name: 'Nodes' }), 0);
  expect(runner.saves).toEqual([]);

  await runner.page.getByRole('button', { name: 'Run', exact: true }).click();
  // The values that it asks for are as they were left in the workflow.
  await runner.page.getByRole('dialog').getByRole('button', { name: 'Run', exact: true }).click();
  await nodeCard(runner.page, 'Editor').getByRole('button', { name: 'Send' }).waitFor();

  const viewer = await open('viewer');
  await viewer.go(`/workflows/${workflow}`);
  await says(viewer.page, 'viewer');
  const ask = nodeCard(viewer.page, 'Editor');
  await ask.getByText('you are a viewer here').waitFor();
  await untilCount(ask.getByRole('button', { name: 'Send' }), 0);
  expect(await viewer.page.getByRole('button', { name: 'Run', exact: true }).isDisabled()).toBe(true);
  await untilCount(viewer.page.getByRole('button', { name: 'Cancel' }), 0);
  expect(await openFields(viewer.page)).toEqual([]);

  await nodeCard(runner.page, 'Editor').getByRole('button', { name: 'Send' }).click();
  for (const { page } of [runner, viewer]) await untilRun(page, 'COMPLETED');
  const runs = runner.saves.filter((save) => save.startsWith(`POST /api/workflows/${workflow}/run`));
  const answers = runner.saves.filter((save) => save.startsWith('POST /api/waits/'));
  expect([runs.length, answers.length, runner.saves.length]).toEqual([1, 1, 2]);
  expect(viewer.saves).toEqual([]);
  expect([...runner.troubles, ...viewer.troubles]).toEqual([]);
});

test.each([1440, 390])('a viewer finds nothing to press that is refused, at %i px', async (width) => {
  const { page, go, saves, troubles } = await open('viewer', { width });
  await go(`/?workspaceId=${team}`);
  await page.getByRole('link', { name: 'Letters' }).waitFor();
  await says(page, 'viewer');
  for (const name of ['New workflow', 'Import']) await untilCount(page.getByRole('button', { name }), 0);
  await page.getByRole('button', { name: 'More for Letters' }).click();
  await page.getByRole('menuitem', { name: 'Export' }).waitFor();
  for (const name of ['Rename', 'Duplicate', 'Move to a workspace', 'Delete'])
    await untilCount(page.getByRole('menuitem', { name }), 0);
  await page.keyboard.press('Escape');
  expect(await widthOf(page)).toBeLessThanOrEqual(width);

  await go('/app/letters');
  await says(page, 'viewer');
  expect(await page.getByRole('button', { name: 'Run', exact: true }).isDisabled()).toBe(true);
  expect(await page.getByLabel('Topic', { exact: true }).isDisabled()).toBe(true);
  expect(await widthOf(page)).toBeLessThanOrEqual(width);

  await go(`/workflows/${workflow}/triggers`);
  await says(page, 'viewer');
  for (const name of ['New schedule', 'New webhook']) await untilCount(page.getByRole('button', { name }), 0);
  await untilCount(page.getByRole('textbox'), 0);
  expect(await widthOf(page)).toBeLessThanOrEqual(width);

  await go(`/workflows/${workflow}/batches`);
  await says(page, 'viewer');
  await page.getByText('No batches yet.').waitFor();
  await untilCount(page.getByRole('textbox'), 0);
  expect(await widthOf(page)).toBeLessThanOrEqual(width);

  await go(`/workflows/${workflow}`);
  await says(page, 'viewer');
  expect(await page.getByRole('button', { name: 'Run', exact: true }).isDisabled()).toBe(true);
  expect(await widthOf(page)).toBeLessThanOrEqual(width);
  expect(saves).toEqual([]);
  expect(troubles).toEqual([]);
});

test('a runner uses an app on a phone, and makes no triggers', async () => {
  const { page, go, troubles } = await open('runner', { width: 390 });
  await go('/app/letters');
  await page.getByLabel('Topic', { exact: true }).fill('paper boats');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await untilRun(page, 'RUNNING');
  await go(`/?workspaceId=${team}`);
  await page.getByRole('button', { name: 'Workspace: Studio' }).waitFor();
  await go('/waiting');
  await page.getByRole('button', { name: 'Send' }).first().click();
  await go(`/workflows/${workflow}/triggers`);
  await says(page, 'runner');
  await untilCount(page.getByRole('button', { name: 'New schedule' }), 0);
  expect(troubles).toEqual([]);
});
