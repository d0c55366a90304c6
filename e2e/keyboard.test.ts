import { expect, test } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { nodeCard, untilCount, untilRun } from './canvas.ts';
import { eventually } from '../testing/eventually.ts';
import { makePicture } from '../testing/media.ts';
import { testStack } from './stack.ts';

/** The close button, the tabs, a name, up to five fields (those of a crop), a connection: more would be a maze. */
const mostTabs = 12;
const mostPresses = 3;

const stack = testStack();

/** Out of a field of the inspector, whose letters are its own, back to the node. */
async function leaveField(page: Page): Promise<void> {
  const isInside = await page.evaluate(() => document.activeElement?.parentElement?.closest('#inspector') != null);
  if (!isInside) return;
  await page.keyboard.press('Escape');
  await page.locator('.react-flow__node:focus').waitFor();
}

/** Adds the first node type that is found by the words; it is selected then. */
async function addNode(page: Page, words: string): Promise<void> {
  await leaveField(page);
  await page.keyboard.press('n');
  await page.getByRole('combobox', { name: 'Search node types' }).waitFor();
  await page.keyboard.type(words);
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Add a node' }).waitFor({ state: 'detached' });
}

/** From the canvas into the inspector of the selected node, and on with Tab. */
async function goTo(page: Page, target: Locator): Promise<void> {
  await leaveField(page);
  const arrived = page.locator('#inspector:focus');
  // Faster than any hand: a key may come before the canvas knows what is selected.
  for (let presses = 0; presses < mostPresses && (await arrived.count()) === 0; presses += 1) {
    await page.keyboard.press('i');
    await arrived.waitFor({ timeout: 1_000 }).catch(() => {});
  }
  await target.waitFor();
  const isThere = () => target.evaluate((element) => element === document.activeElement);
  for (let tabs = 0; tabs < mostTabs && !(await isThere()); tabs += 1) await page.keyboard.press('Tab');
  expect(await isThere()).toBe(true);
}

/** Chooses what the selected node is connected with. */
async function connect(page: Page, list: string, end: string): Promise<void> {
  await goTo(page, page.getByRole('combobox', { name: list }));
  await page.keyboard.press('Enter');
  const option = page.getByRole('option', { name: end, exact: true });
  await option.waitFor();
  const chosen = page.getByRole('option', { name: end, exact: true }).and(page.locator('[data-highlighted]'));
  const options = page.getByRole('option');
  const highlighted = () => options.evaluateAll((all) => all.findIndex((one) => one.hasAttribute('data-highlighted')));
  for (let presses = 0; presses <= (await options.count()) && (await chosen.count()) === 0; presses += 1) {
    const before = await highlighted();
    await page.keyboard.press('ArrowDown');
    // The next key would go past it before it shows.
    await eventually(async () => (await highlighted()) !== before);
  }
  await chosen.waitFor();
  await page.keyboard.press('Enter');
  // A list keeps the keys to itself until it is gone.
  await page.getByRole('listbox').waitFor({ state: 'detached' });
}

test('a workflow is built, connected and run by the keyboard alone', async () => {
  const { page } = await stack.open();
  await page.getByRole('button', { name: 'New workflow' }).first().focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/workflows\/\d+/);
  await page.getByText('This canvas is empty').waitFor();

  for (const words of ['text', 'delay']) await addNode(page, words);
  await connect(page, 'Connect Input from', 'Text: Text');
  await untilCount(page.locator('.react-flow__edge'), 1);

  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Command' }).waitFor();
  await page.keyboard.type('run the workflow');
  await page.keyboard.press('Enter');
  await untilRun(page, 'COMPLETED');
  await leaveField(page);
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  await page.keyboard.press('Escape');
});

test('a picture is chosen, cropped and passed on by the keyboard alone', async () => {
  const picture = await makePicture('jpeg');
  const { page } = await stack.open();
  await page.getByRole('button', { name: 'New workflow' }).first().focus();
  await page.keyboard.press('Enter');
  await page.getByText('This canvas is empty').waitFor();
  const inspector = page.getByRole('complementary', { name: 'Inspector' });

  // Listened for long before: a key comes to the page sooner than the wish to catch what it opens.
  const chosen = page.waitForEvent('filechooser').then((chooser) => chooser.setFiles(picture));
  await addNode(page, 'image');
  await goTo(page, inspector.getByRole('button', { name: 'Drop an image or browse' }));
  await page.keyboard.press('Enter');
  await chosen;
  await nodeCard(page, 'Image').locator('img').waitFor();

  await addNode(page, 'crop');
  await connect(page, 'Connect Image from', 'Image: Image');
  await nodeCard(page, 'Crop').getByRole('img', { name: 'Image to crop' }).waitFor();
  await goTo(page, inspector.getByRole('group', { name: /^Crop box/ }));
  for (let presses = 0; presses < 50; presses += 1) await page.keyboard.press('Shift+ArrowLeft');
  await page
    .getByRole('group', { name: /width 50 %, height 100 %/ })
    .first()
    .waitFor();

  await addNode(page, 'delay');
  await connect(page, 'Connect Input from', 'Crop image: Cropped image');
  await page.keyboard.press('Control+Enter');
  await untilRun(page, 'COMPLETED');
  const ratioOf = async (name: string) => {
    const image = nodeCard(page, name).locator('img').last();
    await image.waitFor();
    return image.evaluate((element: HTMLImageElement) =>
      element.decode().then(() => element.naturalWidth / element.naturalHeight),
    );
  };
  const whole = await ratioOf('Image');
  // The state comes before the picture.
  await eventually(async () => Math.abs((await ratioOf('Delay')) - whole / 2) < 0.05);
});
