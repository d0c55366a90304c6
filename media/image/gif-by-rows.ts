import { writeFileSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import type { Sharp } from 'sharp';
import { choosePalette, type Palette } from './color-palette.ts';
import { createLzwWriter } from './formats/lzw.ts';
import { ditheredIndexes, exactIndexes } from './nearest-colors.ts';
import { storeRows, type StoredRows } from './stored-rows.ts';

type ImageSize = Pick<StoredRows, 'width' | 'height'>;

/** The library holds 15 bytes a pixel: so many leave a worker below 600 MB. */
const maxPixels = 25_000_000;

/** Whether a GIF of so many pixels is written row by row. */
export function isGifByRows(pixels: number): boolean {
  return pixels > maxPixels;
}

/**
 * Encodes what a pipeline gives as a GIF, row by row: few colors stay what they are, many are chosen by a sample and mixed.
 * `scratch` is a file that is written and removed: all pixels, so that they are decoded once.
 */
export async function encodeGifByRows(image: Sharp, output: string, scratch: string): Promise<ImageSize> {
  try {
    const rows = await storeRows(image, scratch);
    const { width, height } = rows;
    const palette = await choosePalette(rows);
    const bits = Math.max(2, Math.ceil(Math.log2(palette.colors.length + (palette.transparent === null ? 0 : 1))));
    const toIndexes = palette.isExact ? exactIndexes(palette) : ditheredIndexes(palette, width);
    const file = await open(output, 'w');
    try {
      const write = (bytes: Buffer) => writeFileSync(file.fd, bytes);
      write(headOf({ width, height }, palette, bits));
      const lzw = createLzwWriter(bits, write);
      await rows.read((row) => toIndexes(row, lzw.add));
      lzw.end();
      // An empty block ends the image, and a semicolon the file.
      write(Buffer.from([0, 0x3b]));
    } finally {
      await file.close();
    }
    return { width, height };
  } finally {
    await rm(scratch, { force: true });
  }
}

/** All that stands before the first block of pixels (GIF89a). */
function headOf({ width, height }: ImageSize, { colors, transparent }: Palette, bits: number): Buffer {
  const screen = Buffer.from('GIF89a.......', 'latin1');
  screen.writeUInt16LE(width, 6);
  screen.writeUInt16LE(height, 8);
  // A table of colors follows, of 8 bits a channel.
  screen.set([0xf0 | (bits - 1), 0, 0], 10);
  const table = Buffer.alloc(3 * 2 ** bits);
  for (const [index, color] of colors.entries()) table.writeUIntBE(color, index * 3, 3);
  const control = transparent === null ? [] : [0x21, 0xf9, 4, 1, 0, 0, transparent, 0];
  const frame = Buffer.from([0x2c, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  frame.writeUInt16LE(width, 5);
  frame.writeUInt16LE(height, 7);
  return Buffer.concat([screen, table, Buffer.from(control), frame, Buffer.from([bits])]);
}
