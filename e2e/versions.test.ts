import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { workflowSchema } from '../core/api/workflows.ts';
import { eventually } from '../testing/eventually.ts';
import { nodeCard, textOf, untilCount, untilSaved, untilValue } from './canvas.ts';
import { covered } from './looks.ts';
import { testStack } from './stack.ts';

const stack = testStack();

const nodeAt = (id: string, type: string, x: number, data: object) => ({ id, type, position: { x, y: 0 }, data });
const graph = {
  nodes: [
    nodeAt('t', 'text', 0, { label: 'Topic', text: 'tea', input: { name: 'topic', required: true } }),
    nodeAt('d', 'delay', 320, { label: 'Wait', ms: 0 }),
    nodeAt('o', 'output', 640, { name: 'copy' }),
  ],
  edges: [
    { id: 'e1', source: 't', sourceHandle: 'output', target: 'd', targetHandle: 'input' },
    { id: 'e2', source: 'd', sourceHandle: 'output', target: 'o', targetHandle: 'value' },
  ],
};

async function addWorkflow(page: Page, name: string, data: object = graph): Promise<number> {
  const answer = await page.request.post(`${stack.server.url}/api/workflows`, { data: { name, data } });
  expect(answer.status()).toBe(201);
  return ((await answer.json()) as { id: number }).id;
}

async function publish(page: Page, note: string): Promise<void> {
  await page.getByRole('button', { name: 'Publish', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Publish a new version' });
  await dialog.getByLabel('What has changed').fill(note);
  await dialog.getByRole('button', { name: 'Publish', exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
}

const badge = (page: Page, version: number, isChanged: boolean) =>
  page.locator(`[data-live="${version}"][data-changed="${isChanged}"]`);

test('a workflow is published with a note, changed, published again, rolled back and restored', async () => {
  const { page, troubles } = await stack.open();
  const id = await addWorkflow(page, 'Tea for two');
  await page.goto(`${stack.server.url}/workflows/${id}`);
  await nodeCard(page, 'Topic').waitFor();

  await page.getByRole('button', { name: 'Publish', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Publish this workflow' });
  const slug = dialog.getByLabel('Name in addresses');
  await untilValue(slug, 'tea-for-two');
  await slug.fill('Not a name');
  await dialog.getByText(/Use small letters, digits and single hyphens/).waitFor();
  await slug.fill('tea');
  await dialog.getByText('The app will be at /app/tea').waitFor();
  await dialog.getByLabel('What has changed').fill('the first one');
  await dialog.getByRole('button', { name: 'Publish', exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
  await badge(page, 1, false).waitFor();

  await textOf(page, 'Topic').fill('coffee');
  await badge(page, 1, true).waitFor();
  // What was typed a moment ago is published, too.
  await textOf(page, 'Topic').fill('coffee at last');
  await publish(page, 'coffee instead');
  await badge(page, 2, false).waitFor();

  await textOf(page, 'Topic').fill('unfinished');
  await untilSaved(page);
  await badge(page, 2, true).click();
  const panel = page.getByRole('complementary', { name: 'Versions' });
  await untilCount(panel.locator('[data-version]'), 2);
  await panel.getByText('coffee instead').waitFor();
  await panel.getByRole('button', { name: 'More for version 1' }).click();
  await page.getByRole('menuitem', { name: 'Make live' }).click();
  await badge(page, 1, true).waitFor();
  await panel.locator('[data-version="1"]').getByText('live', { exact: true }).waitFor();
  // The menu of the other version opens once this one has gone.
  await untilCount(page.getByRole('menuitem', { name: 'Make live' }), 0);

  await panel.getByRole('button', { name: 'More for version 2' }).click();
  await page.getByRole('menuitem', { name: 'Restore to the canvas' }).click();
  await untilValue(textOf(page, 'Topic'), 'coffee at last');
  const kept = panel.getByRole('region', { name: 'Kept drafts' });
  await kept.getByRole('button', { name: 'Restore' }).click();
  await untilValue(textOf(page, 'Topic'), 'unfinished');
  await untilSaved(page);

  await page.reload();
  await badge(page, 1, true).click();
  await panel.getByLabel('Name in addresses').fill('tea-time');
  await panel.getByRole('button', { name: 'Change' }).click();
  await eventually(async () => {
    const answer = await page.request.get(`${stack.server.url}/api/w/tea-time`);
    expect(answer.status()).toBe(200);
  });
  await panel.getByRole('button', { name: 'Change' }).waitFor({ state: 'detached' });
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'detached' });
  expect(troubles).toEqual([]);
});

test('the graphs of two runs are compared as well', async () => {
  const { page, troubles } = await stack.open();
  const id = await addWorkflow(page, 'Two runs');
  const url = `${stack.server.url}/api/workflows/${id}/run`;
  const start = async (topic: string) => {
    const answer = await page.request.post(`${url}?wait=30`, { data: { inputs: { topic } } });
    return ((await answer.json()) as { id: string }).id;
  };
  const [first, second] = [await start('tea'), await start('coffee')];
  await page.goto(`${stack.server.url}/runs/${first}/compare/${second}`);
  await page.getByRole('link', { name: 'Compare their graphs' }).click();
  await page.getByText('1 changed').waitFor();
  const field = page.locator('[data-node="t"] [data-field="text"]');
  expect(await field.locator('pre').allTextContents()).toEqual(['tea', 'coffee']);
  expect(troubles).toEqual([]);
});

test('the time limit of a run is a setting of its workflow, which versions have, and which is undone like any change', async () => {
  const { page, troubles } = await stack.open();
  const id = await addWorkflow(page, 'Slow tea');
  await page.goto(`${stack.server.url}/workflows/${id}`);
  await nodeCard(page, 'Topic').waitFor();
  const { api } = stack.server;
  expect((await api.request('POST', `/api/workflows/${id}/publish`, {})).status).toBe(201);
  const limitOf = async () =>
    workflowSchema.parse((await api.request('GET', `/api/workflows/${id}`)).body).data.settings;
  const open = async () => {
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Command' }).fill('workflow settings');
    await page.getByRole('option', { name: 'Workflow settings' }).waitFor();
    await page.keyboard.press('Enter');
    return page.getByRole('dialog', { name: 'Workflow settings' });
  };
  const dialog = await open();
  await dialog.getByText('Empty: 60 minutes, as here by default. At most 1,440 minutes.').waitFor();
  await dialog.getByLabel('Time limit of a run').fill('2 h');
  await dialog.getByRole('button', { name: 'Save settings' }).click();
  await eventually(async () => expect(await limitOf()).toEqual({ runTimeoutMs: 7_200_000 }));
  await untilSaved(page);

  await page.goto(`${stack.server.url}/workflows/${id}/compare?from=1&to=draft`);
  const differing = page.getByRole('region', { name: 'Settings that differ' });
  await differing.waitFor();
  expect(await differing.locator('[data-field="runTimeoutMs"] pre').allTextContents()).toEqual(['7200000']);

  await page.goto(`${stack.server.url}/workflows/${id}`);
  await nodeCard(page, 'Topic').waitFor();
  await untilValue((await open()).getByLabel('Time limit of a run'), '120');
  await dialog.getByLabel('Time limit of a run').fill('');
  await dialog.getByRole('button', { name: 'Save settings' }).click();
  await eventually(async () => expect(await limitOf()).toEqual({}));
  await page.getByRole('button', { name: 'Undo' }).click();
  await eventually(async () => expect(await limitOf()).toEqual({ runTimeoutMs: 7_200_000 }));
  expect(troubles).toEqual([]);
});

test('a draft that cannot run is not published, and the dialog says why', async () => {
  const { page } = await stack.open();
  const lonely = { nodes: [nodeAt('c', 'cropImage', 0, { label: 'Crop' })], edges: [] };
  const id = await addWorkflow(page, 'Lonely', lonely);
  await page.goto(`${stack.server.url}/workflows/${id}`);
  await page.getByRole('button', { name: 'Publish', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Publish', exact: true }).click();
  await dialog
    .getByRole('alert')
    .getByText(/needs its input/)
    .waitFor();
});

test.each(['light', 'dark'] as const)(
  'two versions are compared in one picture and side by side, in the %s theme',
  async (theme) => {
    const { page, troubles } = await stack.open({ theme });
    const id = await addWorkflow(page, 'Compared');
    const url = `${stack.server.url}/api/workflows/${id}`;
    const [topic, wait, copy] = graph.nodes;
    const slug = `compared-${theme}`;
    await page.request.post(`${url}/publish`, { data: { slug, note: 'before' } });
    const after = {
      nodes: [
        { ...topic!, data: { ...topic!.data, text: 'coffee' } },
        { ...copy!, position: { x: 700, y: 120 } },
        // In the place of the one that is gone.
        nodeAt('n', 'number', 320, { label: 'How many', value: 2 }),
      ],
      edges: [{ id: 'e3', source: 't', sourceHandle: 'output', target: 'o', targetHandle: 'value' }],
    };
    await page.request.put(url, { data: { data: after } });
    await page.request.post(`${url}/publish`, { data: { note: 'after' } });

    await page.goto(`${stack.server.url}/workflows/${id}`);
    await badge(page, 2, false).click();
    await page.getByRole('button', { name: 'More for version 2' }).click();
    await page.getByRole('menuitem', { name: 'Compare with version 1' }).click();
    await page.getByRole('heading', { name: 'Compare versions' }).waitFor();

    const picture = page.getByRole('group', { name: 'Both versions in one picture' });
    for (const name of ['Topic: Changed', 'Wait: Removed', 'How many: Added', 'Output: Moved']) {
      await picture.getByRole('button', { name, exact: true }).waitFor();
    }
    expect(await covered(page, '[data-change] > text')).toEqual([]);
    expect(await covered(page, '[data-change] > rect')).toEqual([]);
    await untilCount(picture.locator('[data-edge-change="added"]'), 1);
    await untilCount(picture.locator('[data-edge-change="removed"]'), 2);
    await picture.getByRole('button', { name: 'Topic: Changed' }).press('Enter');
    const row = page.getByRole('list', { name: 'Nodes that differ' }).locator('[data-node="t"]');
    const field = row.locator('[data-field="text"]');
    expect(await field.locator('pre').allTextContents()).toEqual(['tea', 'coffee']);
    await page.getByText('3 connections differ').waitFor();
    expect(wait!.data).toMatchObject({ label: 'Wait' });

    await page.getByRole('link', { name: 'Swap' }).click();
    await picture.getByRole('button', { name: 'Wait: Added' }).waitFor();
    await page.getByText('To compare results, run both once.').waitFor();
    for (const version of [1, 2]) {
      const run = `${stack.server.url}/api/w/${slug}/run?version=${version}&wait=30`;
      expect((await page.request.post(run, { data: { inputs: { topic: 'tea' } } })).ok()).toBe(true);
    }
    await page.setViewportSize({ width: 390, height: 800 });
    await page.reload();
    const results = page.getByRole('link', { name: 'Compare results' });
    await results.waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    // What they put out is a step away, result by result.
    await results.click();
    await page.waitForURL(/\/runs\/[^/]+\/compare\//);
    expect(troubles).toEqual([]);
  },
);
