import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { extname, join } from 'node:path';

/*
 * Which characters a font has a glyph for, by the table `cmap` of OpenType. A character without one would be drawn as a
 * box, and nothing would say so.
 */

/** First and last code points, in rising order. */
type Ranges = readonly (readonly [number, number])[];

/** Whether one of the fonts in a file has this code point. */
export function coverageOf(file: string): (codePoint: number) => boolean {
  const fonts = rangesOf(file);
  return (codePoint) => fonts.some((ranges) => includes(ranges, codePoint));
}

/** All font files in folders and those below them; folders that are not there have none. */
export function fontFilesIn(folders: readonly string[]): string[] {
  return folders.flatMap((folder) => {
    try {
      return readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => ['.ttf', '.otf', '.ttc', '.otc'].includes(extname(name).toLowerCase()))
        .map((name) => join(folder, name));
    } catch {
      return [];
    }
  });
}

function includes(ranges: Ranges, codePoint: number): boolean {
  let [low, high] = [0, ranges.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const [first, last] = ranges[middle]!;
    if (codePoint < first) high = middle - 1;
    else if (codePoint > last) low = middle + 1;
    else return true;
  }
  return false;
}

/** Of each font in the file; none where it is no font that can be read. */
function rangesOf(file: string): Ranges[] {
  let handle: number | null = null;
  try {
    const opened = openSync(file, 'r');
    handle = opened;
    const read = (offset: number, length: number) => {
      const bytes = Buffer.alloc(length);
      readSync(opened, bytes, 0, length, offset);
      return bytes;
    };
    return fontOffsets(read).flatMap((offset) => {
      const table = cmapOf(read, offset);
      return table === null ? [] : [rangesIn(table)];
    });
  } catch {
    return [];
  } finally {
    if (handle !== null) closeSync(handle);
  }
}

type Read = (offset: number, length: number) => Buffer;

/** A collection has several fonts. */
function fontOffsets(read: Read): number[] {
  const head = read(0, 12);
  if (head.toString('latin1', 0, 4) !== 'ttcf') return [0];
  const count = Math.min(64, head.readUInt32BE(8));
  const offsets = read(12, count * 4);
  return Array.from({ length: count }, (_, index) => offsets.readUInt32BE(index * 4));
}

function cmapOf(read: Read, offset: number): Buffer | null {
  const count = read(offset, 12).readUInt16BE(4);
  const tables = read(offset + 12, count * 16);
  for (let at = 0; at < tables.length; at += 16) {
    if (tables.toString('latin1', at, at + 4) !== 'cmap') continue;
    return read(tables.readUInt32BE(at + 8), tables.readUInt32BE(at + 12));
  }
  return null;
}

/** Of the best of its tables: format 12 has all of Unicode, format 4 its first 65,536 code points. */
function rangesIn(cmap: Buffer): Ranges {
  const count = cmap.readUInt16BE(2);
  const offsets = Array.from({ length: count }, (_, index) => cmap.readUInt32BE(4 + index * 8 + 4));
  const inFormat = (format: number) => offsets.find((offset) => cmap.readUInt16BE(offset) === format);
  const full = inFormat(12);
  if (full !== undefined) {
    return Array.from({ length: cmap.readUInt32BE(full + 12) }, (_, index) => {
      const at = full + 16 + index * 12;
      return [cmap.readUInt32BE(at), cmap.readUInt32BE(at + 4)] as const;
    });
  }
  const basic = inFormat(4);
  if (basic === undefined) return [];
  const segments = cmap.readUInt16BE(basic + 6) / 2;
  const ranges = Array.from({ length: segments }, (_, index) => {
    const last = cmap.readUInt16BE(basic + 14 + index * 2);
    return [cmap.readUInt16BE(basic + 16 + segments * 2 + index * 2), last] as const;
  });
  // The last segment only ends the table.
  return ranges.filter(([first]) => first !== 0xffff);
}
