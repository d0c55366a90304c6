import { afterAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { templates } from '../core/templates/list.ts';
import { startBrowserStack } from '../testing/browser-stack.ts';
import { eventually } from '../testing/eventually.ts';
import { startFakeStudio, templateAnswers, type FakeStudio } from '../testing/fake-studio.ts';
import { pressRun, untilCount } from './canvas.ts';
import { covered, cutLines, seriousByTheme, sidewaysRoom, smallWords, untilSettled } from './looks.ts';
import { testStack } from './stack.ts';

/*
 * Every template as a person meets it: opened, run with a model that is made up, and looked at on a phone. Nothing covers
 * anything, no letters are too small, no line is cut in half, and after the run nothing is hard to see, in light and in dark.
 */

const apiKey = 'a-key-of-the-test';
let studio: FakeStudio;
const stack = testStack(async () => {
  const text = `${'An answer with some words. '.repeat(20)}End.`;
  studio = await startFakeStudio({ ...templateAnswers, text, apiKey });
  return startBrowserStack({ GEMINI_API_KEY: apiKey, GEMINI_BASE_URL: studio.url });
});
afterAll(() => studio?.stop());

/** What never comes is named by then; a busy machine only takes longer. In milliseconds. */
const patience = { step: 60_000, run: 120_000, all: 300_000 };
/** Nodes, and what lies over the canvas. */
const nodes =
  '.react-flow__node:not(.react-flow__node-note, .react-flow__node-group), .small-map, .react-flow__controls';

/** What is wrong with the geometry of a page, and in these themes with that and with what can be seen. */
async function faults(page: Page, boxes: readonly string[], themes: readonly ('light' | 'dark')[] = []) {
  const found = { over: [] as string[], small: [] as string[], cut: [] as string[] };
  const look = async () => {
    for (const selector of boxes) found.over.push(...(await covered(page, selector)));
    found.small.push(...(await smallWords(page)));
    found.cut.push(...(await cutLines(page)));
  };
  if (themes.length === 0) await look();
  return { ...found, unseen: await seriousByTheme(page, themes, look) };
}
const none = { over: [], small: [], cut: [], unseen: [] };
/** The view may still be on its way to where it starts. */
const untilReadable = (page: Page) =>
  eventually(async () => expect(await smallWords(page)).toEqual([]), { timeoutMs: patience.step });

test.each(templates.map(({ title }) => title))(
  'the template "%s" runs to the end as it is, and all of it can be seen',
  async (title) => {
    const { page, context, troubles } = await stack.open({ path: '/templates', theme: 'light' });
    context.setDefaultTimeout(patience.step);
    await page.getByRole('button', { name: `Use ${title}`, exact: true }).click();
    await page.waitForURL(/\/workflows\/\d+/);
    await page.locator('.node-card').first().waitFor();
    await untilSettled(page);
    await untilReadable(page);
    expect(await faults(page, [nodes])).toEqual(none);

    await pressRun(page);
    const ended = page.locator('[data-run-status="COMPLETED"], [data-run-status="FAILED"]').first();
    const question = page.locator('.node-card').getByRole('region', { name: 'Which two shall be finished?' });
    await ended.or(question).waitFor({ timeout: patience.run });
    if ((await question.count()) > 0) {
      for (const place of [1, 2]) await question.getByRole('checkbox', { name: `Choose element ${place}` }).click();
      await question.getByRole('button', { name: 'Choose', exact: true }).click();
    }
    await ended.waitFor({ timeout: patience.run });
    // Where a workflow takes one of several ways, the nodes of the others say so.
    const ends = ['completed', 'cached', 'untaken'].map((status) => `.node-card[data-status="${status}"]`);
    await untilCount(page.locator(ends.join(', ')), await page.locator('.node-card').count());
    await untilSettled(page);
    expect(await faults(page, [nodes, '.result-tile'], ['light', 'dark'])).toEqual(none);

    await page.setViewportSize({ width: 390, height: 844 });
    await page.reload();
    const views = page.getByRole('navigation', { name: 'Views' });
    await views.waitFor();
    await untilSettled(page);
    await untilReadable(page);
    expect(await faults(page, ['.result-tile'], ['light'])).toEqual(none);
    expect(await sidewaysRoom(page)).toBe(0);
    await views.getByRole('button', { name: 'Graph' }).click();
    await page.locator('.far-face').first().waitFor();
    await untilReadable(page);
    expect(await faults(page, [nodes])).toEqual(none);
    expect(troubles).toEqual([]);
  },
  patience.all,
);
