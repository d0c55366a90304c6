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

/** Pixels that colors are chosen by, at most: spread evenly over the image. */
const samples = 1_000_000;
const samplesInRow = 1_000;

/** Below it a pixel is seen through: a GIF has no half measures. */
export const visibleAlpha = 128;

/** Chooses the colors of an image: its own where they are few enough, else those that come nearest to it. */
export async function choosePalette(rows: StoredRows): Promise<Palette> {
  const step = Math.max(1, Math.ceil(Math.sqrt((rows.width * rows.height) / samples)));
  const sample = Buffer.alloc(Math.ceil(rows.width / step) * Math.ceil(rows.height / step) * 3);
  const distinct = new Set<number>();
  let length = 0;
  let hasTransparent = false;
  let y = 0;
  await rows.read((row) => {
    const isSampled = y % step === 0;
    y += 1;
    let last = -1;
    for (let at = 0; at < row.length; at += 4) {
      if (row[at + 3]! < visibleAlpha) {
        hasTransparent = true;
        continue;
      }
      const color = (row[at]! << 16) | (row[at + 1]! << 8) | row[at + 2]!;
      if (color !== last && distinct.size <= most) distinct.add(color);
      last = color;
      if (isSampled && at % (step * 4) === 0) length = sample.writeUIntBE(color, length, 3);
    }
  });
  const room = hasTransparent ? most - 1 : most;
  const isExact = distinct.size <= room;
  const colors = isExact ? [...distinct] : await nearest(sample.subarray(0, length), room);
  return { colors, transparent: hasTransparent ? colors.length : null, isExact };
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
