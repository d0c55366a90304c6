import { expect, test } from '@jest/globals';
import { eventually } from '../testing/eventually.ts';
import { testStack } from './stack.ts';

const stack = testStack();

const pause = (ms: number) => ({
  nodes: [{ id: 'pause', type: 'delay', position: { x: 0, y: 0 }, data: { label: 'Pause', ms } }],
  edges: [],
});

test('the owner sees what a worker runs and drains it; another one goes on', async () => {
  const { api } = stack.server;
  const { page, troubles } = await stack.open({ path: '/admin' });
  const workers = page.getByRole('list', { name: 'Workers' });
  const alive = workers.locator('[data-worker-state="alive"]');
  await alive.waitFor();
  const first = await api.start(await api.createWorkflow(pause(4_000)));
  // What it runs stands there and leads to the run.
  await alive.getByRole('link', { name: 'Pause' }).waitFor();
  expect(await alive.getByRole('link', { name: 'Pause' }).getAttribute('href')).toBe(`/runs/${first}`);

  await alive.getByRole('button', { name: 'Drain' }).click();
  const question = page.getByRole('alertdialog').or(page.getByRole('dialog'));
  await question.getByText('It takes no new work').waitFor();
  await question.getByRole('button', { name: 'Drain', exact: true }).click();
  const draining = workers.locator('[data-worker-state="draining"]');
  await draining.waitFor();
  await draining.getByRole('button', { name: 'Drain', disabled: true }).waitFor();
  expect(await page.getByText('Not drained').count()).toBe(0);
  // It finishes what it runs, and leaves what comes later.
  expect((await api.finished(first)).status).toBe('COMPLETED');
  const second = await api.start(await api.createWorkflow(pause(10)));
  // One of the pool for what waits, none that runs.
  await page.getByRole('row', { name: /^io 1 0 0 / }).waitFor();
  expect((await api.run(second)).status).not.toBe('COMPLETED');

  await stack.installation.startWorker();
  await alive.waitFor();
  await eventually(async () => (await api.run(second)).status === 'COMPLETED');
  expect(troubles).toEqual([]);
});
