import { open, type FileHandle } from 'node:fs/promises';

/*
 * ffmpeg carries the turn of a source over to what is made of its frames, also where the filters have turned them
 * already, and its versions differ in how that is stopped. So it is taken out of the finished file: the matrix in the
 * header of each track (ISO/IEC 14496-12, 8.3.2) becomes the one that changes nothing.
 */

interface Box {
  readonly type: string;
  readonly start: number;
  readonly headSize: number;
  readonly end: number;
}

const identity = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000];

/** Where the matrix lies behind the head of a `tkhd`, by its version: the second one has longer times. */
const matrixOffsets = [40, 52];

/** Makes players show all tracks of an MP4 as they are stored. Changes the file in its place. */
export async function showAsStored(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    const { size } = await handle.stat();
    for (const movie of await boxesOf(handle, 0, size, 'moov')) {
      for (const track of await boxesOf(handle, movie.start + movie.headSize, movie.end, 'trak')) {
        for (const header of await boxesOf(handle, track.start + track.headSize, track.end, 'tkhd')) {
          await writeIdentity(handle, header.start + header.headSize);
        }
      }
    }
  } finally {
    await handle.close();
  }
}

async function boxesOf(handle: FileHandle, from: number, to: number, type: string): Promise<Box[]> {
  const found: Box[] = [];
  for (let at = from; at + 8 <= to;) {
    const head = Buffer.alloc(16);
    await handle.read(head, 0, 16, at);
    const short = head.readUInt32BE(0);
    // 1: the size follows in 64 bits; 0: up to the end.
    const size = short === 1 ? Number(head.readBigUInt64BE(8)) : short === 0 ? to - at : short;
    if (size < 8) break;
    const box = { type: head.toString('latin1', 4, 8), start: at, headSize: short === 1 ? 16 : 8, end: at + size };
    if (box.type === type) found.push(box);
    at += size;
  }
  return found;
}

async function writeIdentity(handle: FileHandle, body: number): Promise<void> {
  const version = Buffer.alloc(1);
  await handle.read(version, 0, 1, body);
  const offset = matrixOffsets[version[0]!];
  if (offset === undefined) return;
  const matrix = Buffer.alloc(identity.length * 4);
  for (const [index, value] of identity.entries()) matrix.writeUInt32BE(value, index * 4);
  await handle.write(matrix, 0, matrix.length, body + offset);
}
