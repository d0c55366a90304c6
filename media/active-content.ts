import { open, stat } from 'node:fs/promises';
import { traitsOf } from '../core/data-types/table.ts';
import type { SniffedMedia } from './sniffed-media.ts';
import { textParts, type Range } from './text-parts.ts';

/**
 * What a browser or an interpreter would act on if it took the file for
 * something else. Long enough that compressed data does not hold them by chance.
 */
const pattern =
  /<script[\s>/]|<html[\s>]|<!doctype\s+html|<body[\s>]|<svg[\s>]|<iframe[\s>]|<\?php\s|<%@\s*page|#!\/bin\//i;

/** Length of the longest piece that the pattern needs to see at once. */
const overlap = 32;

/** Of a file that is not looked through whole: what poses as another type has to show early or late. */
const endBytes = 1_048_576;

const chunkBytes = 262_144;

/**
 * Whether a file is a web page or a script as well. What a picture says about
 * itself where its format has a place for text (a prompt, XMP, a comment) is left aside: it may speak of anything, and
 * is served as part of a picture.
 */
export async function holdsActiveContent(file: string, { kind, mimeType }: SniffedMedia): Promise<boolean> {
  const { size } = await stat(file);
  const { searched } = traitsOf(kind);
  if (searched === 'start') return beginsAsPage(file);
  if (searched === 'whole') return search(file, [0, size], textParts(file, mimeType));
  if (size <= 2 * endBytes) return search(file, [0, size]);
  return (await search(file, [0, endBytes])) || (await search(file, [size - endBytes, size]));
}

/** What a file begins with that a browser or an interpreter would run; what a text goes on to speak of is its own affair. */
const beginning =
  /^(?:\u00ef\u00bb\u00bf)?\s*(?:<!--[\s\S]*?-->\s*)*(?:<!doctype\s+html|<(?:html|head|body|script|svg|iframe)[\s>]|<\?php\s|<%@|#!\s*\/)/i;

/** Comments may stand before it. */
const beginningBytes = 4_096;

async function beginsAsPage(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const buffer = Buffer.alloc(beginningBytes);
    const { bytesRead } = await handle.read(buffer, 0, beginningBytes, 0);
    return beginning.test(buffer.toString('latin1', 0, bytesRead));
  } finally {
    await handle.close();
  }
}

/** Looks through a stretch of a file, but for what lies in `except`, which is in order. */
async function search(file: string, [from, to]: Range, except?: AsyncGenerator<Range>): Promise<boolean> {
  const handle = await open(file);
  try {
    const buffer = Buffer.alloc(chunkBytes);
    let holes: Range[] = [];
    let hasMore = except !== undefined;
    for (let offset = from; offset < to; offset += chunkBytes - overlap) {
      const { bytesRead } = await handle.read(buffer, 0, Math.min(chunkBytes, to - offset), offset);
      holes = holes.filter(([, end]) => end > offset);
      while (hasMore && (holes.at(-1)?.[0] ?? 0) < offset + bytesRead) {
        const next = await except?.next();
        if (next === undefined || next.done) hasMore = false;
        else holes.push(next.value);
      }
      for (const [start, end] of holes) {
        const [first, last] = [Math.max(0, start - offset), Math.min(bytesRead, end - offset)];
        if (first < last) buffer.fill(0, first, last);
      }
      if (pattern.test(buffer.toString('latin1', 0, bytesRead))) return true;
    }
    return false;
  } finally {
    await except?.return(undefined);
    await handle.close();
  }
}
