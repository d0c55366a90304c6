import { expect, test } from '@jest/globals';
import { untilCount, untilRun } from './canvas.ts';
import { testStack } from './stack.ts';

const stack = testStack();

test.each([
  'Starter: from a photo and a video',
  'Product marketing kit',
  'Social media crops',
  'Video contact sheet',
  'Describe and caption',
  'Prompts side by side',
  'Support messages, routed',
])('the template "%s" runs to the end as it is', async (title) => {
  const { page, troubles } = await stack.open({ path: '/templates' });
  await page.getByRole('button', { name: `Use ${title}` }).click();
  await page.waitForURL(/\/workflows\/\d+/);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await untilRun(page, 'COMPLETED');
  // Where a workflow takes one of several ways, the nodes of the others say so.
  const ends = ['completed', 'cached', 'untaken'].map((status) => `.node-card[data-status="${status}"]`);
  const done = page.locator(ends.join(', '));
  await untilCount(done, await page.locator('.node-card').count());
  expect(troubles).toEqual([]);
});
