import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { startBrowserStack, type BrowserStack, type WatchedPage } from '../testing/browser-stack.ts';
import { untilCount, untilRun } from './canvas.ts';

let stack: BrowserStack;
let opened: WatchedPage | undefined;

beforeAll(async () => {
  stack = await startBrowserStack();
});
afterAll(() => stack.stop());
afterEach(() => opened?.context.close());

test.each([
  'Starter: from a photo and a video',
  'Product marketing kit',
  'Social media crops',
  'Video contact sheet',
  'Describe and caption',
  'Prompts side by side',
])('the template "%s" runs to the end as it is', async (title) => {
  opened = await stack.open({ path: '/templates' });
  const { page, troubles } = opened;
  await page.getByRole('button', { name: `Use ${title}` }).click();
  await page.waitForURL(/\/workflows\/\d+/);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await untilRun(page, 'COMPLETED');
  const done = page.locator('.node-card[data-status="completed"], .node-card[data-status="cached"]');
  await untilCount(done, await page.locator('.node-card').count());
  expect(troubles).toEqual([]);
});
