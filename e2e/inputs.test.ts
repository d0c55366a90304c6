import { expect, test } from '@jest/globals';
import { makePicture } from '../testing/media.ts';
import {
  dragFromPalette,
  drawEdge,
  nodeCard,
  openNewWorkflow,
  textOf,
  untilCount,
  untilRun,
  untilSaved,
  untilValue,
} from './canvas.ts';
import { testStack } from './stack.ts';

const stack = testStack();

test.each(['light', 'dark'] as const)(
  'an input is marked in the inspector, asked for when the workflow runs, and remembered, in the %s theme',
  async (theme) => {
    const { page, troubles } = await stack.open({ theme });
    await openNewWorkflow(page);
    await dragFromPalette(page, 'Text', { x: 120, y: 160 });
    await dragFromPalette(page, 'Output', { x: 560, y: 160 });
    const [text, output] = [nodeCard(page, 'Text'), nodeCard(page, 'Output')];
    await textOf(page, 'Text').fill('as drawn');
    await drawEdge(page, text, output, 'value');
    await untilCount(page.locator('.react-flow__edge'), 1);

    await text.click({ position: { x: 80, y: 12 } });
    // It is where its node is, like any other card.
    const [outer, card] = [await output.boundingBox(), await output.locator('.node-card').boundingBox()];
    expect(card).toEqual(outer);
    const mark = page.getByRole('region', { name: 'Workflow input' });
    await mark.getByRole('switch', { name: 'Workflow input' }).press('Space');
    await untilValue(mark.getByLabel('Input name', { exact: true }), 'text');
    await text.getByTitle('Input of the workflow').waitFor();
    await mark.getByLabel('Input name', { exact: true }).fill('two words');
    await mark.getByText(/Write a name of letters/).waitFor();
    await text.getByText(/Write a name of letters/).waitFor();
    await mark.getByLabel('Input name', { exact: true }).fill('topic');
    await text.getByText(/Write a name of letters/).waitFor({ state: 'detached' });
    await mark.getByLabel('Label', { exact: true }).fill('Topic');
    await mark.getByLabel('Help', { exact: true }).fill('What it is about');
    await mark.getByRole('switch', { name: 'Required' }).click();
    await mark.getByRole('switch', { name: 'Several lines' }).click();
    await mark.getByLabel('Most characters', { exact: true }).fill('12');
    await untilSaved(page);
    const id = /workflows\/(\d+)/.exec(page.url())![1];
    const { body } = await stack.server.api.request('GET', `/api/workflows/${id}/interface`);
    expect((body as { inputs: { properties: object } }).inputs.properties).toMatchObject({
      topic: { control: 'text', maxLength: 12 },
    });

    await page.keyboard.press('Control+Enter');
    const dialog = page.getByRole('dialog', { name: 'Run with inputs' });
    const field = dialog.getByLabel('Topic (required)', { exact: true });
    await dialog.getByText('What it is about').waitFor();
    await untilValue(field, '');
    await dialog.getByRole('button', { name: 'Run', exact: true }).click();
    await dialog.getByText('This input is required. Enter a value.').waitFor();
    await field.fill('a red kite');
    await field.press('Control+Enter');
    await dialog.waitFor({ state: 'detached' });
    await untilRun(page, 'COMPLETED');
    await output.getByText('a red kite').waitFor();
    expect(await textOf(page, 'Text').inputValue()).toBe('as drawn');

    await page.reload();
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await untilValue(field, 'a red kite');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(troubles).toEqual([]);
  },
);

test('each kind of input has its field, a file is uploaded into it, and what the server refuses is told there', async () => {
  const { page, troubles } = await stack.open();
  await openNewWorkflow(page);
  const id = /workflows\/(\d+)/.exec(page.url())![1];
  const kinds: [string, object][] = [
    ['text', { text: 'own', input: { name: 'topic', maxLength: 5 } }],
    ['number', { value: 3, input: { name: 'count', max: 9 } }],
    ['choice', { options: ['red', 'blue'], value: 'red', input: { name: 'color' } }],
    ['boolean', { value: false, input: { name: 'loud' } }],
    ['json', { value: { a: 1 }, input: { name: 'extra' } }],
    ['image', { input: { name: 'photo', required: true } }],
    ['text', { text: 'not asked for', input: { name: 'secret', hidden: true } }],
  ];
  const nodes = kinds.map(([type, data], index) => ({
    id: `n${index}`,
    type,
    position: { x: index * 320, y: 0 },
    data,
  }));
  const put = await page.request.put(`${stack.server.url}/api/workflows/${id}`, {
    data: { data: { nodes, edges: [] }, draft: true },
  });
  expect(put.status()).toBe(200);
  await page.reload();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Run with inputs' });
  const run = dialog.getByRole('button', { name: 'Run', exact: true });
  const [topic, count] = [dialog.getByLabel('topic', { exact: true }), dialog.getByLabel('count', { exact: true })];
  await untilValue(topic, 'own');
  await untilCount(dialog.getByLabel('secret'), 0);
  await topic.fill('far too long');
  await count.fill('4,5');
  await dialog.getByRole('combobox', { name: 'color' }).click();
  await page.getByRole('option', { name: 'blue' }).click();
  await dialog.getByRole('switch', { name: 'loud' }).click();
  await dialog.getByLabel('extra', { exact: true }).fill('{');
  await run.click();
  await dialog.getByText('This is not valid JSON.').waitFor();
  await dialog.getByText('This input is required. Enter a value.').waitFor();
  await dialog.getByLabel('extra', { exact: true }).fill('[2]');
  await dialog.getByLabel('Upload image').setInputFiles(await makePicture('png', 80, 60));
  await dialog.getByRole('button', { name: 'Remove image' }).waitFor();
  await run.click();
  await dialog.getByText(/Give at most 5 characters/).waitFor();
  expect([await topic.inputValue(), await count.inputValue()]).toEqual(['far too long', '4,5']);
  await topic.fill('short');
  await run.click();
  await dialog.waitFor({ state: 'detached' });
  await untilRun(page, 'COMPLETED');
  const runs = await page.request.get(`${stack.server.url}/api/workflows/${id}/runs`);
  const { items } = (await runs.json()) as { items: { id: string }[] };
  const { inputs } = (await (await page.request.get(`${stack.server.url}/api/runs/${items[0]!.id}`)).json()) as {
    inputs: unknown;
  };
  expect(inputs).toEqual({
    topic: 'short',
    count: 4.5,
    color: 'blue',
    loud: true,
    extra: [2],
    photo: expect.stringContaining('/api/assets/'),
    secret: 'not asked for',
  });
  // The browser itself writes down the refusal.
  expect(troubles).toEqual([expect.stringContaining('422')]);
});
