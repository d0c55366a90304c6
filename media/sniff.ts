import { open, stat } from 'node:fs/promises';
import { fileTypeFromFile } from 'file-type';
import { takenInWords } from '../core/data-types/files.ts';
import { fileTypes, rowOf, traitsOf } from '../core/data-types/table.ts';
import { defaultMediaLimits } from '../core/limits.ts';
import { TerminalError } from '../core/errors/app-error.ts';
import { holdsActiveContent } from './active-content.ts';
import { soundTypeOf } from './audio/sound-heads.ts';
import { textTypeOf } from './document/text-type.ts';
import { readBrands } from './image/formats/avif.ts';
import { refusalOf } from './known-formats.ts';
import type { SniffedMedia } from './sniffed-media.ts';

/** What is taken, by the type that the first bytes show. */
const accepted: ReadonlyMap<string, SniffedMedia> = new Map(
  fileTypes.flatMap((kind) =>
    traitsOf(kind).formats.flatMap(({ mimeType, extension, signatures = [mimeType] }) =>
      signatures.map((signature) => [signature, { kind, mimeType, extension }] as const),
    ),
  ),
);

/** Says what a file is that its first bytes alone do not name. */
const isSvg = /^\uFEFF?\s*(<\?xml[^>]*>\s*)?(<!--[\s\S]*?-->\s*)*(<!DOCTYPE\s+svg[^>]*>\s*)?<svg[\s>]/i;

/** A drawing says within this much what it is. */
const svgHeadBytes = 4_096;

interface SniffOptions {
  readonly isForeign: boolean;
  /** Of a text so much is read; one that is longer is refused for its size. Default: that of the media limits. */
  readonly maxTextBytes?: number;
}

/**
 * Says what a file is by its content; its name and what was claimed about it
 * do not matter. Throws FILE_EMPTY, or UNSUPPORTED_MEDIA for every other type
 * and for foreign files that are two things at once; our own are not searched.
 */
export async function sniffMedia(
  file: string,
  { isForeign, maxTextBytes = defaultMediaLimits.maxFileBytes }: SniffOptions,
): Promise<SniffedMedia> {
  const { size } = await stat(file);
  if (size === 0) throw new TerminalError('FILE_EMPTY', 'The file is empty. Choose another, or upload it again.');
  const found = (await isUtf16(file))
    ? 'text/plain; charset=utf-16'
    : ((await typeOf(file)) ?? (await textTypeOf(file, { maxBytes: maxTextBytes })));
  const media = accepted.get(found ?? '');
  if (media === undefined) {
    throw new TerminalError(
      'UNSUPPORTED_MEDIA',
      found === null
        ? `What the file is cannot be told from its content. Files that are taken: ${takenInWords()}.`
        : refusalOf(found),
      { details: { found } },
    );
  }
  if (isForeign && (await holdsActiveContent(file, media))) {
    throw new TerminalError(
      'UNSUPPORTED_MEDIA',
      traitsOf(media.kind).searched === 'start'
        ? 'The file is a web page or a script, which is not taken. Save its words as plain text.'
        : `The ${rowOf(media.kind).noun} also holds a web page or a script. Save it again without that.`,
    );
  }
  return media;
}

async function typeOf(file: string): Promise<string | null> {
  // An image is an AVIF by any brand of its list, as in browsers; the first one may be that of its container.
  const brands = await readBrands(file);
  if (brands?.some((brand) => brand === 'avif' || brand === 'avis')) return 'image/avif';
  const sound = await soundTypeOf(file);
  if (sound !== null) return sound;
  try {
    const { mime } = (await fileTypeFromFile(file)) ?? {};
    // Everything that begins as an AIFF does, such as pictures of an Amiga.
    const found = mime === undefined || mime === 'audio/aiff' ? null : mime;
    return found === null || found === 'application/xml' ? ((await isDrawing(file)) ? 'image/svg+xml' : found) : found;
  } catch {
    // A file that ends in the middle of its own header.
    return null;
  }
}

/** A byte order mark and a first letter below U+0100. The mark alone is what an MP3 may begin with, too. */
async function isUtf16(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const head = Buffer.alloc(4);
    const { bytesRead } = await handle.read(head, 0, 4, 0);
    const mark = head.readUInt16BE(0);
    return bytesRead === 4 && ((mark === 0xff_fe && head[3] === 0) || (mark === 0xfe_ff && head[2] === 0));
  } finally {
    await handle.close();
  }
}

async function isDrawing(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const head = Buffer.alloc(svgHeadBytes);
    const { bytesRead } = await handle.read(head, 0, svgHeadBytes, 0);
    return isSvg.test(head.toString('utf8', 0, bytesRead));
  } finally {
    await handle.close();
  }
}
