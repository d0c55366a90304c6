import { describe, expect, test } from '@jest/globals';
import type { BrowserContext, Page } from 'playwright-core';
import type { Graph } from '../core/graph/graph.ts';
import { account } from '../testing/browser-stack.ts';
import { eventually } from '../testing/eventually.ts';
import { textOf, untilSaved, untilValue } from './canvas.ts';
import { testStack } from './stack.ts';

/*
 * Ways to lose work, and that none of them does. Elsewhere: kept-work.test.ts has returning too early, leaving and
 * closing offline, a reload without a server, a browser without room, values that cannot run or are refused, a stale tab,
 * a program's change, and parts or pages that break; live.test.ts a restart of the server in mid-run;
 * room-for-results.test.ts many files dropped on one node; versions.test.ts a restored version; workflows.test.ts a
 * deletion; fields-and-keys.test.ts half-typed words and numbers.
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
