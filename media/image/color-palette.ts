import sharp from 'sharp';
import type { StoredRows } from './stored-rows.ts';

/** The colors of an image that has at most 256 of them. */
export interface Palette {
  /** 0xRRGGBB each. */
  readonly colors: readonly number[];
  /** The index of what is seen through; null where nothing is. */
  readonly transparent: number | null;
  /** Whether the image has no other colors. */
  readonly isExact: boolean;
}

const most = 256;

/** Pixels that colors are chosen by, at most: spread evenly over what is seen of the image. */
const samples = 1_000_000;
const samplesInRow = 1_000;

/** Below it a pixel is seen through: a GIF has no half measures. */
export const visibleAlpha = 128;

/** Chooses the colors of an image: its own where they are few enough, else those that come nearest to it. */
export async function choosePalette(rows: StoredRows): Promise<Palette> {
  const step = sampleStep(rows);
  const sample = Buffer.alloc(Math.ceil((rows.width * rows.height) / step) * 3);
  const distinct = new Set<number>();
  let length = 0;
  let skipped = step - 1;
  let hasTransparent = false;
  await rows.read((row) => {
    let last = -1;
    for (let at = 0; at < row.length; at += 4) {
      if (row[at + 3]! < visibleAlpha) {
        hasTransparent = true;
        continue;
      }
      const color = (row[at]! << 16) | (row[at + 1]! << 8) | row[at + 2]!;
      if (color !== last && distinct.size <= most) distinct.add(color);
      last = color;
      skipped += 1;
      if (skipped < step) continue;
      skipped = 0;
      length = sample.writeUIntBE(color, length, 3);
    }
  });
  const room = hasTransparent ? most - 1 : most;
  const isExact = distinct.size <= room;
  const colors = isExact ? [...distinct] : await nearest(sample.subarray(0, length), room);
  return { colors, transparent: hasTransparent ? colors.length : null, isExact };
}

/** One of so many pixels is in the sample, in other columns from row to row. */
function sampleStep({ width, height }: Pick<StoredRows, 'width' | 'height'>): number {
  let step = Math.ceil((width * height) / samples);
  while (step > 1 && width % step === 0) step += 1;
  return step;
}

/** The colors that the library would take for these pixels, in red, green and blue. */
async function nearest(pixels: Buffer, colors: number): Promise<number[]> {
  const count = pixels.length / 3;
  const width = Math.min(samplesInRow, count);
  const height = Math.floor(count / width);
  const png = await sharp(pixels.subarray(0, width * height * 3), { raw: { width, height, channels: 3 } })
    .png({ palette: true, colours: colors, dither: 0, effort: 7 })
    .toBuffer();
  // A length of four bytes, the name, and three bytes a color.
  const name = png.indexOf('PLTE');
  const table = png.subarray(name + 4, name + 4 + png.readUInt32BE(name - 4));
  return Array.from({ length: table.length / 3 }, (_, index) => table.readUIntBE(index * 3, 3));
}
