import { expect, test } from '@jest/globals';
import sharp from 'sharp';
import { joinAsGrid } from './avif-grid.ts';

const side = 64;
const colors = ['#c03020', '#20a040', '#2040c0', '#808080', '#e0c020', '#101010'];

type Kind = readonly [name: string, alpha: number, options: { readonly bitdepth: 8 | 10 | 12 }];

test.each<Kind>([
  ['8 bits', 1, { bitdepth: 8 }],
  ['10 bits', 1, { bitdepth: 10 }],
  ['alpha', 0.5, { bitdepth: 8 }],
])('cells lie side by side and have the very pixels that they have alone: %s', async (_name, alpha, options) => {
  const cells = await Promise.all(
    colors.map(async (background) => {
      const image = sharp({ create: { width: side, height: side, channels: 3, background } });
      const seen = alpha === 1 ? image : image.ensureAlpha(alpha);
      return seen
        .withMetadata()
        .avif({ ...options, effort: 0 })
        .toBuffer();
    }),
  );
  const [width, height] = [3 * side - 5, 2 * side - 3];
  const whole = joinAsGrid(cells, { columns: 3, rows: 2, width, height });
  const [one, metadata] = [await sharp(cells[0]).metadata(), await sharp(whole).metadata()];
  expect(metadata).toMatchObject({ width, height, bitsPerSample: options.bitdepth, hasAlpha: one.hasAlpha, pages: 1 });
  expect(metadata.icc).toEqual(one.icc);
  for (const [index, cell] of cells.entries()) {
    const [left, top] = [(index % 3) * side, Math.floor(index / 3) * side];
    const part = { width: Math.min(side, width - left), height: Math.min(side, height - top) };
    const seen = await sharp(whole)
      .extract({ left, top, ...part })
      .raw()
      .toBuffer();
    const alone = await sharp(cell)
      .extract({ left: 0, top: 0, ...part })
      .raw()
      .toBuffer();
    expect(seen.equals(alone)).toBe(true);
  }
});
