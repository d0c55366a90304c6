import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { Graph } from '../core/graph/graph.ts';
import type { BrowserStack } from '../testing/browser-stack.ts';
import { eventually } from '../testing/eventually.ts';
import { makePicture } from '../testing/media.ts';
import { nodeCard } from './canvas.ts';

/* Every page and state of the app, with what is to be seen there. */

let id: Readonly<Record<'done' | 'empty' | 'failed' | 'running' | 'waiting' | 'published' | 'caller' | 'list', number>>;
let run: Readonly<Record<'done' | 'again' | 'failed' | 'app' | 'asking', string>>;
let workspace: string;
let link: string;
let invitation: string;

const node = (name: string, type: string, x: number, data: object, y = 0) => ({
  id: name,
  type,
  position: { x, y },
  data: { label: name[0]!.toUpperCase() + name.slice(1), ...data },
});
const edge = (source: string, target: string, targetHandle: string) => ({
  id: `${source} ${target}`,
  source,
  sourceHandle: 'output',
  target,
  targetHandle,
});

function doneGraph(url: string, words: string): Graph {
  return {
    nodes: [
      node('photo', 'image', 0, { file: { url, name: 'photo.png', type: 'image/png' } }),
      node('prompt', 'text', 0, { text: words }, 420),
      node('square', 'cropImage', 340, { width_percent: 50 }),
      node('model', 'llm', 680, { model: 'gemini-fake' }),
      { ...node('hint', 'note', 340, { text: 'Change the prompt and run again.' }, 700), width: 240, height: 90 },
    ],
    edges: [edge('photo', 'square', 'image_url'), edge('prompt', 'model', 'user_message')],
  };
}

/** Makes everything that the states show. */
export async function makeStates(stack: BrowserStack): Promise<void> {
  const { api } = stack.server;
  stack.gemini.standing({ kind: 'answer', chunks: ['Keeps the morning warm: steel, a steady grip, twelve hours.'] });
  const { url } = await api.upload(await makePicture('png', 800, 600));
  const done = await api.createWorkflow(doneGraph(url, 'Write a line about a steel cup.'));
  const first = await api.start(done);
  await api.finished(first);
  await api.request('PUT', `/api/workflows/${done}`, { data: doneGraph(url, 'Write two lines about a steel cup.') });
  const again = await api.start(done);
  await api.finished(again);
  const failed = await api.createWorkflow({
    nodes: [
      node('pause', 'delay', 0, { ms: 0 }),
      node('model', 'llm', 340, { model: 'gemini-fake', userMessage: 'Hello' }),
      node('after', 'delay', 680, { ms: 0 }),
    ],
    edges: [edge('model', 'after', 'input')],
  });
  stack.gemini.script({ kind: 'error', status: 400, message: 'The prompt is not allowed here.' });
  const broken = await api.start(failed);
  await api.finished(broken);
  const running = await api.createWorkflow({
    nodes: [
      node('prompt', 'text', 0, { text: 'quick' }),
      node('pause', 'delay', 340, { ms: 3_600_000 }),
      node('model', 'llm', 680, { model: 'gemini-fake' }),
    ],
    edges: [edge('prompt', 'pause', 'input'), edge('pause', 'model', 'user_message')],
  });
  await api.start(running);
  const waiting = await api.createWorkflow({
    nodes: [
      node('draft', 'text', 0, { text: 'Dear all, the cups are here.' }),
      node('editor', 'approve', 340, { message: 'Shall this letter go out?' }),
    ],
    edges: [edge('draft', 'editor', 'value')],
  });
  const asking = await api.start(waiting);
  await eventually(async () => expect((await api.nodes(asking))['editor']?.status).toBe('WAITING'));
  const published = await api.createWorkflow({
    nodes: [
      node('topic', 'text', 0, { text: 'own', input: { name: 'topic', label: 'What about?' } }),
      node('copy', 'output', 340, { name: 'copy' }),
    ],
    edges: [edge('topic', 'copy', 'value')],
  });
  const version = await api.request('POST', `/api/workflows/${published}/publish`, {
    slug: 'accessible',
    note: 'First',
  });
  expect(version.status).toBe(201);
  const draft = { nodes: [node('amount', 'number', 0, { value: 1 })], edges: [] };
  expect((await api.request('PUT', `/api/workflows/${published}`, { data: draft })).status).toBe(200);
  const app = await api.start(published);
  await api.finished(app);
  const triggers = `/api/workflows/${published}/triggers`;
  expect((await api.request('POST', triggers, { kind: 'schedule', cron: 'every 3 hours' })).status).toBe(201);
  expect((await api.request('POST', triggers, { kind: 'webhook' })).status).toBe(201);
  const rows = { rows: [{ topic: 'tea' }, { topic: 'coffee' }] };
  expect((await api.request('POST', `/api/workflows/${published}/batches`, rows)).status).toBe(202);
  const links = await api.request('POST', `/api/workflows/${published}/links`, { name: 'For the press' });
  expect(links.status).toBe(201);
  link = new URL((links.body as { url: string }).url).pathname;
  // A program makes no workspaces: somebody who is signed in does.
  const { page, context } = await stack.open({ path: '/workspaces' });
  const team = await page.request.post(`${stack.server.url}/api/workspaces`, { data: { name: 'Studio' } });
  expect([team.status(), team.ok() ? '' : await team.text()]).toEqual([201, '']);
  workspace = ((await team.json()) as { id: string }).id;
  const invited = await page.request.post(`${stack.server.url}/api/invitations`, {
    data: { email: 'guest@example.org', role: 'member' },
  });
  invitation = ((await invited.json()) as { path: string }).path;
  await context.close();
  const caller = await api.createWorkflow({
    nodes: [
      node('who', 'text', 0, { text: 'A steel cup' }),
      node('copier', 'callWorkflow', 360, { workflowId: published, version: 'live' }),
    ],
    edges: [],
  });
  const list = await api.createWorkflow({
    nodes: [
      node('words', 'list', 0, { items: ['one', 'two', 'three', 'four', 'five', 'six', 'seven'] }),
      node('single', 'replaceText', 360, { find: 'o', replacement: '0' }),
    ],
    edges: [edge('words', 'single', 'text')],
  });
  await api.finished(await api.start(list));
  id = {
    ...{ done, failed, running, waiting, published, caller, list },
    empty: await api.createWorkflow({ nodes: [], edges: [] }),
  };
  run = { done: first, again, failed: broken, app, asking };
}

const strip = (page: Page) => page.getByRole('region', { name: 'Results', exact: true });
const choose = (name: string) => (page: Page) => nodeCard(page, name).click({ position: { x: 60, y: 16 } });
const press = (key: string, then: (page: Page) => Promise<unknown>) => async (page: Page) => {
  await page.locator('.react-flow__pane').waitFor();
  await page.keyboard.press(key);
  await then(page);
};
const untilDialog = (page: Page) => page.getByRole('dialog').first().waitFor();
const click = (role: 'button' | 'link', name: string | RegExp, then = untilDialog) => {
  return async (page: Page) => {
    await page.getByRole(role, { name }).first().click();
    await then(page);
  };
};
const canvas = (name: keyof typeof id) => () => `/workflows/${id[name]}`;

/** Where it is, what is done there, and whether there is such a thing on a phone. */
export type State = [name: string, path: () => string, act?: (page: Page) => Promise<unknown>, isWideOnly?: true];

/** Every page and what can be open on it. */
export const states: readonly State[] = [
  ['list', () => '/'],
  ['templates', () => '/templates'],
  ['canvas-empty', canvas('empty')],
  ['canvas', canvas('done')],
  ['canvas-selected', canvas('done'), choose('Model'), true],
  ['canvas-running', canvas('running')],
  ['canvas-failed', canvas('failed')],
  ['canvas-waiting', canvas('waiting')],
  [
    'lightbox',
    canvas('done'),
    (page) =>
      strip(page)
        .getByRole('button', { name: 'Open Square' })
        .click()
        .then(() => untilDialog(page)),
  ],
  [
    'results-compared',
    canvas('done'),
    async (page) => {
      await strip(page)
        .getByRole('button', { name: 'Open Photo' })
        .click({ modifiers: ['Control'] });
      await strip(page)
        .getByRole('button', { name: 'Open Square' })
        .click({ modifiers: ['Control'] });
      await strip(page).getByRole('button', { name: 'Compare', exact: true }).click();
      await untilDialog(page);
    },
    true,
  ],
  [
    'variants',
    canvas('done'),
    async (page) => {
      await choose('Model')(page);
      await page.keyboard.press('v');
      await untilDialog(page);
    },
    true,
  ],
  ['run-plan', canvas('done'), press('Shift+P', untilDialog), true],
  ['commands', canvas('done'), press('Control+k', untilDialog), true],
  ['shortcuts', canvas('done'), press('?', untilDialog), true],
  ['quick-add', canvas('done'), press('n', untilDialog), true],
  [
    'inspector',
    canvas('done'),
    async (page) => {
      await choose('Square')(page);
      await page.keyboard.press('i');
      await page.getByRole('complementary', { name: 'Inspector' }).waitFor();
    },
    true,
  ],
  ['canvas-call', canvas('caller')],
  ['canvas-list', canvas('list')],
  ['publish', canvas('done'), click('button', /^Publish/), true],
  ['runs', () => `/workflows/${id.done}?panel=runs`],
  ['run-on-canvas', () => `/workflows/${id.done}?panel=runs&run=${run.done}`],
  ['run', () => `/runs/${run.done}`],
  ['run-asking', () => `/runs/${run.asking}`],
  ['run-failed', () => `/runs/${run.failed}`],
  ['runs-compared', () => `/runs/${run.done}/compare/${run.again}`],
  [
    'versions',
    canvas('published'),
    (page) =>
      page
        .getByRole('button', { name: /version 1|Version 1|v1/ })
        .first()
        .click(),
    true,
  ],
  ['versions-compared', () => `/workflows/${id.published}/compare?from=1&to=draft`],
  ['triggers', () => `/workflows/${id.published}/triggers`],
  ['new-schedule', () => `/workflows/${id.published}/triggers`, click('button', 'New schedule')],
  ['new-webhook', () => `/workflows/${id.published}/triggers`, click('button', 'New webhook')],
  ['batches', () => `/workflows/${id.published}/batches`],
  [
    'batch',
    () => `/workflows/${id.published}/batches`,
    (page) => page.getByRole('list', { name: 'Batches' }).getByRole('button').first().click(),
  ],
  ['links', () => `/workflows/${id.published}/links`],
  ['link', () => link],
  ['workspaces', () => '/workspaces'],
  ['workspace', () => `/workspaces/${workspace}`],
  ['budgets', () => '/settings#budgets'],
  ['app', () => '/app/accessible'],
  ['app-run', () => `/app/accessible?run=${run.app}`],
  ['questions', () => '/waiting'],
  ['settings', () => '/settings'],
  ['secrets', () => '/settings#your-secrets'],
  ['keys', () => '/settings#your-provider-keys'],
  ['members', () => '/members'],
  ['audit', () => '/audit'],
  ['workers', () => '/admin'],
  ['invitation', () => invitation],
  ['invitation-over', () => '/invitation#token=none'],
  ['sign-in', () => '/sign-in'],
  ['nowhere', () => '/nowhere'],
];
