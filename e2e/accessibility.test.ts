import { beforeAll, describe, expect, test } from '@jest/globals';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { startBrowserStack } from '../testing/browser-stack.ts';
import { projectRoot } from '../testing/processes.ts';
import { makeStates, states } from './all-states.ts';
import { seriousByTheme, sidewaysRoom, smallWords, untilSettled } from './looks.ts';
import { testStack } from './stack.ts';

/*
 * Every page and state, in dark and in light, wide and on a phone: axe finds nothing serious (contrast included), no letters are
 * smaller than 11 pixels, and nothing is wider than the window. Each leaves its pictures in dist/images/pages, for people to look at.
 */

/** What never comes is named by then, in milliseconds. */
const patienceMs = 120_000;
const folder = path.join(projectRoot, 'dist', 'images', 'pages');
const stack = testStack(() => startBrowserStack({ SECRETS_KEY: 'a key that only tests encrypt with' }));
beforeAll(async () => {
  await mkdir(folder, { recursive: true });
  await makeStates(stack);
});

const windows = [
  ['wide', { width: 1_440, height: 900 }],
  ['phone', { width: 390, height: 844 }],
] as const;

describe.each(windows)(
  '%s: nothing serious is wrong, and everything can be read, in dark and in light',
  (way, size) => {
    test.each(states.filter(([, , , isWideOnly]) => way !== 'phone' || isWideOnly !== true))(
      'on %s',
      // Jest hands a callback to whatever takes more than a row has.
      async (...[name, pathOf, act]) => {
        const { page, context } = await (name === 'sign-in'
          ? openSignIn(size)
          : stack.open({ ...size, path: pathOf() }));
        context.setDefaultTimeout(patienceMs);
        await page.locator('main').first().waitFor();
        await page.waitForLoadState('networkidle');
        await act?.(page);
        const serious = await seriousByTheme(page, ['dark', 'light'], (theme) =>
          page.screenshot({ path: path.join(folder, `${name}-${way === 'phone' ? 'phone-' : ''}${theme}.png`) }),
        );
        // Both themes are of one geometry.
        const found = [...serious, ...(await smallWords(page))];
        expect({ found, sideways: await sidewaysRoom(page) }).toEqual({ found: [], sideways: 0 });
      },
    );
  },
);

/** Whoever is signed in is led on from there. */
async function openSignIn(options: { width: number; height: number }) {
  const opened = await stack.open({ ...options, path: '/nowhere' });
  await opened.context.clearCookies();
  await opened.page.goto(`${stack.server.url}/sign-in`);
  return opened;
}

/** Pages that are used by forms and rows; the canvas has tests of its own (keyboard.test.ts). */
const byKeyboard = [
  'list',
  'templates',
  'triggers',
  'batches',
  'links',
  'workspaces',
  'workspace',
  'questions',
  'app',
  'settings',
];

/** What the Tab key has to lead to: each gets a number to be known by. Of a group of options or tabs, one is enough. */
function usable(): { key: string; name: string }[] {
  const all = [...document.querySelectorAll<HTMLElement>('a[href], button, input, select, textarea, summary')];
  return all
    .filter((each) => !each.matches(':disabled, [tabindex="-1"], [type="file"], [type="radio"], [role="tab"]'))
    .filter((each) => each.closest('[aria-hidden="true"], [inert]') === null)
    .filter((each) => each.checkVisibility({ visibilityProperty: true }))
    .map((each, index) => {
      each.dataset['tabbed'] = String(index);
      const name = each.getAttribute('aria-label') ?? each.textContent?.trim() ?? '';
      return { key: String(index), name: `${each.tagName.toLowerCase()} ${name}`.slice(0, 60) };
    });
}

/** What has the focus, and whether that is drawn. */
function focused(): { key: string; name: string; isSeen: boolean } | null {
  const element = document.activeElement;
  if (!(element instanceof HTMLElement) || element.dataset['tabbed'] === undefined) return null;
  const rings = [element, element.parentElement, element.nextElementSibling, element.closest('label')];
  const isSeen = rings.some((each) => {
    if (each === null) return false;
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(each);
    return (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0) || boxShadow !== 'none';
  });
  const name = element.getAttribute('aria-label') ?? element.textContent?.trim() ?? '';
  return { key: element.dataset['tabbed'], name: name.slice(0, 60), isSeen };
}

/*
 * By the keyboard alone: the Tab key leads through all that can be used on a page, and shows where it is.
 */
test.each(states.filter(([name]) => byKeyboard.includes(name)))(
  'the keyboard reaches everything on %s',
  async (...[, pathOf]) => {
    const { page, context } = await stack.open({ theme: 'light', path: pathOf() });
    context.setDefaultTimeout(patienceMs);
    await page.locator('main').first().waitFor();
    await untilSettled(page);
    const wanted = await page.evaluate(usable);
    expect(wanted.length).toBeGreaterThan(0);
    const reached = new Set<string>();
    const unseen: string[] = [];
    for (let presses = 0; presses < wanted.length + 60 && reached.size < wanted.length; presses += 1) {
      await page.keyboard.press('Tab');
      const at = await page.evaluate(focused);
      if (at === null) continue;
      reached.add(at.key);
      if (!at.isSeen) unseen.push(at.name);
    }
    expect({ missed: wanted.filter(({ key }) => !reached.has(key)).map(({ name }) => name), unseen }).toEqual({
      missed: [],
      unseen: [],
    });
  },
);
