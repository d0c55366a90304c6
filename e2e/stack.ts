import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { startBrowserStack, type BrowserStack, type WatchedPage } from '../testing/browser-stack.ts';

/**
 * The stack of a test file: started before its tests, stopped after them. After each test its pages are closed and the
 * fake provider answers as at first. Nothing of it is there before the first test.
 *
 * @example
 * const stack = testStack();
 * test('...', async () => {
 *   const { page } = await stack.open({ path: '/files' });
 * });
 */
export function testStack(start: () => Promise<BrowserStack> = () => startBrowserStack()): BrowserStack {
  let started: BrowserStack | undefined;
  const opened: WatchedPage[] = [];
  const there = (): BrowserStack => {
    if (started === undefined) throw new Error('The stack starts with the first test.');
    return started;
  };
  const keep = async (watched: Promise<WatchedPage>): Promise<WatchedPage> => {
    opened.push(await watched);
    return await watched;
  };

  beforeAll(async () => {
    started = await start();
  });
  afterEach(async () => {
    started?.gemini.reset();
    await Promise.all(opened.splice(0).map(({ context }) => context.close()));
  });
  afterAll(() => started?.stop());

  return {
    get server() {
      return there().server;
    },
    get installation() {
      return there().installation;
    },
    get gemini() {
      return there().gemini;
    },
    restartServer: () => there().restartServer(),
    open: (options) => keep(there().open(options)),
    openFresh: () => keep(there().openFresh()),
    stop: () => there().stop(),
  };
}
