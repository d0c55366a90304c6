import { io, type Socket } from 'socket.io-client';
import { expect, test } from '@jest/globals';
import type { Graph } from '../core/graph/graph.ts';
import { nodeCard, textOf, untilRun } from './canvas.ts';
import { holdAnswer } from './hold-answer.ts';
import { eventually } from '../testing/eventually.ts';
import type { WatchedPage } from '../testing/browser-stack.ts';
import { testStack } from './stack.ts';

const stack = testStack();

/** A text that goes into a pause, and from there into a model. */
function graphWithPause(ms: number): Graph {
  const at = (x: number) => ({ x, y: 0 });
  return {
    nodes: [
      { id: 'text', type: 'text', position: at(0), data: { label: 'Prompt', text: 'hello' } },
      { id: 'pause', type: 'delay', position: at(340), data: { label: 'Pause', ms } },
      { id: 'llm', type: 'llm', position: at(680), data: { label: 'Model', model: 'gemini-fake' } },
    ],
    edges: [
      { id: 'e1', source: 'text', sourceHandle: 'output', target: 'pause', targetHandle: 'input' },
      { id: 'e2', source: 'pause', sourceHandle: 'output', target: 'llm', targetHandle: 'user_message' },
    ],
  };
}

const statusOf = (page: WatchedPage['page'], name: string, status: string) =>
  nodeCard(page, name).locator(`.node-card[data-status="${status}"]`);

async function openWorkflow(graph: Graph) {
  const id = await stack.server.api.createWorkflow(graph);
  const opened = await stack.open({ path: `/workflows/${id}` });
  await nodeCard(opened.page, 'Prompt').waitFor();
  return { ...opened, id };
}

test('a reload in the middle of a run shows its states again and goes on', async () => {
  const { page } = await openWorkflow(graphWithPause(0));
  const answer = holdAnswer(stack.gemini);
  await page.keyboard.press('Control+Enter');
  await statusOf(page, 'Model', 'running').waitFor();
  await page.reload();
  await statusOf(page, 'Prompt', 'completed').waitFor();
  await statusOf(page, 'Model', 'running').waitFor();
  answer.release();
  await untilRun(page, 'COMPLETED');
  await statusOf(page, 'Model', 'completed').waitFor();
});

test('a reload in the middle of an answer shows all of it that has come', async () => {
  const { page } = await openWorkflow(graphWithPause(0));
  const answer = holdAnswer(stack.gemini, ['Threads ', 'cross ', 'here.'], 2);
  await page.keyboard.press('Control+Enter');
  const streaming = nodeCard(page, 'Model').locator('[data-streaming]');
  await streaming.filter({ hasText: 'Threads cross' }).waitFor();
  await page.reload();
  await streaming.filter({ hasText: /^Threads cross/ }).waitFor();
  answer.release();
  await untilRun(page, 'COMPLETED');
  await nodeCard(page, 'Model').getByText('Threads cross here.').waitFor();
});

test('a run that is started elsewhere shows up by itself', async () => {
  const { page, id } = await openWorkflow(graphWithPause(300));
  // The workflow is followed once the first connection stands.
  await page.locator('[data-connection="online"]').waitFor();
  await stack.server.api.start(id);
  await untilRun(page, 'COMPLETED');
  await statusOf(page, 'Model', 'completed').waitFor();
});

test('cancel stops a run that hangs, and the node says so', async () => {
  const { page } = await openWorkflow(graphWithPause(0));
  stack.gemini.standing({ kind: 'hang', chunks: ['So far'] });
  await page.keyboard.press('Control+Enter');
  await nodeCard(page, 'Model').locator('[data-streaming]', { hasText: 'So far' }).waitFor();
  await page.getByRole('button', { name: 'Cancel', exact: true }).click();
  await untilRun(page, 'CANCELLED');
  await statusOf(page, 'Model', 'cancelled').waitFor();
  await stack.gemini.until((calls) => calls.some(({ endedBy }) => endedBy === 'client'));
});

test('a failed node says why, and Retry reuses what was done', async () => {
  const { page } = await openWorkflow(graphWithPause(0));
  stack.gemini.script({ kind: 'error', status: 400, message: 'This prompt is not allowed.' });
  await page.keyboard.press('Control+Enter');
  await untilRun(page, 'FAILED');
  const alert = nodeCard(page, 'Model').getByRole('alert');
  await alert.getByText('PROVIDER_').waitFor();
  await alert.getByRole('button', { name: 'Retry' }).click();
  await untilRun(page, 'COMPLETED');
  await statusOf(page, 'Prompt', 'cached').waitFor();
  await statusOf(page, 'Model', 'completed').waitFor();
});

test('the selection alone can be run', async () => {
  const { page, id } = await openWorkflow(graphWithPause(0));
  await nodeCard(page, 'Prompt').click({ position: { x: 60, y: 16 } });
  await page.keyboard.press('Control+Shift+Enter');
  await untilRun(page, 'COMPLETED');
  const { body } = await stack.server.api.request('GET', `/api/workflows/${id}/runs`);
  expect((body as { items: { mode: string; nodeIds: string[] }[] }).items[0]).toMatchObject({
    mode: 'selected',
    nodeIds: ['text'],
  });
});

test('a lost connection is noticed, and what was missed is there after it is back', async () => {
  const { page, context, id } = await openWorkflow(graphWithPause(0));
  const answer = holdAnswer(stack.gemini);
  const runId = await stack.server.api.start(id);
  await statusOf(page, 'Model', 'running').waitFor();
  await context.setOffline(true);
  answer.release();
  await stack.server.api.finished(runId);
  await context.setOffline(false);
  await untilRun(page, 'COMPLETED');
  await statusOf(page, 'Model', 'completed').waitFor();
});

test('a restart of the server in mid-run is noticed, and the run goes on to its end on the screen', async () => {
  const { page, id } = await openWorkflow(graphWithPause(0));
  await page.locator('[data-connection="online"]').waitFor();
  const answer = holdAnswer(stack.gemini);
  await page.keyboard.press('Control+Enter');
  await statusOf(page, 'Model', 'running').waitFor();
  await stack.restartServer();
  await page.locator('[data-connection="online"]').waitFor();
  answer.release();
  await untilRun(page, 'COMPLETED');
  await statusOf(page, 'Model', 'completed').waitFor();
  // What is changed then is saved as before.
  await textOf(page, 'Prompt').fill('after the restart');
  await eventually(async () => {
    const { body } = await stack.server.api.request('GET', `/api/workflows/${id}`);
    expect((body as { data: Graph }).data.nodes[0]?.data['text']).toBe('after the restart');
  });
  await page.locator('[data-save="saved"]').waitFor();
});

test("somebody else's change is not overwritten unasked", async () => {
  const { page, id } = await openWorkflow(graphWithPause(0));
  await stack.server.api.request('PUT', `/api/workflows/${id}`, { data: graphWithPause(5) });
  await nodeCard(page, 'Prompt').getByLabel('Text', { exact: true }).fill('mine');
  await page.getByRole('dialog', { name: 'This workflow was changed elsewhere' }).waitFor();
  await page.getByRole('button', { name: 'Overwrite with mine' }).click();
  await page.locator('[data-save="saved"]').waitFor();
  const { body } = await stack.server.api.request('GET', `/api/workflows/${id}`);
  expect((body as { data: Graph }).data.nodes[0]?.data['text']).toBe('mine');
});

test('a page that was refused a connection comes back by itself when there is room', async () => {
  const others: Socket[] = [];
  for (let isFull = false; !isFull;) {
    const other = io(stack.server.url, { auth: { token: stack.installation.apiKey }, forceNew: true });
    others.push(other);
    isFull = await new Promise<boolean>((resolve) => {
      other.once('connect', () => resolve(false)).once('connect_error', () => resolve(true));
    });
  }
  const { page } = await openWorkflow(graphWithPause(300));
  await page.locator('[data-connection="requests"]').waitFor();
  for (const other of others) other.disconnect();
  await page.locator('[data-connection="online"]').waitFor();
  await page.keyboard.press('Control+Enter');
  await untilRun(page, 'COMPLETED');
});
