import { beforeAll, describe, expect, test } from '@jest/globals';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import type { Graph } from '../core/graph/graph.ts';
import { startBrowserStack } from '../testing/browser-stack.ts';
import { eventually } from '../testing/eventually.ts';
import { makePicture } from '../testing/media.ts';
import { projectRoot } from '../testing/processes.ts';
import { nodeCard } from './canvas.ts';
import { seriousViolations, sidewaysRoom, smallWords, untilSettled } from './looks.ts';
import { testStack } from './stack.ts';

/*
 * Every page and state, dark, light and on a phone: axe finds nothing serious (contrast included), no letters are smaller
 * than 11 pixels, and nothing is wider than the window. Each leaves its picture in dist/images/pages, for people to look at.
 */

const folder = path.join(projectRoot, 'dist', 'images', 'pages');
const stack = testStack(() => startBrowserStack({ SECRETS_KEY: 'a key that only tests encrypt with' }));

let id: Readonly<Record<'done' | 'empty' | 'failed' | 'running' | 'waiting' | 'published', number>>;
let run: Readonly<Record<'done' | 'again' | 'failed' | 'app', string>>;

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

beforeAll(async () => {
  await mkdir(folder, { recursive: true });
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
  id = { done, empty: await api.createWorkflow({ nodes: [], edges: [] }), failed, running, waiting, published };
  run = { done: first, again, failed: broken, app };
});

const strip = (page: Page) => page.getByRole('region', { name: 'Results', exact: true });
const choose = (name: string) => (page: Page) => nodeCard(page, name).click({ position: { x: 60, y: 16 } });
const press = (key: string, then: (page: Page) => Promise<unknown>) => async (page: Page) => {
  await page.locator('.react-flow__pane').waitFor();
  await page.keyboard.press(key);
  await then(page);
};
const untilDialog = (page: Page) => page.getByRole('dialog').first().waitFor();
const canvas = (name: keyof typeof id) => () => `/workflows/${id[name]}`;

/** Where it is, what is done there, and whether there is such a thing on a phone. */
type State = [name: string, path: () => string, act?: (page: Page) => Promise<unknown>, isWideOnly?: true];

const states: State[] = [
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
  ['runs', () => `/workflows/${id.done}?panel=runs`],
  ['run-on-canvas', () => `/workflows/${id.done}?panel=runs&run=${run.done}`],
  ['run', () => `/runs/${run.done}`],
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
  ['app', () => '/app/accessible'],
  ['app-run', () => `/app/accessible?run=${run.app}`],
  ['questions', () => '/waiting'],
  ['settings', () => '/settings'],
  ['secrets', () => '/settings#your-secrets'],
  ['keys', () => '/settings#your-provider-keys'],
  ['members', () => '/members'],
  ['audit', () => '/audit'],
  ['workers', () => '/admin'],
  ['invitation', () => '/invitation#token=none'],
  ['sign-in', () => '/sign-in'],
  ['nowhere', () => '/nowhere'],
];

const ways = [
  ['dark', { theme: 'dark', width: 1_440, height: 900 }],
  ['light', { theme: 'light', width: 1_440, height: 900 }],
  ['phone', { theme: 'dark', width: 390, height: 844 }],
] as const;

describe.each(ways)('%s: nothing serious is wrong, and everything can be read', (way, options) => {
  test.each(states.filter(([, , , isWideOnly]) => way !== 'phone' || isWideOnly !== true))(
    'on %s',
    // Jest hands a callback to whatever takes more than a row has.
    async (...[name, pathOf, act]) => {
      const { page, context } = await (name === 'sign-in'
        ? openSignIn(options)
        : stack.open({ ...options, path: pathOf() }));
      await page.locator('main').first().waitFor();
      await page.waitForLoadState('networkidle');
      await act?.(page);
      await untilSettled(page);
      await page.screenshot({ path: path.join(folder, `${name}-${way}.png`) });
      const found = {
        violations: await seriousViolations(page),
        small: await smallWords(page),
        sideways: await sidewaysRoom(page),
      };
      await context.close();
      expect(found).toEqual({ violations: [], small: [], sideways: 0 });
    },
  );
});

/** Whoever is signed in is led on from there. */
async function openSignIn(options: { theme: 'dark' | 'light'; width: number; height: number }) {
  const opened = await stack.open({ ...options, path: '/nowhere' });
  await opened.context.clearCookies();
  await opened.page.goto(`${stack.server.url}/sign-in`);
  return opened;
}
