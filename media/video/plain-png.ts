import { open, type FileHandle } from 'node:fs/promises';

/** Chunks that a picture needs to be shown; what says how colors are meant is not among them. */
const keptChunks = new Set(['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND']);

const signatureLength = 8;
const copyLength = 262_144;

/**
 * Copies a PNG without anything but its pixels. ffmpeg hands the marks of the
 * video on (gAMA, cHRM, cICP), and viewers would then change pixels that are
 * sRGB already: gray 128 would be shown as 139.
 */
export async function copyPlainPng(input: string, output: string): Promise<void> {
  const from = await open(input);
  try {
    const to = await open(output, 'w');
    try {
      // ffmpeg writes thousands of small chunks: those that follow one another are copied as one.
      let [begin, end] = [0, signatureLength];
      const readHead = createHeadReader(from);
      for (let offset = signatureLength; ;) {
        const head = await readHead(offset);
        if (head === null) break;
        // Length, name, content, checksum.
        const next = offset + head.readUInt32BE(0) + 12;
        if (keptChunks.has(head.toString('latin1', 4, 8))) {
          if (end !== offset) {
            await copyBytes(from, to, begin, end - begin);
            begin = offset;
          }
          end = next;
        }
        offset = next;
      }
      await copyBytes(from, to, begin, end - begin);
    } finally {
      await to.close();
    }
  } finally {
    await from.close();
  }
}

/** Gives the eight bytes at a place; null where there are fewer. Places come in order: the file is read in large pieces. */
function createHeadReader(file: FileHandle): (offset: number) => Promise<Buffer | null> {
  const piece = Buffer.alloc(copyLength);
  let [start, length] = [0, 0];
  return async (offset) => {
    if (offset < start || offset + 8 > start + length) {
      start = offset;
      length = (await file.read(piece, 0, piece.byteLength, offset)).bytesRead;
      if (length < 8) return null;
    }
    return piece.subarray(offset - start, offset - start + 8);
  };
}

async function copyBytes(from: FileHandle, to: FileHandle, offset: number, length: number): Promise<void> {
  const buffer = Buffer.alloc(Math.min(copyLength, length));
  for (let done = 0; done < length;) {
    const { bytesRead } = await from.read(buffer, 0, Math.min(buffer.byteLength, length - done), offset + done);
    if (bytesRead === 0) return;
    await to.write(buffer, 0, bytesRead);
    done += bytesRead;
  }
}
