import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { untilCount, untilRun, untilValue } from './canvas.ts';
import { testStack } from './stack.ts';

const stack = testStack();

const nodeAt = (id: string, type: string, x: number, data: Record<string, unknown>) => ({
  id,
  type,
  position: { x, y: 0 },
  data,
});
const graph = {
  nodes: [
    nodeAt('t', 'text', 0, {
      label: 'Topic',
      text: '',
      input: { name: 'topic', label: 'What about?', help: 'A word or two.', required: true },
    }),
    nodeAt('n', 'number', 0, { value: 2, input: { name: 'count', label: 'How many', max: 5 } }),
    nodeAt('d', 'delay', 320, { label: 'Wait', ms: 0 }),
    nodeAt('o', 'output', 640, { name: 'copy', label: 'The copy' }),
  ],
  edges: [
    { id: 'e1', source: 't', sourceHandle: 'output', target: 'd', targetHandle: 'input' },
    { id: 'e2', source: 'd', sourceHandle: 'output', target: 'o', targetHandle: 'value' },
  ],
};

async function addApp(page: Page, name: string, slug: string): Promise<number> {
  const url = `${stack.server.url}/api/workflows`;
  const { id } = (await (await page.request.post(url, { data: { name, data: graph } })).json()) as { id: number };
  const published = await page.request.post(`${url}/${id}/publish`, { data: { slug } });
  expect(published.status()).toBe(201);
  return id;
}

test('a published workflow is a form with its results and its history, and its draft does not matter', async () => {
  const { page, troubles } = await stack.open();
  const id = await addApp(page, 'Copies', 'copies');
  await page.request.put(`${stack.server.url}/api/workflows/${id}`, { data: { data: { nodes: [], edges: [] } } });
  await page.goto(stack.server.url);
  await page.getByRole('button', { name: 'More for Copies' }).click();
  await page.getByRole('menuitem', { name: 'Open the app' }).click();
  await page.getByRole('heading', { name: 'Copies' }).waitFor();
  const form = page.getByRole('region', { name: 'Inputs' });
  const topic = form.getByLabel('What about? (required)', { exact: true });
  await form.getByText('A word or two.').waitFor();
  await form.getByRole('button', { name: 'Run', exact: true }).click();
  await form.getByText('This input is required. Enter a value.').waitFor();
  await topic.fill('a red kite');
  await form.getByLabel('How many', { exact: true }).fill('7');
  await form.getByRole('button', { name: 'Run', exact: true }).click();
  await form.getByText('Give at most 5, not 7.').waitFor();
  await form.getByLabel('How many', { exact: true }).fill('3');
  await topic.press('Control+Enter');

  await untilRun(page, 'COMPLETED');
  const result = page.getByRole('article', { name: 'The copy' });
  await result.getByText('a red kite').waitFor();
  await page.getByText(/^Done in /).waitFor();
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download all' }).click();
  expect((await saving).suggestedFilename()).toMatch(/^results-[0-9a-f]{8}\.zip$/);

  await page.reload();
  await untilValue(topic, 'a red kite');
  await result.getByText('a red kite').waitFor();
  await topic.fill('a blue one');
  await form.getByRole('button', { name: 'Run', exact: true }).click();
  await result.getByText('a blue one').waitFor();
  const runs = page.getByRole('region', { name: 'Your runs' }).getByRole('listitem');
  await untilCount(runs, 2);
  await runs.nth(1).getByRole('button').click();
  await result.getByText('a red kite').waitFor();
  // Nothing of the graph is fetched.
  expect(await page.locator('.react-flow').count()).toBe(0);
  // What the server has refused the browser tells as well.
  expect(troubles).toEqual([expect.stringContaining('422')]);
});

test.each(['light', 'dark'] as const)('the app fits on a phone, in the %s theme', async (theme) => {
  const { page, troubles } = await stack.open({ theme });
  await addApp(page, 'On the go', `on-the-go-${theme}`);
  await page.setViewportSize({ width: 390, height: 800 });
  await page.goto(`${stack.server.url}/app/on-the-go-${theme}`);
  await page.getByLabel('What about? (required)', { exact: true }).fill('x'.repeat(400));
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await untilRun(page, 'COMPLETED');
  await page.getByRole('article', { name: 'The copy' }).getByText('xxx').waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  expect(troubles).toEqual([]);
});

test('who publishes a workflow that asks for nothing and shows nothing reads so before, and on its app', async () => {
  const id = await stack.server.api.createWorkflow({
    nodes: [nodeAt('t', 'text', 0, { label: 'Topic', text: 'kites' })],
    edges: [],
  });
  const { page } = await stack.open({ path: `/workflows/${id}` });
  await page.getByRole('button', { name: 'Publish', exact: true }).click();
  const gaps = page.getByRole('dialog').getByRole('list', { name: 'Before you publish' });
  await gaps.getByText('The app will show no results.').waitFor();
  await gaps.getByText('The app will ask for nothing.').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Publish', exact: true }).click();
  await page.getByRole('button', { name: 'Open the app' }).click();
  await page.getByText('turn on “Workflow input” for its node').waitFor();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await untilRun(page, 'COMPLETED');
  await page.getByText('This app shows no results. Connect an Output node').waitFor();
});

test('an app that is not there says so', async () => {
  const { page } = await stack.open();
  await page.goto(`${stack.server.url}/app/nothing-here`);
  await page.getByRole('heading', { name: 'This app could not be opened' }).waitFor();
});
