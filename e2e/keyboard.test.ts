import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { untilRun } from './canvas.ts';
import { startBrowserStack, type BrowserStack, type WatchedPage } from '../testing/browser-stack.ts';

/** The close button, the tabs, a name, a field, a connection: more would be a maze. */
const mostTabs = 8;

let stack: BrowserStack;
let opened: WatchedPage | undefined;

beforeAll(async () => {
  stack = await startBrowserStack();
}, 120_000);
afterAll(() => stack.stop());
afterEach(() => opened?.context.close());

test('a workflow is built, connected and run by the keyboard alone', async () => {
  opened = await stack.open();
  const { page } = opened;
  await page.getByRole('button', { name: 'New workflow' }).first().focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/workflows\/\d+/);
  await page.getByText('An empty canvas').waitFor();

  for (const words of ['text', 'delay']) {
    await page.keyboard.press('n');
    await page.getByRole('combobox', { name: 'Search node types' }).waitFor();
    await page.keyboard.type(words);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Add a node' }).waitFor({ state: 'detached' });
  }
  // From the canvas into the inspector, and on with Tab.
  await page.keyboard.press('i');
  const connect = page.getByRole('combobox', { name: 'Connect Input from' });
  await connect.waitFor();
  const isThere = () => connect.evaluate((element) => element === document.activeElement);
  for (let tabs = 0; tabs < mostTabs && !(await isThere()); tabs += 1) await page.keyboard.press('Tab');
  expect(await isThere()).toBe(true);
  await page.keyboard.press('Enter');
  await page.getByRole('option', { name: 'Text: Text' }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.locator('.react-flow__edge').waitFor({ state: 'attached' });

  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Command' }).waitFor();
  await page.keyboard.type('run the workflow');
  await page.keyboard.press('Enter');
  await untilRun(page, 'COMPLETED');
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Shortcuts' }).waitFor();
  await page.keyboard.press('Escape');
});
