import { afterEach, describe, expect, test } from '@jest/globals';
import { waitPageSchema } from '../core/api/waits.ts';
import type { Graph } from '../core/graph/graph.ts';
import { eventually } from '../testing/eventually.ts';
import { nodeCard, untilCount, untilRun } from './canvas.ts';
import { startBrowserStack } from '../testing/browser-stack.ts';
import { testStack } from './stack.ts';

/* Questions of runs are answered where they stand: on the node, and on a page for phones. */

const stack = testStack(() => startBrowserStack({ SECRETS_KEY: 'a key that only tests encrypt with' }));
const at = (x: number) => ({ x, y: 0 });

const approval: Graph = {
  nodes: [
    { id: 'text', type: 'text', position: at(0), data: { label: 'Draft', text: 'Dear all' } },
    {
      id: 'ask',
      type: 'approve',
      position: at(340),
      data: {
        label: 'Editor',
        message: 'Shall this letter go out?',
        fields: [
          { name: 'value', type: 'text', label: 'Letter' },
          { name: 'note', type: 'text', label: 'Note', required: true },
        ],
        buttons: [
          { id: 'send', label: 'Send it' },
          { id: 'drop', label: 'Drop it' },
        ],
      },
    },
    { id: 'sent', type: 'output', position: at(760), data: { label: 'Sent', name: 'sent' } },
  ],
  edges: [
    { id: 'e1', source: 'text', sourceHandle: 'output', target: 'ask', targetHandle: 'value' },
    { id: 'e2', source: 'ask', sourceHandle: 'send', target: 'sent', targetHandle: 'value' },
  ],
};

const choice: Graph = {
  nodes: [
    { id: 'list', type: 'json', position: at(0), data: { label: 'Names', value: ['Ada', 'Grace', 'Mary', 'Joan'] } },
    { id: 'pick', type: 'choose', position: at(340), data: { label: 'Pick', message: 'Which two?', min: 2, max: 2 } },
  ],
  edges: [{ id: 'e1', source: 'list', sourceHandle: 'output', target: 'pick', targetHandle: 'items' }],
};

/** A run whose node waits already. */
async function startAsking(graph: Graph, nodeId: string): Promise<string> {
  const { api } = stack.server;
  const run = await api.start(await api.createWorkflow(graph));
  await eventually(async () => (await api.nodes(run))[nodeId]!.status === 'WAITING');
  return run;
}

const outputsOf = async (runId: string, nodeId: string) =>
  (await stack.server.api.nodes(runId))[nodeId]!.outputData as Record<string, unknown>;

afterEach(async () => {
  const { api } = stack.server;
  const { body } = await api.request('GET', '/api/waits');
  for (const { runId } of waitPageSchema.parse(body).items) await api.request('POST', `/api/runs/${runId}/cancel`);
});

describe('a question', () => {
  test('is answered on its node: what came in is edited, a field is filled in, a button takes its way', async () => {
    const id = await stack.server.api.createWorkflow(approval);
    const { page } = await stack.open({ path: `/workflows/${id}` });
    const node = nodeCard(page, 'Editor');
    await node.getByRole('button', { name: 'Add a button' }).waitFor();
    const heightOf = () => node.evaluate((element: HTMLElement) => element.offsetHeight);
    const height = await heightOf();
    await page.keyboard.press('Control+Enter');
    await node.locator('.node-card[data-status="waiting"]').waitFor();
    await node.getByRole('region', { name: 'Shall this letter go out?' }).waitFor();
    // It has its place within the node, and nothing else of the node is reached meanwhile.
    expect(await heightOf()).toBe(height);
    expect(await node.getByRole('button', { name: 'Add a button' }).count()).toBe(0);
    // Without what is required nothing is sent.
    await node.getByRole('button', { name: 'Send it' }).click();
    await node.getByText('This input is required').waitFor();
    await node.getByLabel('Letter', { exact: true }).fill('Dear everybody');
    await node.getByLabel('Note (required)').fill('Better so.');
    await node.getByRole('button', { name: 'Send it' }).click();
    await untilRun(page, 'COMPLETED');
    await nodeCard(page, 'Sent').getByText('Dear everybody').first().waitFor();
    // The form to edit it is there again.
    await node.getByRole('button', { name: 'Add a button' }).waitFor();
  });

  test('is what the bar of the run says that it waits for, and a press leads there', async () => {
    const far = { id: 'far', type: 'text', position: at(4_000), data: { label: 'Far', text: 'away' } };
    const id = await stack.server.api.createWorkflow({ ...approval, nodes: [...approval.nodes, far] });
    const { page } = await stack.open({ path: `/workflows/${id}` });
    await nodeCard(page, 'Editor').waitFor();
    await page.keyboard.press('Control+Enter');
    const bar = page.getByRole('region', { name: 'Results', exact: true });
    await bar.getByText('Waiting for you').waitFor();
    await bar.getByRole('img', { name: 'Waiting' }).waitFor();
    await untilCount(bar.getByRole('img', { name: 'Running' }), 0);
    await page.getByRole('button', { name: 'Zoom In' }).focus();
    for (let presses = 0; presses < 5; presses += 1) await page.keyboard.press('Enter');
    const answer = bar.getByRole('button', { name: 'Answer', exact: true });
    await answer.press('Enter');
    // The focus is on the node, whose question comes next.
    await page.locator('.react-flow__node[data-id="ask"]:focus').waitFor();
    const question = nodeCard(page, 'Editor').getByRole('region', { name: 'Shall this letter go out?' });
    await question.getByLabel('Note (required)').fill('Fine.');
    await question.getByRole('button', { name: 'Send it' }).click();
    await untilRun(page, 'COMPLETED');
    await untilCount(bar.getByText('Waiting for you'), 0);
    await untilCount(answer, 0);
  });

  test('is found on a phone by its sign in the top bar, and answered there; nothing is left then', async () => {
    const run = await startAsking(approval, 'ask');
    const { page } = await stack.open({ path: '/' });
    await page.setViewportSize({ width: 390, height: 844 });
    const sign = page.getByRole('link', { name: '1 run waits for you' });
    await sign.click();
    const question = page.getByRole('region', { name: 'Shall this letter go out?' });
    await question.getByText('Dear all').first().waitFor();
    await question.getByLabel('Note (required)').fill('No.');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    const button = question.getByRole('button', { name: 'Drop it' });
    // Large enough for a thumb.
    expect((await button.boundingBox())!.height).toBeGreaterThanOrEqual(44);
    await button.click();
    await page.getByText('Nothing waits for you').waitFor();
    await untilCount(sign, 0);
    await stack.server.api.finished(run);
    expect(await outputsOf(run, 'ask')).toMatchObject({ drop: 'Dear all', answer: { values: { note: 'No.' } } });
  });

  test('to choose is answered with the keyboard alone', async () => {
    const run = await startAsking(choice, 'pick');
    const { page } = await stack.open({ path: '/waiting' });
    const question = page.getByRole('region', { name: 'Which two?' });
    await question.getByText('0 of 4 chosen').waitFor();
    await question.getByRole('checkbox').first().focus();
    await page.keyboard.press('End');
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Space');
    await question.getByText('2 of 4 chosen').waitFor();
    // A third one is not taken.
    await page.keyboard.press('Home');
    await page.keyboard.press('Space');
    await question.getByText('2 of 4 chosen').waitFor();
    await page.keyboard.press('Control+Enter');
    await page.getByText('Nothing waits for you').waitFor();
    await stack.server.api.finished(run);
    expect(await outputsOf(run, 'pick')).toEqual({ output: ['Joan', 'Mary'], indices: [3, 2] });
  });

  test('that somebody else has answered meanwhile says so, and goes', async () => {
    const run = await startAsking(approval, 'ask');
    const { page } = await stack.open({ path: '/waiting' });
    const question = page.getByRole('region', { name: 'Shall this letter go out?' });
    await question.getByLabel('Note (required)').fill('Yes.');
    const { api } = stack.server;
    const { body } = await api.request('GET', `/api/waits?runId=${run}`);
    const [wait] = waitPageSchema.parse(body).items;
    const answer = { action: 'drop', values: { note: 'No.' } };
    expect((await api.request('POST', `/api/waits/${wait!.id}`, answer)).status).toBe(200);
    await question.getByRole('button', { name: 'Send it' }).click();
    await page.getByText('This was over before').waitFor();
    await page.getByText('Nothing waits for you').waitFor();
    expect(await outputsOf(run, 'ask')).toMatchObject({ answer: { action: 'drop' } });
  });

  test('is answered on a phone by whoever has its link, without an account, once', async () => {
    const [list, pick] = choice.nodes;
    const open: Graph = { ...choice, nodes: [list!, { ...pick!, data: { ...pick!.data, byLink: true } }] };
    const run = await startAsking(open, 'pick');
    const { api } = stack.server;
    const [wait] = waitPageSchema.parse((await api.request('GET', `/api/waits?runId=${run}`)).body).items;
    const { page, troubles } = await stack.openFresh();
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(wait!.answerUrl!);
    await page.getByRole('heading', { name: 'Which two?' }).waitFor();
    await page.getByLabel('Your name').fill('Kim');
    for (const place of [2, 1]) await page.getByRole('checkbox', { name: `Choose element ${place}` }).click();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    const button = page.getByRole('button', { name: 'Choose', exact: true });
    expect((await button.boundingBox())!.height).toBeGreaterThanOrEqual(44);
    await button.click();
    await page.getByText('Your answer has been recorded').waitFor();
    await stack.server.api.finished(run);
    expect(await outputsOf(run, 'pick')).toEqual({ output: ['Grace', 'Ada'], indices: [1, 0] });
    await page.reload();
    await page.getByText('This question has been answered').waitFor();
    await page.getByText('It was answered by Kim (by link)').waitFor();
    // What the server has refused the browser tells as well.
    expect(troubles.filter((trouble) => !trouble.includes('409'))).toEqual([]);
  });
});
