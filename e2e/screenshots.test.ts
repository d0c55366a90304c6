import { beforeAll, test } from '@jest/globals';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { projectRoot } from '../testing/processes.ts';
import { pressRun, untilRun } from './canvas.ts';
import { untilSettled } from './looks.ts';
import { testStack } from './stack.ts';

/*
 * The pictures of README and docs, taken of the real thing: set UPDATE_IMAGES=1
 * to keep them in docs/images; without it they are taken and thrown away.
 */
const keep = process.env['UPDATE_IMAGES'] === '1';
const folder = keep ? path.join(projectRoot, 'docs', 'images') : path.join(projectRoot, 'dist', 'images');

const stack = testStack();
let workflowPath: string;
let runId: string;

beforeAll(async () => {
  await mkdir(folder, { recursive: true });
  stack.gemini.standing({
    kind: 'answer',
    chunks: ['Keeps the morning warm: ', 'steel, a steady grip, ', 'twelve hours.'],
  });
  const { page, context } = await stack.open({ path: '/templates' });
  for (const title of ['Video contact sheet', 'Product marketing kit', 'Starter: from a photo and a video']) {
    await page.getByRole('button', { name: `Use ${title}` }).click();
    await page.waitForURL(/\/workflows\/\d+/);
    await pressRun(page);
    await untilRun(page, 'COMPLETED');
    workflowPath = new URL(page.url()).pathname;
    if (!title.startsWith('Starter')) await page.goto(`${stack.server.url}/templates`);
  }
  const id = Number(workflowPath.split('/').pop());
  const { body } = await stack.server.api.request('GET', `/api/workflows/${id}/runs`);
  runId = (body as { items: { id: string }[] }).items[0]!.id;
  await context.close();
});

/** Name of the file, what the page is opened with, and where; the places are known once everything has run. */
const pictures: [string, { theme: 'light' | 'dark'; width?: number; height?: number }, () => string][] = [
  ['canvas-dark', { theme: 'dark' }, () => workflowPath],
  ['canvas-light', { theme: 'light' }, () => workflowPath],
  ['run-dark', { theme: 'dark' }, () => `${workflowPath}?panel=runs&run=${runId}`],
  ['run-light', { theme: 'light' }, () => `/runs/${runId}`],
  ['run-phone', { theme: 'dark', width: 390, height: 844 }, () => `/runs/${runId}`],
  ['workflows', { theme: 'light' }, () => '/'],
  ['templates', { theme: 'dark' }, () => '/templates'],
];

test.each(pictures)('%s', async (name, options, pathOf) => {
  const opened = await stack.open({ ...options, path: pathOf() });
  await opened.page.locator('main').first().waitFor();
  await untilSettled(opened.page);
  await opened.page.screenshot({ path: path.join(folder, `${name}.png`) });
  await opened.context.close();
});
