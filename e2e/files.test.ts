import { expect, test } from '@jest/globals';
import sharp from 'sharp';
import type { WatchedPage } from '../testing/browser-stack.ts';
import { testStack } from './stack.ts';

const stack = testStack();

/** Uploads with the session of the page. */
async function upload({ page }: WatchedPage, name: string, side: number): Promise<string> {
  const bytes = await sharp({ create: { width: side, height: side, channels: 3, background: 'teal' } })
    .png({ compressionLevel: 0 })
    .toBuffer();
  const answer = await page.request.post(new URL('/api/assets', page.url()).href, {
    headers: { origin: new URL(page.url()).origin },
    multipart: { file: { name, mimeType: 'image/png', buffer: bytes } },
  });
  expect(answer.status()).toBe(201);
  return ((await answer.json()) as { url: string }).url;
}

test.each([
  ['light', 1_280],
  ['dark', 390],
] as const)(
  'security case 5: files are listed by size and deleted by keyboard, with a word about what uses them (%s, %i px)',
  async (theme, width) => {
    const opened = await stack.open({ theme, width, height: 800, path: '/settings' });
    const { page, troubles } = opened;
    for (const [name, side] of [
      ['small.png', 20],
      ['large.png', 90],
      ['used.png', 50],
    ] as const) {
      const url = await upload(opened, name, side);
      if (name !== 'used.png') continue;
      const data = {
        nodes: [
          {
            id: 'p',
            type: 'image',
            position: { x: 0, y: 0 },
            data: { file: { url, name: 'x.png', type: 'image/png' } },
          },
        ],
        edges: [],
      };
      const created = await page.request.post(new URL('/api/workflows', page.url()).href, {
        headers: { origin: new URL(page.url()).origin },
        data: { name: 'Holiday', data },
      });
      expect(created.status()).toBe(201);
    }
    await page.reload();
    const list = page.getByRole('list', { name: 'Files' });
    const rows = list.getByRole('listitem');
    await rows.filter({ hasText: 'small.png' }).waitFor();
    const names = (await rows.getByRole('link').allTextContents()).filter((name) =>
      /^(small|large|used)\.png$/.test(name),
    );
    expect(names).toEqual(['large.png', 'used.png', 'small.png']);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);

    // One that a workflow uses: the dialog says so, and "Keep" keeps it.
    await rows.filter({ hasText: 'used.png' }).getByRole('button', { name: 'Delete used.png' }).press('Enter');
    const dialog = page.getByRole('alertdialog').or(page.getByRole('dialog'));
    await dialog.getByText('Used by Holiday').waitFor();
    await dialog.getByRole('button', { name: 'Keep' }).press('Enter');
    await dialog.waitFor({ state: 'detached' });

    // Several at once.
    for (const name of ['small.png', 'large.png']) await page.getByLabel(`Select ${name}`).press('Space');
    await page.getByRole('button', { name: 'Delete 2 files' }).press('Enter');
    await dialog.getByRole('button', { name: 'Delete', exact: true }).press('Enter');
    for (const name of ['small.png', 'large.png']) {
      await rows.filter({ hasText: name }).waitFor({ state: 'detached' });
    }
    await rows.filter({ hasText: 'used.png' }).getByRole('button', { name: 'Delete used.png' }).click();
    await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
    await rows.filter({ hasText: 'used.png' }).waitFor({ state: 'detached' });
    expect(troubles).toEqual([]);
    await opened.context.close();
  },
  120_000,
);
