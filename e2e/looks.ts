import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

/* What can be measured of how a page looks. */

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}

let axe: Promise<string> | undefined;

/**
 * What axe finds serious on a page, contrast included: the rule, then where it is broken.
 *
 * @param rules which of its rules are asked; default: all
 */
export async function seriousViolations(page: Page, rules?: readonly string[]): Promise<string[][]> {
  axe ??= readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  await page.evaluate(`if (window.axe === undefined) { ${await axe} }`);
  const options = { resultTypes: ['violations'], ...(rules && { runOnly: rules }) };
  const violations = await page.evaluate<Violation[]>(
    `axe.run(document, ${JSON.stringify(options)}).then(({ violations }) =>
      violations.filter(({ impact }) => impact === 'serious' || impact === 'critical'))`,
  );
  return violations.map(({ id, nodes }) => [id, ...nodes.slice(0, 3).map(({ html }) => html.slice(0, 160))]);
}

/**
 * The same in each of some themes, the theme before it. What depends on no color is asked in the first one alone.
 *
 * @param look what else is looked at in each of them
 */
export async function seriousByTheme(
  page: Page,
  themes: readonly ('light' | 'dark')[],
  look: (theme: 'light' | 'dark') => Promise<unknown> = async () => undefined,
): Promise<string[][]> {
  const found: string[][] = [];
  for (const [index, colorScheme] of themes.entries()) {
    await page.emulateMedia({ colorScheme });
    await untilSettled(page);
    await look(colorScheme);
    const violations = await seriousViolations(page, index === 0 ? undefined : ['color-contrast']);
    found.push(...violations.map((violation) => [colorScheme, ...violation]));
  }
  return found;
}

/** Words in view whose letters are smaller than 11 pixels of the screen, and how large they are. */
export function smallWords(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const least = 11;
    const found = new Set<string>();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const words = node.textContent?.trim() ?? '';
      const holder = node.parentElement;
      if (words === '' || !(holder instanceof HTMLElement) || ['SCRIPT', 'STYLE'].includes(holder.tagName)) continue;
      if (!holder.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const { left, right, top, bottom, width, height } = range.getBoundingClientRect();
      // What only screen readers are told has no room of its own.
      const box = holder.getBoundingClientRect();
      if (width < 1 || height < 1 || box.width <= 1 || box.height <= 1) continue;
      if (right < 0 || bottom < 0 || left > innerWidth || top > innerHeight) continue;
      const canvas = holder.closest('.react-flow__viewport');
      const scale = canvas === null ? 1 : new DOMMatrix(getComputedStyle(canvas).transform).a;
      const size = Number.parseFloat(getComputedStyle(holder).fontSize) * scale;
      if (size < least - 0.01) found.add(`${size.toFixed(1)} px: ${words.slice(0, 60)}`);
    }
    return [...found];
  });
}

/** Words of which less than the whole height of a line is seen, in boxes that hold the words of a result. */
export function cutLines(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const boxes = document.querySelectorAll<HTMLElement>(
      '.result-words, .far-face-words, .node-result [role="region"]',
    );
    return [...boxes].flatMap((box) => {
      if (!box.checkVisibility({ visibilityProperty: true })) return [];
      const { left, right, top, bottom } = box.getBoundingClientRect();
      const range = document.createRange();
      range.selectNodeContents(box);
      const cut = [...range.getClientRects()].filter((line) => {
        const isInColumn = line.right > left && line.left < right;
        return isInColumn && line.top < bottom - 1 && line.bottom > bottom + 1 && line.bottom > top;
      });
      return cut.map(() => box.textContent?.slice(0, 40) ?? '');
    });
  });
}

/** How many pixels a page is wider than its window. */
export function sidewaysRoom(page: Page): Promise<number> {
  return page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - innerWidth));
}

/** Names of things that lie over each other, of those that a selector finds; a hair's breadth does not count. */
export function covered(page: Page, selector: string): Promise<string[]> {
  return page.locator(selector).evaluateAll((all) => {
    const boxes = all
      .map((each) => ({
        name: each.getAttribute('data-id') ?? each.getAttribute('title') ?? each.textContent?.slice(0, 40) ?? '',
        box: each.getBoundingClientRect(),
      }))
      .filter(({ box }) => box.width > 0 && box.height > 0);
    return boxes.flatMap((a, index) =>
      boxes
        .slice(index + 1)
        .filter(
          (b) =>
            a.box.left < b.box.right - 1 &&
            b.box.left < a.box.right - 1 &&
            a.box.top < b.box.bottom - 1 &&
            b.box.top < a.box.bottom - 1,
        )
        .map((b) => `${a.name} and ${b.name}`),
    );
  });
}

/** Waits until pictures are there and nothing moves by itself any more. */
export async function untilSettled(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle');
  await page.waitForFunction(() => [...document.images].every((image) => image.complete || image.loading === 'lazy'));
  await page.waitForFunction(() =>
    document
      .getAnimations()
      .every(
        (animation) =>
          animation.playState !== 'running' || animation.effect?.getComputedTiming().iterations === Infinity,
      ),
  );
}
