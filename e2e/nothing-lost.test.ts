import { describe, expect, test } from '@jest/globals';
import type { BrowserContext, Page } from 'playwright-core';
import type { Graph } from '../core/graph/graph.ts';
import { account } from '../testing/browser-stack.ts';
import { eventually } from '../testing/eventually.ts';
import { nodeCard, textOf, untilCount, untilSaved, untilValue } from './canvas.ts';
import { testStack } from './stack.ts';

/*
 * Ways to lose work, and that none of them does. Here: 1 the tab is closed, 2 it is reloaded, 3 another address is opened, 4 the way
 * back is taken, 5 the tab crashes, 6 the server is killed, 7 a proxy answers 500, 502 or 503, 8 the session ends, 9 somebody signs
 * out, 10 a conflict and a reload, 11 a conflict in which the other version is taken, 12 two tabs that were offline, 13 the workflow
 * is deleted elsewhere, 14 an upload is under way, 15 names, notes and moves, 16 the browser throws away what it kept.
 * In kept-work.test.ts: 17 returning too early, 18 leaving offline, 19 closing offline, 20 a reload without a server, 21 a browser
 * without room, 22 a value that cannot run, 23 one that is refused, 24 a stale tab, 25 a change by a program, 26 a part that breaks,
 * 27 a page that breaks. Elsewhere: live.test.ts has a restart of the server in mid-run, room-for-results.test.ts many files dropped
 * on one node, versions.test.ts a restored version, workflows.test.ts a deletion, fields-and-keys.test.ts half-typed words and numbers.
 */

const stack = testStack();

const graph: Graph = {
  nodes: [
    { id: 'text', type: 'text', position: { x: 0, y: 0 }, data: { label: 'Prompt', text: 'before' } },
    { id: 'note', type: 'note', position: { x: 0, y: 400 }, width: 220, height: 120, data: { text: 'a note' } },
  ],
  edges: [],
};
const prompt = (page: Page) => textOf(page, 'Prompt');
const save = (page: Page, status: string) => page.locator(`[data-save="${status}"]`);

async function openWorkflow() {
  const id = await stack.server.api.createWorkflow(graph);
  const opened = await stack.open({ path: `/workflows/${id}` });
  await untilValue(prompt(opened.page), 'before');
  return { ...opened, id };
}

async function stored(id: number): Promise<{ name: string; data: Graph }> {
  const { body } = await stack.server.api.request('GET', `/api/workflows/${id}`);
  return body as { name: string; data: Graph };
}
const untilStored = (id: number, text: string) =>
  eventually(async () => expect((await stored(id)).data.nodes[0]?.data['text']).toBe(text));
const change = (id: number, text: string) =>
  stack.server.api.request('PUT', `/api/workflows/${id}`, {
    data: {
      ...graph,
      nodes: graph.nodes.map((node) => (node.id === 'text' ? { ...node, data: { ...node.data, text } } : node)),
    },
  });

/** No save gets through, while everything else does. */
const refuseSaves = (page: Page, answer: 'fails' | number = 'fails') =>
  page.route('**/api/workflows/*', (route) => {
    if (route.request().method() !== 'PUT') return route.continue();
    if (answer === 'fails') return route.abort('connectionfailed');
    return route.fulfill({ status: answer, contentType: 'text/html', body: '<h1>Bad gateway</h1>' });
  });
const letSavesThrough = (page: Page) => page.unroute('**/api/workflows/*');

/** What was kept is sent by the next visit to any page. */
async function visit(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await page.goto(stack.server.url);
  return page;
}

describe('right after the last letter, before anything was sent', () => {
  test.each<[string, (page: Page) => Promise<unknown>]>([
    ['the tab is closed', (page) => page.close({ runBeforeUnload: true })],
    ['the page is reloaded', (page) => page.reload()],
    ['another address is opened in the tab', (page) => page.goto('about:blank')],
    ['the way back is taken', (page) => page.goBack()],
  ])('%s', async (_way, leave) => {
    const id = await stack.server.api.createWorkflow(graph);
    const { page, context } = await stack.open({ path: '/' });
    await page.goto(`${stack.server.url}/workflows/${id}`);
    await untilValue(prompt(page), 'before');
    await prompt(page).fill('the last letters');
    await leave(page);
    await visit(context);
    await untilStored(id, 'the last letters');
  });
});

test('the tab crashes: the next one has the change and saves it', async () => {
  const { page, context, id } = await openWorkflow();
  await refuseSaves(page);
  await prompt(page).fill('typed before the crash');
  await save(page, 'offline').waitFor();
  const crashed = page.waitForEvent('crash');
  const devtools = await context.newCDPSession(page);
  void devtools.send('Page.crash').catch(() => undefined);
  await crashed;
  const next = await context.newPage();
  await next.goto(`${stack.server.url}/workflows/${id}`);
  await untilValue(prompt(next), 'typed before the crash');
  await untilStored(id, 'typed before the crash');
});

test('the server is killed and comes back while somebody types', async () => {
  const { page, id } = await openWorkflow();
  const restarted = stack.restartServer();
  for (const words of ['typed', 'typed while it', 'typed while it was away']) await prompt(page).fill(words);
  await restarted;
  await untilStored(id, 'typed while it was away');
  await untilSaved(page);
});

test.each([500, 502, 503])('a save is answered with %i: it is tried again', async (status) => {
  const { page, id } = await openWorkflow();
  await refuseSaves(page, status);
  await prompt(page).fill(`after ${status}`);
  await save(page, 'offline').waitFor();
  await letSavesThrough(page);
  await untilStored(id, `after ${status}`);
  await untilSaved(page);
});

test('the session ends while somebody types: after signing in, the work goes on', async () => {
  const { page, context, id } = await openWorkflow();
  await context.clearCookies();
  await prompt(page).fill('typed without a session');
  await page.waitForURL(/\/sign-in/);
  await page.getByLabel('Email').fill(account.email);
  await page.getByLabel('Password', { exact: true }).fill(account.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
  await untilStored(id, 'typed without a session');
});

test('somebody signs out right after the last letter', async () => {
  const { page, id } = await openWorkflow();
  await prompt(page).fill('typed, then signed out');
  await page.getByRole('button', { name: 'Menu' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.waitForURL(/\/sign-in/);
  await untilStored(id, 'typed, then signed out');
});

describe('both sides changed', () => {
  const question = (page: Page) => page.getByRole('dialog', { name: 'This workflow was changed elsewhere' });

  async function openConflict() {
    const opened = await openWorkflow();
    await refuseSaves(opened.page);
    await prompt(opened.page).fill('mine');
    await save(opened.page, 'offline').waitFor();
    expect((await change(opened.id, 'theirs')).status).toBe(200);
    await letSavesThrough(opened.page);
    await question(opened.page).waitFor();
    return opened;
  }

  test('a reload asks again, and the other version is one step back from mine', async () => {
    const { page, id } = await openConflict();
    await page.reload();
    await question(page).getByRole('button', { name: 'Overwrite with mine' }).click();
    await untilStored(id, 'mine');
    await page.getByRole('button', { name: 'Undo overwrite the other version' }).click();
    await untilValue(prompt(page), 'theirs');
    await untilStored(id, 'theirs');
    await page.getByRole('button', { name: 'Redo overwrite the other version' }).click();
    await untilStored(id, 'mine');
  });

  test('mine is one step back from the other version', async () => {
    const { page, id } = await openConflict();
    await question(page).getByRole('button', { name: 'Load their version' }).click();
    await untilValue(prompt(page), 'theirs');
    await page.getByRole('button', { name: 'Undo load the latest version' }).click();
    await untilValue(prompt(page), 'mine');
    await untilStored(id, 'mine');
  });

  test('in two tabs that were offline, too', async () => {
    const { page, context, id } = await openWorkflow();
    const second = await context.newPage();
    await second.goto(page.url());
    await untilValue(prompt(second), 'before');
    await context.setOffline(true);
    await prompt(page).fill('first tab');
    await save(page, 'offline').waitFor();
    await prompt(second).fill('second tab');
    await save(second, 'offline').waitFor();
    await context.setOffline(false);
    // One of them is saved; the other one is asked, and shows what was typed there.
    const both = [page, second];
    await eventually(async () => {
      const asked = await Promise.all(both.map((each) => question(each).count()));
      expect(asked.toSorted()).toEqual([0, 1]);
    });
    const isFirstAsked = await question(page).count();
    await untilValue(prompt(page), 'first tab');
    await untilValue(prompt(second), 'second tab');
    await untilStored(id, isFirstAsked === 1 ? 'second tab' : 'first tab');
  });
});

test('the workflow is deleted elsewhere: what was typed is kept and can be taken into another one', async () => {
  const { page, context, id } = await openWorkflow();
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  expect((await stack.server.api.request('DELETE', `/api/workflows/${id}`)).status).toBe(204);
  await prompt(page).fill('typed into nothing');
  await page.getByRole('alert').getByText('Your changes are kept in this browser.').waitFor();
  await nodeCard(page, 'Prompt').click({ position: { x: 60, y: 16 } });
  await page.keyboard.press('Control+c');
  const other = await stack.server.api.createWorkflow({ nodes: [], edges: [] });
  await page.goto(`${stack.server.url}/workflows/${other}`);
  await page.locator('.react-flow__pane').waitFor();
  await page.keyboard.press('Control+v');
  await untilCount(page.locator('.node-card'), 1);
  await untilStored(other, 'typed into nothing');
});

test('an upload is under way: leaving asks first', async () => {
  const id = await stack.server.api.createWorkflow({
    nodes: [{ id: 'photo', type: 'image', position: { x: 0, y: 0 }, data: { label: 'Photo' } }],
    edges: [],
  });
  const { page } = await stack.open({ path: `/workflows/${id}` });
  await page.route('**/api/assets', () => undefined);
  // Browsers ask nobody who has not touched the page.
  await nodeCard(page, 'Photo').click({ position: { x: 60, y: 16 } });
  const png = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  );
  await nodeCard(page, 'Photo')
    .getByLabel('Upload image')
    .setInputFiles({ name: 'dot.png', mimeType: 'image/png', buffer: png });
  await nodeCard(page, 'Photo').getByRole('progressbar', { name: 'Uploading dot.png' }).waitFor();
  const asked = page.waitForEvent('dialog');
  void page.close({ runBeforeUnload: true });
  const dialog = await asked;
  expect(dialog.type()).toBe('beforeunload');
  await dialog.dismiss();
  expect(page.isClosed()).toBe(false);
});

test('a name, a note, an added and a moved node are kept like words when the tab is closed', async () => {
  const { page, context, id } = await openWorkflow();
  await refuseSaves(page);
  await page.locator('.react-flow__node-note').dblclick();
  await page.getByLabel('Note', { exact: true }).fill('a longer note');
  await page.keyboard.press('Escape');
  await nodeCard(page, 'Prompt').click({ position: { x: 60, y: 16 } });
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Control+d');
  await untilCount(page.locator('.node-card'), 2);
  await save(page, 'offline').waitFor();
  await page.close({ runBeforeUnload: true });
  const next = await visit(context);
  await next.getByText('Saved your changes to').first().waitFor();
  const { data } = await stored(id);
  expect(data.nodes).toHaveLength(3);
  expect(data.nodes.find(({ type }) => type === 'note')?.data['text']).toBe('a longer note');
  expect(data.nodes.find((node) => node.id === 'text')?.position.x).toBeGreaterThan(0);
});

test('what the browser kept is thrown away while the page is offline: the page still has it', async () => {
  const { page, context, id } = await openWorkflow();
  await context.setOffline(true);
  await prompt(page).fill('only in the page');
  await save(page, 'offline').waitFor();
  await page.evaluate(() => localStorage.clear());
  await context.setOffline(false);
  await untilStored(id, 'only in the page');
  await untilSaved(page);
});
