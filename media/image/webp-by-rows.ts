import { writeFileSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import sharp, { type Metadata, type Sharp } from 'sharp';
import { TerminalError } from '../../core/errors/app-error.ts';
import { createLosslessWriter } from './formats/webp-lossless.ts';
import { storeRows, type StoredRows } from './stored-rows.ts';

type ImageSize = Pick<StoredRows, 'width' | 'height'>;

/** The library holds 32 bytes a pixel: so many leave a worker below 600 MB. */
const maxPixels = 12_600_000;

/** Of a WebP, in pixels. Decoders refuse a longer one, though the format could name one pixel more. */
export const maxWebpSide = 16_383;

/** Whether a lossless WebP of so many pixels is written row by row. */
export function isWebpByRows(pixels: number): boolean {
  return pixels > maxPixels;
}

/**
 * Encodes what a pipeline gives as a WebP without loss, row by row, with the profile and the texts that it keeps.
 * `scratch` is a file that is written and removed. Throws IMAGE_TOO_MANY_PIXELS where a side is too long for a WebP.
 */
export async function encodeWebpByRows(image: Sharp, output: string, scratch: string): Promise<ImageSize> {
  try {
    const rows = await storeRows(image, scratch);
    const { width, height } = rows;
    if (Math.max(width, height) > maxWebpSide) throw tooLong(rows);
    const writer = createLosslessWriter(rows);
    await rows.read((row) => writer.add(row));
    const made = writer.end();
    const { before, after } = chunksAround(await sharp(scratch, { limitInputPixels: false }).metadata(), rows);
    const padding = made.byteLength % 2;
    const head = Buffer.from('RIFF....WEBP', 'latin1');
    head.writeUInt32LE(4 + before.length + 8 + made.byteLength + padding + after.length, 4);
    const file = await open(output, 'w');
    try {
      writeFileSync(file.fd, Buffer.concat([head, before, chunkHead('VP8L', made.byteLength)]));
      made.write((piece) => writeFileSync(file.fd, piece));
      writeFileSync(file.fd, Buffer.concat([Buffer.alloc(padding), after]));
    } finally {
      await file.close();
    }
    return { width, height };
  } finally {
    await rm(scratch, { force: true });
  }
}

function tooLong({ width, height }: ImageSize): TerminalError {
  return new TerminalError(
    'IMAGE_TOO_MANY_PIXELS',
    `A WebP has up to ${maxWebpSide} pixels on a side; this one would have ${width} × ${height}. Make it smaller, or choose another format.`,
  );
}

const bits = { profile: 0x20, alpha: 0x10, exif: 0x08, xmp: 0x04 };

/** What stands before and behind the image: nothing at all where there is nothing to say. */
function chunksAround(
  { icc, exif, xmp }: Metadata,
  { width, height, hasAlpha }: Pick<StoredRows, 'width' | 'height' | 'hasAlpha'>,
): { readonly before: Buffer; readonly after: Buffer } {
  if (icc === undefined && exif === undefined && xmp === undefined)
    return { before: Buffer.alloc(0), after: Buffer.alloc(0) };
  const extended = Buffer.alloc(10);
  extended[0] =
    (icc === undefined ? 0 : bits.profile) |
    (hasAlpha ? bits.alpha : 0) |
    (exif === undefined ? 0 : bits.exif) |
    (xmp === undefined ? 0 : bits.xmp);
  extended.writeUIntLE(width - 1, 4, 3);
  extended.writeUIntLE(height - 1, 7, 3);
  return {
    before: Buffer.concat([chunk('VP8X', extended), ...(icc === undefined ? [] : [chunk('ICCP', icc)])]),
    after: Buffer.concat([
      ...(exif === undefined ? [] : [chunk('EXIF', withoutName(exif))]),
      ...(xmp === undefined ? [] : [chunk('XMP ', xmp)]),
    ]),
  };
}

/** JPEG names its EXIF, and the library passes the name on. */
const withoutName = (exif: Buffer): Buffer => (exif.toString('latin1', 0, 6) === 'Exif\0\0' ? exif.subarray(6) : exif);

function chunkHead(name: string, length: number): Buffer {
  const head = Buffer.from(`${name}....`, 'latin1');
  head.writeUInt32LE(length, 4);
  return head;
}

/** Padded to an even length. */
const chunk = (name: string, body: Buffer): Buffer =>
  Buffer.concat([chunkHead(name, body.length), body, Buffer.alloc(body.length % 2)]);
