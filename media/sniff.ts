import { open, stat } from 'node:fs/promises';
import { fileTypeFromFile } from 'file-type';
import { TerminalError } from '../core/errors/app-error.ts';
import type { MediaKind } from '../core/node-type/executor.ts';

export interface SniffedMedia {
  readonly kind: MediaKind;
  readonly mimeType: string;
  /** Without a dot. */
  readonly extension: string;
}

const image = (subtype: string, extension = subtype): SniffedMedia => ({
  kind: 'image',
  mimeType: `image/${subtype}`,
  extension,
});
const video = (subtype: string, extension: string): SniffedMedia => ({
  kind: 'video',
  mimeType: `video/${subtype}`,
  extension,
});

/** What is taken, by the type that the first bytes show. */
const accepted: ReadonlyMap<string, SniffedMedia> = new Map([
  ['image/jpeg', image('jpeg', 'jpg')],
  ['image/png', image('png')],
  // An animated PNG is a PNG to everything that does not know better.
  ['image/apng', image('png')],
  ['image/webp', image('webp')],
  ['image/gif', image('gif')],
  ['image/avif', image('avif')],
  ['video/mp4', video('mp4', 'mp4')],
  ['video/x-m4v', video('mp4', 'mp4')],
  ['video/quicktime', video('quicktime', 'mov')],
  ['video/webm', video('webm', 'webm')],
  ['video/matroska', video('matroska', 'mkv')],
  ['video/vnd.avi', video('vnd.avi', 'avi')],
]);

/**
 * What a browser or an interpreter would act on if it took the file for
 * something else. Long enough that compressed data does not hold them by chance.
 */
const activeContent =
  /<script[\s>/]|<html[\s>]|<!doctype\s+html|<body[\s>]|<svg[\s>]|<iframe[\s>]|<\?php\s|<%@\s*page|#!\/bin\//i;

/** Length of the longest piece that the pattern needs to see at once. */
const overlap = 32;

/** A picture is looked through whole, a video at both ends: what poses as another type has to show early or late. */
const videoEndBytes = 1_048_576;

const chunkBytes = 262_144;

/**
 * Says what a file is by its content; its name and what was claimed about it
 * do not matter. Throws FILE_EMPTY, or UNSUPPORTED_MEDIA for every other type
 * and for foreign files that are two things at once; our own are not searched.
 */
export async function sniffMedia(file: string, { isForeign }: { isForeign: boolean }): Promise<SniffedMedia> {
  const { size } = await stat(file);
  if (size === 0) throw new TerminalError('FILE_EMPTY', 'The file is empty.');
  const found = await typeOf(file);
  const media = accepted.get(found ?? '');
  if (media === undefined) {
    throw new TerminalError(
      'UNSUPPORTED_MEDIA',
      `${found === null ? 'The file is no picture or video that is known' : `Files of type ${found} are not taken`}. ` +
        'Use JPEG, PNG, WebP, GIF or AVIF for pictures, MP4, MOV, WebM, MKV or AVI for videos.',
      { details: { found } },
    );
  }
  if (!isForeign) return media;
  const ranges: [number, number][] =
    media.kind === 'image' || size <= 2 * videoEndBytes
      ? [[0, size]]
      : [
          [0, videoEndBytes],
          [size - videoEndBytes, size],
        ];
  for (const [from, to] of ranges) {
    if (await holdsActiveContent(file, from, to)) {
      throw new TerminalError(
        'UNSUPPORTED_MEDIA',
        'The file is a picture or video that also holds a web page or a script. Save it again without that.',
      );
    }
  }
  return media;
}

async function typeOf(file: string): Promise<string | null> {
  try {
    return (await fileTypeFromFile(file))?.mime ?? null;
  } catch {
    // A file that ends in the middle of its own header.
    return null;
  }
}

async function holdsActiveContent(file: string, from: number, to: number): Promise<boolean> {
  const handle = await open(file);
  try {
    const buffer = Buffer.alloc(chunkBytes);
    for (let offset = from; offset < to; offset += chunkBytes - overlap) {
      const { bytesRead } = await handle.read(buffer, 0, Math.min(chunkBytes, to - offset), offset);
      if (activeContent.test(buffer.toString('latin1', 0, bytesRead))) return true;
    }
    return false;
  } finally {
    await handle.close();
  }
}
