import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { Graph } from '../core/graph/graph.ts';
import { startBrowserStack, type WatchedPage } from '../testing/browser-stack.ts';
import { eventually } from '../testing/eventually.ts';
import { makePicture } from '../testing/media.ts';
import { nodeCard, textOf, untilRun, untilSaved, untilValue } from './canvas.ts';
import { holdAnswer } from './hold-answer.ts';
import { startFront, type Front, type FrontOptions } from './front.ts';
import { testStack } from './stack.ts';

const stack = testStack(() => startBrowserStack({ TRUST_PROXY: '1' }));
let opened: WatchedPage | undefined;
let front: Front | undefined;

afterEach(async () => {
  stack.gemini.reset();
  await opened?.context.close();
  await front?.stop();
  opened = undefined;
  front = undefined;
});

const at = (x: number) => ({ x, y: 0 });
const graph = (ms: number): Graph => ({
  nodes: [
    { id: 'text', type: 'text', position: at(0), data: { label: 'Prompt', text: 'hello' } },
    { id: 'pause', type: 'delay', position: at(340), data: { label: 'Pause', ms } },
    { id: 'picture', type: 'image', position: at(680), data: { label: 'Picture' } },
  ],
  edges: [{ id: 'e1', source: 'text', sourceHandle: 'output', target: 'pause', targetHandle: 'input' }],
});
const runnable = (ms: number): Graph => ({ ...graph(ms), nodes: graph(ms).nodes.slice(0, 2) });
/** A graph whose model answers when it is told to: what is between the start and the end of a run is seen however slow the page is. */
function heldGraph(): { graph: Graph; release: () => void } {
  const { release } = holdAnswer(stack.gemini);
  const model = { label: 'Model', model: 'gemini-fake' };
  const [text] = graph(0).nodes;
  return {
    graph: {
      nodes: [text!, { id: 'model', type: 'llm', position: at(340), data: model }],
      edges: [{ id: 'e1', source: 'text', sourceHandle: 'output', target: 'model', targetHandle: 'user_message' }],
    },
    release,
  };
}

/** Opens a workflow through a proxy; the cookie of the session counts for every port of this machine. */
async function openBehind(options: Omit<FrontOptions, 'to'>, shown: Graph, begin: (started: Front) => void = () => {}) {
  const id = await stack.server.api.createWorkflow(shown);
  front = await startFront({ to: stack.server.url, ...options });
  begin(front);
  opened = await stack.open({ path: '/favicon.svg' });
  const { page } = opened;
  await page.goto(`${front.url}/workflows/${id}`);
  return { page, id, front };
}

const connection = (page: Page, state: string) => page.locator(`[data-connection="${state}"]`);
const status = (page: Page, name: string, state: string) =>
  nodeCard(page, name).locator(`.node-card[data-status="${state}"]`);

const noSockets = (started: Front) => {
  started.passesUpgrades(false);
  started.answer = (request, response) => {
    if (request.url?.startsWith('/socket.io') !== true) return false;
    response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not found</h1>');
    return true;
  };
};

test('C17: without websockets and polling a run is live by plain requests, and the page says so', async () => {
  const held = heldGraph();
  const { page, front: proxy } = await openBehind({}, held.graph, noSockets);
  await connection(page, 'requests').waitFor();
  await page.getByText('Polling').waitFor();
  await page.keyboard.press('Control+Enter');
  await status(page, 'Model', 'running').waitFor();
  held.release();
  await untilRun(page, 'COMPLETED');
  await status(page, 'Model', 'completed').waitFor();

  // It is live again as soon as the proxy lets it.
  proxy.answer = null;
  proxy.passesUpgrades(true);
  await connection(page, 'online').waitFor();
  expect(await page.getByText('Polling').count()).toBe(0);
});

test('C17: a run that was started elsewhere shows by plain requests, too', async () => {
  const { page, id } = await openBehind({}, runnable(300), noSockets);
  await connection(page, 'requests').waitFor();
  await stack.server.api.start(id);
  await untilRun(page, 'COMPLETED');
});

test('C17: websockets that are shut in the middle of a run leave it live', async () => {
  const held = heldGraph();
  const { page, front: proxy } = await openBehind({}, held.graph);
  await connection(page, 'online').waitFor();
  await page.keyboard.press('Control+Enter');
  await status(page, 'Model', 'running').waitFor();
  noSockets(proxy);
  await connection(page, 'requests').waitFor();
  held.release();
  await untilRun(page, 'COMPLETED');
  await status(page, 'Model', 'completed').waitFor();
});

test('C17: a page says that it is offline when plain requests fail as well', async () => {
  const { page, front: proxy } = await openBehind({}, runnable(0), noSockets);
  await connection(page, 'requests').waitFor();
  proxy.answer = (_, response) => {
    response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>');
    return true;
  };
  await connection(page, 'offline').waitFor();
  noSockets(proxy);
  await connection(page, 'requests').waitFor();
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;
const pageWith =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (_, response) =>
    response.writeHead(code, { 'content-type': 'text/html', ...headers }).end('<html><h1>Sign in</h1></html>');

test.each<[string, Answer, string]>([
  ['C18: a page of a sign-in proxy', pageWith(200), 'A proxy in front of Heddle answered with a page of its own'],
  [
    'C18: a redirect to a sign-in on another host',
    (request, response) => {
      const redirect = pageWith(302, { location: 'http://localhost:9/sign-in' });
      front!.answer = (other, answered) => {
        redirect(other, answered);
        return true;
      };
      redirect(request, response);
    },
    'A proxy in front of Heddle redirected the upload',
  ],
  ['C19: 413 with a page', pageWith(413), 'too large for the proxy in front of the server'],
  ['C19: 502 with a page', pageWith(502), 'gets no response from it'],
  [
    'C18: half an answer',
    (_, response) => response.writeHead(201, { 'content-type': 'application/json' }).end('{"id":'),
    'was cut off',
  ],
])('an upload that is answered by %s says so at the node', async (_, answer, words) => {
  const { page } = await openBehind({}, graph(0), (started) => {
    started.answer = (request, response) => {
      if (request.method !== 'POST' || request.url !== '/api/assets') return false;
      request.on('end', () => answer(request, response));
      return true;
    };
  });
  const picture = nodeCard(page, 'Picture');
  await picture.waitFor();
  await picture.locator('input[type="file"]').setInputFiles(await makePicture('png'));
  await picture.getByText(words).waitFor();
  expect(await picture.getByRole('progressbar').count()).toBe(0);
  expect(opened?.troubles.filter((trouble) => trouble.startsWith('uncaught'))).toEqual([]);
});

test('C18: a page in place of every answer of the API has words and a way on', async () => {
  const { page } = await openBehind({}, runnable(0), (started) => {
    started.answer = (request, response) => {
      if (request.url?.startsWith('/api/') !== true) return false;
      response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Sign in</h1>');
      return true;
    };
  });
  await page.getByText('A proxy in front of Heddle answered with a page of its own').waitFor();
  front!.answer = null;
  await page.getByRole('button', { name: 'Try again' }).click();
  await nodeCard(page, 'Prompt').waitFor();
});

test.each([true, false])('C20: everything works under a path (cut off on the way: %s)', async (cutsOff) => {
  const picture = await makePicture('png');
  const { page, id } = await openBehind({ prefix: '/heddle', cutsOff }, graph(0));
  await connection(page, 'online').waitFor();
  await nodeCard(page, 'Picture').locator('input[type="file"]').setInputFiles(picture);
  const shown = nodeCard(page, 'Picture').locator('img');
  await shown.waitFor();
  // The picture itself comes, not only a place for it.
  await eventually(async () => {
    const width = await shown.evaluate((image: HTMLImageElement) => image.naturalWidth);
    expect(width).toBeGreaterThan(0);
  });
  await textOf(page, 'Prompt').fill('under a path');
  await untilSaved(page);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+Enter');
  await untilRun(page, 'COMPLETED');

  await page.reload();
  await untilValue(textOf(page, 'Prompt'), 'under a path');
  await page.getByRole('link', { name: 'Heddle, all workflows' }).click();
  await page.waitForURL((url) => url.href.replace(/\/$/, '') === front!.url);
  await page.goto(`${front!.url}/workflows/${id}?panel=runs`);
  await page.getByRole('complementary', { name: 'Runs' }).waitFor();
  await page.goto(`${front!.url}/api/docs`);
  await page.locator('.swagger-ui .info').waitFor();
  await page.goto(`${front!.url}/api/me`);
  expect(await page.locator('body').innerText()).toContain('"email"');
});

test('C20: under a path that nobody told the server of, the page says what to set', async () => {
  const { page } = await openBehind({ prefix: '/heddle', cutsOff: true, tells: false }, graph(0));
  await page.getByRole('heading', { name: 'Heddle has not loaded' }).waitFor();
  await page.getByText('PUBLIC_URL').waitFor();
});
