import { open, readFile } from 'node:fs/promises';
import type { PlacedFrame } from './meaning.ts';

/** Of a GIF before its first block: signature, screen. */
const screenEnd = 13;

/**
 * The first frame of a GIF as a file of its own, where it leaves a part of the
 * canvas empty (GIF89a); null where it fills it, and where the decoder has to
 * say what is wrong.
 */
export async function smallFirstGifFrame(file: string): Promise<PlacedFrame | null> {
  const first = firstFrame(await startOf(file));
  if (first !== null && fills(first)) return null;
  const bytes = await readFile(file);
  const found = firstFrame(bytes);
  if (found === null || fills(found)) return null;
  const { canvas, left, top, width, height, blocks, offset } = found;
  // A frame that reaches beyond the screen makes the screen larger, here as in browsers.
  const isInside = left + width <= canvas.width && top + height <= canvas.height;
  if (!isInside || width === 0 || height === 0) return null;
  const dataStart = offset + 10 + tableBytes(bytes[offset + 9] ?? 0);
  const frame = Buffer.from(bytes.subarray(offset, endOfBlocks(bytes, dataStart + 1)));
  frame.fill(0, 1, 5);
  const head = Buffer.from(bytes.subarray(0, blocks));
  head.writeUInt16LE(width, 6);
  head.writeUInt16LE(height, 8);
  return { image: Buffer.concat([head, found.control, frame, Buffer.from([0x3b])]), left, top, canvas };
}

/** Holds what stands before the first frame of most files. */
const startBytes = 65_536;

/** So that the whole of a large file is read only where its first frame is small. */
async function startOf(file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(startBytes), 0, startBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

interface FirstFrame {
  readonly canvas: { readonly width: number; readonly height: number };
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** Its graphic control extension; empty where it has none. */
  readonly control: Buffer;
  /** Where the first block begins, and where the frame does. */
  readonly blocks: number;
  readonly offset: number;
}

const fills = ({ canvas, left, top, width, height }: FirstFrame): boolean =>
  left === 0 && top === 0 && width >= canvas.width && height >= canvas.height;

/** Null where there is none in these bytes. */
function firstFrame(bytes: Buffer): FirstFrame | null {
  if (bytes.length < screenEnd) return null;
  const canvas = { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
  const blocks = screenEnd + tableBytes(bytes[10] ?? 0);
  let control = Buffer.alloc(0);
  let offset = blocks;
  while (bytes[offset] === 0x21) {
    const end = endOfBlocks(bytes, offset + 2);
    if (bytes[offset + 1] === 0xf9) control = Buffer.from(bytes.subarray(offset, end));
    offset = end;
  }
  if (bytes[offset] !== 0x2c || offset + 11 > bytes.length) return null;
  const [left, top] = [bytes.readUInt16LE(offset + 1), bytes.readUInt16LE(offset + 3)];
  const [width, height] = [bytes.readUInt16LE(offset + 5), bytes.readUInt16LE(offset + 7)];
  return { canvas, left, top, width, height, control, blocks, offset };
}

/** The length of a color table by the flags that announce it. */
function tableBytes(flags: number): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
}

/** Where a chain of sub-blocks is over, or the file. */
function endOfBlocks(bytes: Buffer, start: number): number {
  let offset = start;
  for (;;) {
    const length = bytes[offset] ?? 0;
    offset += 1 + length;
    if (length === 0 || offset >= bytes.length) return Math.min(offset, bytes.length);
  }
}
