import { describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { Graph } from '../core/graph/graph.ts';
import { eventually } from '../testing/eventually.ts';
import { makeCountingClip } from '../testing/media.ts';
import { nodeCard, textOf, untilRun, untilSaved, untilValue } from './canvas.ts';
import { testStack } from './stack.ts';

/* What a person typed is never lost: returning early, leaving offline, refused values, two tabs, parts that break. */

const stack = testStack();

const at = (x: number) => ({ x, y: 0 });
const graph: Graph = {
  nodes: [
    { id: 'text', type: 'text', position: at(0), data: { label: 'Prompt', text: 'before' } },
    { id: 'pause', type: 'delay', position: at(340), data: { label: 'Pause', ms: 0 } },
    { id: 'crop', type: 'cropImage', position: at(680), data: { label: 'Cut' } },
  ],
  edges: [{ id: 'e', source: 'text', sourceHandle: 'output', target: 'pause', targetHandle: 'input' }],
};

const prompt = (page: Page) => textOf(page, 'Prompt');
const banner = (page: Page) => page.getByRole('alert');
const save = (page: Page, status: string) => page.locator(`[data-save="${status}"]`);

/** Without what cannot run: the crop has no picture. */
const runnable: Graph = { ...graph, nodes: graph.nodes.slice(0, 2) };

async function openWorkflow(data = graph) {
  const id = await stack.server.api.createWorkflow(graph);
  if (data !== graph) await stack.server.api.request('PUT', `/api/workflows/${id}`, { data, draft: true });
  const opened = await stack.open({ path: `/workflows/${id}` });
  await untilValue(prompt(opened.page), 'before');
  return { ...opened, id };
}

async function stored(id: number): Promise<{ text: unknown; width: unknown; version: number }> {
  const { body } = await stack.server.api.request('GET', `/api/workflows/${id}`);
  const { data, version } = body as { data: Graph; version: number };
  const of = (node: string) => data.nodes.find((candidate) => candidate.id === node)?.data ?? {};
  return { text: of('text')['text'], width: of('crop')['width_percent'], version };
}

const untilStored = (id: number, text: string) => eventually(async () => expect((await stored(id)).text).toBe(text));

/** Holds every save back until it is let go. */
async function holdSaves(page: Page): Promise<{ release(): void; arrived: Promise<void> }> {
  let release = (): void => undefined;
  let arrive = (): void => undefined;
  const isReleased = new Promise<void>((resolve) => (release = resolve));
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  await page.route('**/api/workflows/*', async (route) => {
    if (route.request().method() === 'PUT') {
      arrive();
      await isReleased;
    }
    await route.continue();
  });
  return { release, arrived };
}

test('C1: who comes back while the last change is being saved sees it, and is in no conflict with oneself', async () => {
  const { page, id } = await openWorkflow();
  await page.getByRole('link', { name: 'Heddle, all workflows' }).click();
  await page.getByRole('heading', { name: 'Workflows' }).waitFor();
  await page.goBack();
  await untilValue(prompt(page), 'before');
  const { release, arrived } = await holdSaves(page);
  await prompt(page).fill('typed last');
  await page.goForward();
  await arrived;
  await page.goBack();
  await untilValue(prompt(page), 'typed last');
  await prompt(page).fill('typed last, and more');
  release();
  await untilStored(id, 'typed last, and more');
  await untilSaved(page);
  expect(await page.getByRole('dialog').count()).toBe(0);
});

describe('C2: without a connection', () => {
  test('a change is kept where one leaves inside of the app, and sent later', async () => {
    const { page, context, id } = await openWorkflow();
    await page.getByRole('link', { name: 'Heddle, all workflows' }).click();
    await page.getByRole('heading', { name: 'Workflows' }).waitFor();
    await page.goBack();
    await untilValue(prompt(page), 'before');
    await context.setOffline(true);
    await prompt(page).fill('typed offline');
    await page.getByText('Offline, not saved yet').waitFor();
    await page.getByRole('link', { name: 'Heddle, all workflows' }).click();
    await page.getByRole('heading', { name: 'Workflows' }).waitFor();
    await context.setOffline(false);
    await untilStored(id, 'typed offline');
  });

  test('a closed tab loses nothing: the next visit sends it, and opens with it', async () => {
    const { page, context, id } = await openWorkflow();
    await context.setOffline(true);
    await prompt(page).fill('typed, then closed');
    await save(page, 'offline').waitFor();
    // It closes without a question.
    await Promise.all([page.waitForEvent('close'), page.close({ runBeforeUnload: true })]);
    await context.setOffline(false);
    const next = await context.newPage();
    await next.goto(stack.server.url);
    await next.getByText('Saved your changes to').first().waitFor();
    await untilStored(id, 'typed, then closed');
    expect(
      await next.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('heddle.draft'))),
    ).toEqual([]);
  });

  test('a reload opens with the change, and saves it', async () => {
    const { page, id } = await openWorkflow();
    // The server stays out of reach for saves alone, so that the page can be loaded.
    await page.route('**/api/workflows/*', (route) =>
      route.request().method() === 'PUT' ? route.abort('connectionfailed') : route.continue(),
    );
    await prompt(page).fill('typed, then reloaded');
    await save(page, 'offline').waitFor();
    await page.reload();
    await untilValue(prompt(page), 'typed, then reloaded');
    await page.unroute('**/api/workflows/*');
    await page.reload();
    await untilValue(prompt(page), 'typed, then reloaded');
    await untilStored(id, 'typed, then reloaded');
    await untilSaved(page);
  });

  test('leaving asks where the browser has no room to keep the change', async () => {
    const { page, context } = await openWorkflow();
    await page.evaluate(() => {
      Storage.prototype.setItem = () => {
        throw new DOMException('full', 'QuotaExceededError');
      };
    });
    await context.setOffline(true);
    await prompt(page).click();
    await prompt(page).fill('typed, and not kept');
    await save(page, 'offline').waitFor();
    const asked = page.waitForEvent('dialog');
    void page.close({ runBeforeUnload: true });
    const dialog = await asked;
    expect(dialog.type()).toBe('beforeunload');
    await dialog.accept();
  });
});

describe('C3: a value that cannot run', () => {
  test('is saved like any other, is told on its node, and stops only the run', async () => {
    // A field refuses it in words; a program saves it as a draft.
    const { page, id } = await openWorkflow({
      ...graph,
      nodes: graph.nodes.map((node) =>
        node.id === 'crop' ? { ...node, data: { ...node.data, width_percent: 0 } } : node,
      ),
    });
    const width = nodeCard(page, 'Cut').getByLabel('Width in percent');
    await prompt(page).fill('typed after it');
    await untilStored(id, 'typed after it');
    expect((await stored(id)).width).toBe(0);
    await untilSaved(page);
    await nodeCard(page, 'Cut').getByText('The crop box has no width').waitFor();
    await page.reload();
    await untilValue(prompt(page), 'typed after it');
    await nodeCard(page, 'Cut').getByText('The crop box has no width').waitFor();
    await page.keyboard.press('Control+Enter');
    await page.getByText('The run could not start').first().waitFor();
    await width.fill('50');
    await width.press('Tab');
    await nodeCard(page, 'Cut').getByText('The crop box has no width').waitFor({ state: 'detached' });
  });

  test('and one that is refused keeps nothing else from being saved; it stays in this browser', async () => {
    const { page, id } = await openWorkflow();
    const key = `AIza${'Q'.repeat(35)}`;
    await prompt(page).fill(key);
    await save(page, 'partly').waitFor();
    await banner(page).getByText('holds a key in clear').waitFor();
    const wait = nodeCard(page, 'Pause').getByLabel('Wait');
    await wait.fill('25');
    await wait.press('Tab');
    await eventually(async () => expect((await stored(id)).version).toBeGreaterThan(2));
    const { body } = await stack.server.api.request('GET', `/api/workflows/${id}`);
    const { data } = body as { data: Graph };
    expect(data.nodes.map((node) => node.data['text'] ?? node.data['ms'] ?? null)).toEqual(['before', 25, null]);
    await page.reload();
    await untilValue(prompt(page), key);
    await prompt(page).fill('no key');
    await untilStored(id, 'no key');
    await untilSaved(page);
    await banner(page).waitFor({ state: 'detached' });
  });
});

test('C4: a second tab says that it is out of date, and runs nothing else than it shows', async () => {
  const { page, context } = await openWorkflow(runnable);
  const second = await context.newPage();
  await second.goto(page.url());
  await untilValue(prompt(second), 'before');
  await second.locator('[data-connection="online"]').waitFor();
  await prompt(page).fill('from the first tab');
  await untilSaved(page);
  await save(second, 'outdated').waitFor();
  await second.getByText('You are looking at an older version.').waitFor();
  await second.getByRole('button', { name: 'Run', exact: true }).click();
  await second.getByText('The run could not start').first().waitFor();
  expect(await second.locator('[data-run-status]').count()).toBe(0);
  await second.getByRole('button', { name: 'Load the latest version' }).click();
  await untilValue(prompt(second), 'from the first tab');
  await untilSaved(second);
  await second.getByRole('button', { name: 'Run', exact: true }).click();
  await untilRun(second, 'COMPLETED');
  await nodeCard(second, 'Pause').getByText('from the first tab').waitFor();
});

test('C4: so does a page whose workflow was changed by a program, and by somebody without a live connection', async () => {
  const { page, id } = await openWorkflow();
  await page.locator('[data-connection="online"]').waitFor();
  await stack.server.api.request('PUT', `/api/workflows/${id}`, { data: { ...graph, edges: [] } });
  await save(page, 'outdated').waitFor();
  await page.getByRole('button', { name: 'Load the latest version' }).click();
  await page.locator('.react-flow__edge').waitFor({ state: 'detached' });
  await untilSaved(page);
});

describe('C8: a part that breaks', () => {
  test('says so in its own place, and the rest of the editor goes on', async () => {
    const { url } = await stack.server.api.upload(await makeCountingClip());
    const id = await stack.server.api.createWorkflow({
      nodes: [
        { id: 'text', type: 'text', position: at(0), data: { label: 'Prompt', text: 'before' } },
        { id: 'clip', type: 'video', position: at(340), data: { label: 'Clip', file: { url } } },
        { id: 'frame', type: 'extractFrame', position: at(680), data: { label: 'Still', timestamp: '50%' } },
      ],
      edges: [{ id: 'e', source: 'clip', sourceHandle: 'output', target: 'frame', targetHandle: 'video_url' }],
    });
    const { page } = await stack.open();
    await page.addInitScript(() => {
      const own = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'currentTime')!;
      Object.defineProperty(HTMLMediaElement.prototype, 'currentTime', {
        configurable: true,
        get: own.get!,
        set: () => {
          throw new Error('planted trouble');
        },
      });
      Object.assign(window, {
        mend: () => Object.defineProperty(HTMLMediaElement.prototype, 'currentTime', own),
      });
    });
    await page.goto(`${stack.server.url}/workflows/${id}`);
    const broken = nodeCard(page, 'Still').getByRole('alert');
    await broken.getByText('planted trouble').waitFor();
    // Its edge is still drawn, and everything else can be changed and is saved.
    await page.locator('.react-flow__edge').waitFor({ state: 'attached' });
    await prompt(page).fill('beside it');
    await untilStored(id, 'beside it');
    // The inspector shows the same, and breaks alone.
    await nodeCard(page, 'Still').click({ position: { x: 60, y: 16 } });
    const inspector = page.getByText('The inspector could not be displayed');
    await inspector.waitFor();
    await page.keyboard.press('Control+a');
    await page.getByRole('complementary', { name: 'Inspector' }).waitFor();
    await page.evaluate(() => (window as unknown as { mend(): void }).mend());
    await broken.getByRole('button', { name: 'Try again' }).click();
    await nodeCard(page, 'Still').getByLabel('Frame position').waitFor();
    expect(await page.getByText('Something went wrong').count()).toBe(0);
  });

  test('of a part whose file cannot be fetched ends when it is asked for again', async () => {
    const { page } = await openWorkflow();
    await page.route('**/assets/Inspector-*.js', (route) => route.abort());
    await page.reload();
    await page
      .locator('.react-flow__node')
      .first()
      .click({ position: { x: 60, y: 16 } });
    await page.getByText('The inspector could not be displayed').waitFor();
    await page.unroute('**/assets/Inspector-*.js');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('complementary', { name: 'Inspector' }).waitFor();
  });

  test('that takes the whole page says that the work is kept, and loads again with it', async () => {
    const { page, id } = await openWorkflow();
    await page.route('**/api/workflows/*', (route) =>
      route.request().method() === 'PUT' ? route.abort('connectionfailed') : route.continue(),
    );
    await prompt(page).fill('typed before it broke');
    await save(page, 'offline').waitFor();
    // A page whose file cannot be fetched.
    await page.route('**/assets/TemplatesPage-*.js', (route) => route.abort());
    await page.getByRole('button', { name: 'Menu' }).click();
    await page.getByRole('menuitem', { name: 'Templates' }).click();
    await page.getByText('kept in this browser until they are').waitFor();
    await page.unroute('**/api/workflows/*');
    await page.getByRole('link', { name: 'All workflows' }).click();
    await page.getByText('Saved your changes to').first().waitFor();
    await untilStored(id, 'typed before it broke');
  });
});
