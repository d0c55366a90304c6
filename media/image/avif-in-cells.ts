import { rm } from 'node:fs/promises';
import sharp, { type AvifOptions, type Sharp } from 'sharp';
import { joinAsGrid } from './formats/avif-grid.ts';

/** The encoder holds 33 bytes a pixel: so many leave a worker below 600 MB. */
const maxPixels = 12_600_000;

/** Whether an AVIF of so many pixels is written as a grid of smaller ones. */
export function isInCells(pixels: number): boolean {
  return pixels > maxPixels;
}

/** Of a cell, at most. */
const maxSide = 2_048;

/**
 * Encodes what a pipeline gives as an AVIF in cells, one after another, so that the encoder never holds more than one.
 * `scratch` is a file that is written and removed: all pixels, so that they are decoded once.
 */
export async function encodeInCells(
  image: Sharp,
  options: AvifOptions,
  scratch: string,
): Promise<{ readonly width: number; readonly height: number; readonly content: Buffer }> {
  try {
    const { width, height } = await image.png({ compressionLevel: 0 }).toFile(scratch);
    const open = () => sharp(scratch, { limitInputPixels: false, ignoreIcc: true, sequentialRead: true });
    const { space } = await open().metadata();
    const [columns, rows] = [Math.ceil(width / maxSide), Math.ceil(height / maxSide)];
    const side = { width: evenPart(width, columns), height: evenPart(height, rows) };
    const files: Buffer[] = [];
    for (let index = 0; index < columns * rows; index += 1) {
      const [left, top] = [(index % columns) * side.width, Math.floor(index / columns) * side.height];
      const part = { width: Math.min(side.width, width - left), height: Math.min(side.height, height - top) };
      const cell = open()
        .extract({ left, top, ...part })
        .extend({ right: side.width - part.width, bottom: side.height - part.height, extendWith: 'copy' })
        .keepIccProfile()
        .toColourspace(space);
      // The first one has what is said of all of them.
      if (index === 0) cell.keepExif().keepXmp();
      files.push(await cell.avif(options).toBuffer());
    }
    return { width, height, content: joinAsGrid(files, { columns, rows, width, height }) };
  } finally {
    await rm(scratch, { force: true });
  }
}

/** Even, as a grid asks of cells whose colors are halved. */
const evenPart = (length: number, parts: number) => Math.ceil(length / parts / 2) * 2;
