import { deflateSync, crc32 } from 'node:zlib';

/*
 * PNGs made by hand: the library writes neither gAMA nor cICP nor an animation.
 */

export function chunk(type: string, data: Uint8Array): Buffer {
  const bytes = Buffer.alloc(data.length + 12);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(type, 4, 'latin1');
  bytes.set(data, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
  return bytes;
}

export function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4);
  return bytes;
}

export const gAMA = (gamma: number) => chunk('gAMA', words(Math.round(gamma * 100_000)));
export const cICP = (primaries: number, transfer: number, matrix = 0, range = 1) =>
  chunk('cICP', Uint8Array.of(primaries, transfer, matrix, range));
export const sRGB = (intent = 0) => chunk('sRGB', Uint8Array.of(intent));
/** White, red, green and blue, x and y each. */
export const cHRM = (...values: number[]) =>
  chunk('cHRM', words(...values.map((value) => Math.round(value * 100_000))));
export const iCCP = (profile: Uint8Array) =>
  chunk('iCCP', Buffer.concat([Buffer.from('name\0\0', 'latin1'), deflateSync(profile)]));

/** The chunk with a wrong checksum. */
export function spoiled(whole: Buffer): Buffer {
  const copy = Buffer.from(whole);
  copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 0xff;
  return copy;
}

export interface HandMadePng {
  /** Bytes of each row, without a filter byte. */
  readonly rows: readonly Uint8Array[];
  readonly width: number;
  /** 0 grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGB with alpha. Default 2. */
  readonly colorType?: number;
  readonly depth?: number;
  /** Chunks before the pixels, and after them. */
  readonly before?: readonly Uint8Array[];
  readonly after?: readonly Uint8Array[];
}

export function handMadePng({ rows, width, colorType = 2, depth = 8, before = [], after = [] }: HandMadePng): Buffer {
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', Buffer.concat([words(width, rows.length), Uint8Array.of(depth, colorType, 0, 0, 0)])),
    ...before,
    chunk('IDAT', packed(rows)),
    ...after,
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

export function packed(rows: readonly Uint8Array[]): Buffer {
  return deflateSync(Buffer.concat(rows.flatMap((row) => [Uint8Array.of(0), row])));
}

/** Names of a PNG's chunks in their order. */
export function chunkNames(png: Buffer): string[] {
  const names: string[] = [];
  for (let at = 8; at + 12 <= png.length; at += 12 + png.readUInt32BE(at))
    names.push(png.toString('latin1', at + 4, at + 8));
  return names;
}
