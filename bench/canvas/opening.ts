import type { Locator, Page } from 'playwright-core';

/** Milliseconds from a click to the frame after the one in which what was asked for is there; a picture when it is drawn. */
export async function openingOf(page: Page, button: Locator, seen: string): Promise<number> {
  await page.evaluate((selector) => {
    const opened = new Promise<number>((resolve) => {
      addEventListener(
        'click',
        ({ timeStamp }) => {
          const isThere = () => {
            const found = [...document.querySelectorAll(selector)];
            return found.some(
              (each) => !(each instanceof HTMLImageElement) || (each.complete && each.naturalWidth > 0),
            );
          };
          const look = () => {
            if (!isThere()) return void requestAnimationFrame(look);
            requestAnimationFrame((at) => resolve(at - timeStamp));
          };
          look();
        },
        { capture: true, once: true },
      );
    });
    Object.assign(window, { opened });
  }, seen);
  await button.click();
  return page.evaluate(() => (window as unknown as { opened: Promise<number> }).opened);
}
