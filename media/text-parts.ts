import { open, type FileHandle } from 'node:fs/promises';
import { avifTextParts } from './image/formats/avif.ts';

/** A stretch of a file, from its first byte to the one behind its last. */
export type Range = readonly [from: number, to: number];

/** Reads small pieces of a file that lie close together with few reads. */
interface Reader {
  readonly size: number;
  bytes(offset: number, length: number): Promise<Buffer>;
}

const windowBytes = 65_536;

async function readerOf(handle: FileHandle): Promise<Reader> {
  const { size } = await handle.stat();
  const window = Buffer.alloc(windowBytes);
  let start = 0;
  let length = 0;
  return {
    size,
    async bytes(offset, wanted) {
      if (offset < start || offset + wanted > start + length) {
        start = offset;
        ({ bytesRead: length } = await handle.read(window, 0, windowBytes, offset));
      }
      return window.subarray(offset - start, Math.min(offset - start + wanted, length));
    },
  };
}

/**
 * Where an image holds text about itself, as far as the file keeps to its
 * format: prompts of image generators, XMP, EXIF, comments. In the order of the file.
 */
export async function* textParts(file: string, mimeType: string): AsyncGenerator<Range> {
  if (mimeType === 'image/avif') {
    yield* await avifTextParts(file);
    return;
  }
  const parts = readers.get(mimeType);
  if (parts === undefined) return;
  const handle = await open(file);
  try {
    yield* parts(await readerOf(handle));
  } finally {
    await handle.close();
  }
}

const readers: ReadonlyMap<string, (reader: Reader) => AsyncGenerator<Range>> = new Map([
  ['image/png', pngText],
  ['image/jpeg', jpegText],
  ['image/gif', gifText],
  ['image/webp', webpText],
]);

async function* pngText(reader: Reader): AsyncGenerator<Range> {
  const text = new Set(['tEXt', 'zTXt', 'iTXt', 'eXIf']);
  for (let offset = 8; ;) {
    const head = await reader.bytes(offset, 8);
    if (head.length < 8) return;
    const end = offset + 12 + head.readUInt32BE(0);
    const type = head.toString('latin1', 4, 8);
    if (end > reader.size || type === 'IEND') return;
    if (text.has(type)) yield [offset + 8, end];
    offset = end;
  }
}

async function* jpegText(reader: Reader): AsyncGenerator<Range> {
  // APP1: EXIF and XMP; APP11: content credentials; APP13: IPTC; COM.
  const text = new Set([0xe1, 0xeb, 0xed, 0xfe]);
  for (let offset = 2; ;) {
    const head = await reader.bytes(offset, 4);
    if (head.length < 4 || head[0] !== 0xff) return;
    const marker = head[1] ?? 0;
    // From the first scan on there is pixel data, and behind it whatever somebody added.
    if (marker === 0xda || marker === 0xd9) return;
    const end = offset + 2 + head.readUInt16BE(2);
    if (end > reader.size) return;
    if (text.has(marker)) yield [offset + 4, end];
    offset = end;
  }
}

async function* gifText(reader: Reader): AsyncGenerator<Range> {
  const screen = await reader.bytes(0, 13);
  if (screen.length < 13) return;
  for (let offset = 13 + tableBytes(screen[10] ?? 0); ;) {
    const head = await reader.bytes(offset, 14);
    const [kind, label] = head;
    if (kind === 0x2c && head.length >= 10) {
      const end = await endOfBlocks(reader, offset + 11 + tableBytes(head[9] ?? 0));
      if (end === null) return;
      offset = end;
    } else if (kind === 0x21) {
      const end = await endOfBlocks(reader, offset + 2);
      if (end === null) return;
      const isText = label === 0xfe || (label === 0xff && head.toString('latin1', 3, 14) === 'XMP DataXMP');
      if (isText) yield [offset + 2, end];
      offset = end;
    } else {
      return;
    }
  }
}

function tableBytes(flags: number): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
}

async function endOfBlocks(reader: Reader, start: number): Promise<number | null> {
  for (let offset = start; ;) {
    const length = (await reader.bytes(offset, 1))[0];
    if (length === undefined) return null;
    offset += 1 + length;
    if (length === 0) return offset;
  }
}

async function* webpText(reader: Reader): AsyncGenerator<Range> {
  const riff = await reader.bytes(0, 12);
  if (riff.length < 12) return;
  // What lies behind the size that the file gives itself is not part of the image.
  const size = Math.min(reader.size, 8 + riff.readUInt32LE(4));
  for (let offset = 12; ;) {
    const head = await reader.bytes(offset, 8);
    if (head.length < 8) return;
    const length = head.readUInt32LE(4);
    const end = offset + 8 + length + (length % 2);
    if (end > size) return;
    const type = head.toString('latin1', 0, 4);
    if (type === 'EXIF' || type === 'XMP ') yield [offset + 8, end];
    offset = end;
  }
}
