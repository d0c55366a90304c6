import { open, type FileHandle } from 'node:fs/promises';

/** Chunks that a picture needs to be shown; what says how colors are meant is not among them. */
const keptChunks = new Set(['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND']);

const signatureLength = 8;
const copyLength = 65_536;

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
      await copyBytes(from, to, 0, signatureLength);
      const header = Buffer.alloc(8);
      for (let offset = signatureLength; ;) {
        const { bytesRead } = await from.read(header, 0, 8, offset);
        if (bytesRead < 8) return;
        // Length, name, content, checksum.
        const length = header.readUInt32BE(0) + 12;
        if (keptChunks.has(header.toString('latin1', 4, 8))) await copyBytes(from, to, offset, length);
        offset += length;
      }
    } finally {
      await to.close();
    }
  } finally {
    await from.close();
  }
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
