import { expect, test } from '@jest/globals';
import { eventually } from '../testing/eventually.ts';
import { makePicture } from '../testing/media.ts';
import { untilCount, untilRun } from './canvas.ts';
import { testStack } from './stack.ts';

/* A workflow on a phone: it is run there, and its results are what one sees. */

const stack = testStack();
const phone = { width: 390, height: 844 };

async function addWorkflow(): Promise<number> {
  const { url } = await stack.server.api.upload(await makePicture('png', 400, 300));
  return stack.server.api.createWorkflow({
    nodes: [
      { id: 'photo', type: 'image', position: { x: 0, y: 0 }, data: { label: 'Photo', file: { url } } },
      { id: 'cut', type: 'cropImage', position: { x: 340, y: 0 }, data: { label: 'Cut', width_percent: 50 } },
      {
        id: 'model',
        type: 'llm',
        position: { x: 680, y: 0 },
        data: { label: 'Writer', model: 'gemini-fake', userMessage: 'Write.' },
      },
    ],
    edges: [{ id: 'e', source: 'photo', target: 'cut' }],
  });
}

test('on a phone a workflow is run, and its results come first: pictures, then words, then the graph', async () => {
  stack.gemini.standing({ kind: 'answer', chunks: ['A cut of a photo.'] });
  const id = await addWorkflow();
  const { page, troubles } = await stack.open({ ...phone, path: `/workflows/${id}` });
  await page.getByRole('button', { name: 'Run the workflow' }).waitFor();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await untilRun(page, 'COMPLETED');
  const tiles = page.locator('[data-result]');
  await untilCount(tiles, 3);
  const names = () => tiles.evaluateAll((all) => all.map((each) => each.getAttribute('title')));
  expect(await names()).toEqual(['Cut', 'Writer', 'Photo']);
  // Below each other in one width, none of them cut off at the side.
  for (const tile of await tiles.all()) {
    const { x, width } = (await tile.boundingBox())!;
    expect(x).toBeGreaterThanOrEqual(0);
    expect(x + width).toBeLessThanOrEqual(phone.width);
  }
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(phone.width);

  await page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name: 'Graph' }).click();
  await untilCount(page.locator('.node-card'), 3);
  expect(troubles).toEqual([]);
});

test('a question of the run is answered on a phone above its results', async () => {
  const id = await stack.server.api.createWorkflow({
    nodes: [
      { id: 'draft', type: 'text', position: { x: 0, y: 0 }, data: { label: 'Draft', text: 'Dear all' } },
      {
        id: 'ask',
        type: 'approve',
        position: { x: 340, y: 0 },
        data: { label: 'Editor', message: 'Shall it go out?' },
      },
    ],
    edges: [{ id: 'e', source: 'draft', sourceHandle: 'output', target: 'ask', targetHandle: 'value' }],
  });
  await stack.server.api.start(id);
  const { page } = await stack.open({ ...phone, path: `/workflows/${id}` });
  const question = page.getByRole('region', { name: 'Shall it go out?' });
  await question.getByText('Dear all').first().waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(phone.width);
  await question.getByRole('button', { name: 'Approve' }).click();
  await untilRun(page, 'COMPLETED');
  await question.waitFor({ state: 'detached' });
});

test('a result on a phone fills it, a finger leads to the next one, and it is shared with other apps', async () => {
  stack.gemini.standing({ kind: 'answer', chunks: ['A cut of a photo.'] });
  const id = await addWorkflow();
  const run = await stack.server.api.start(id);
  await stack.server.api.finished(run);
  const { page } = await stack.open({ ...phone, path: '/' });
  // No browser shares from a test machine: what it is asked for is kept.
  await page.addInitScript(() => {
    const shared: unknown[] = [];
    Object.assign(window, { shared });
    navigator.share = (data) => {
      shared.push({ text: data?.text, files: (data?.files ?? []).map(({ name, type }) => `${name} ${type}`) });
      return Promise.resolve();
    };
  });
  await page.goto(`${stack.server.url}/workflows/${id}`);
  await page.getByRole('button', { name: 'Open Cut' }).click();
  const large = page.getByRole('dialog');
  await large.getByText('1 of 3').waitFor();
  const area = large.locator('.zoom-area');
  const { x, y, width } = (await area.boundingBox())!;
  expect(width).toBe(phone.width);
  await large.getByRole('button', { name: 'Share' }).click();
  const shared = () => page.evaluate(() => (window as unknown as { shared: unknown[] }).shared);
  await eventually(async () => expect(await shared()).toEqual([{ files: ['Cut.png image/png'] }]));
  const touch = (type: string, at: number) =>
    area.dispatchEvent(type, {
      pointerId: 7,
      pointerType: 'touch',
      isPrimary: true,
      button: 0,
      clientX: at,
      clientY: y + 100,
    });
  await area.evaluate((element) => (element.setPointerCapture = () => undefined));
  await touch('pointerdown', x + 300);
  await touch('pointermove', x + 180);
  await touch('pointerup', x + 180);
  await large.getByText('2 of 3').waitFor();
  await large.getByText('A cut of a photo.').waitFor();
});
