import { open, type FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createInflate } from 'node:zlib';
import type { Sharp } from 'sharp';

/** Pixels in a file, to be gone through as often as it takes without ever holding all of them. */
export interface StoredRows {
  readonly width: number;
  readonly height: number;
  readonly hasAlpha: boolean;
  /** Gives each row from the top as red, green, blue and alpha of 8 bits; it is overwritten by the next one. */
  read(onRow: (row: Uint8Array) => void): Promise<void>;
}

/** Writes what a pipeline gives, in 8 bits a channel, as a PNG without compression and filters. */
export async function storeRows(image: Sharp, file: string): Promise<StoredRows> {
  const { width, height, channels } = await image
    .png({ compressionLevel: 0, adaptiveFiltering: false, palette: false, progressive: false })
    .toFile(file);
  return {
    width,
    height,
    hasAlpha: channels === 2 || channels === 4,
    async read(onRow) {
      const handle = await open(file);
      try {
        const assemble = createAssembler(width, channels, onRow);
        await pipeline(
          Readable.from(compressedParts(handle)),
          createInflate({ chunkSize: 262_144 }),
          async (pieces) => {
            for await (const piece of pieces as AsyncIterable<Buffer>) assemble(piece);
          },
        );
      } finally {
        await handle.close();
      }
    },
  };
}

/** The bodies of all IDAT chunks. */
async function* compressedParts(handle: FileHandle): AsyncGenerator<Buffer> {
  const head = Buffer.alloc(8);
  // Behind the signature: a length, a name, a body and a checksum each.
  for (let offset = 8; ;) {
    const { bytesRead } = await handle.read(head, 0, 8, offset);
    const length = head.readUInt32BE(0);
    const name = head.toString('latin1', 4, 8);
    if (bytesRead < 8 || name === 'IEND') return;
    if (name === 'IDAT') {
      const body = Buffer.alloc(length);
      await handle.read(body, 0, length, offset + 8);
      yield body;
    }
    offset += length + 12;
  }
}

/** Puts rows together from pieces of any length. Each is led by the number of its filter. */
function createAssembler(width: number, channels: number, onRow: (row: Uint8Array) => void) {
  const stored = new Uint8Array(1 + width * channels);
  const row = new Uint8Array(width * 4);
  let filled = 0;
  return (piece: Buffer): void => {
    for (let taken = 0; taken < piece.length;) {
      const part = piece.subarray(taken, taken + stored.length - filled);
      stored.set(part, filled);
      taken += part.length;
      filled += part.length;
      if (filled < stored.length) return;
      if (stored[0] !== 0) throw new Error(`A row is stored with filter ${stored[0]}, where none was asked for.`);
      widen(stored.subarray(1), channels, row);
      onRow(row);
      filled = 0;
    }
  };
}

/** From gray or colors, with alpha or without, to red, green, blue and alpha. */
function widen(stored: Uint8Array, channels: number, row: Uint8Array): void {
  const [green, blue] = channels < 3 ? [0, 0] : [1, 2];
  const hasAlpha = channels === 2 || channels === 4;
  for (let from = 0, to = 0; to < row.length; from += channels, to += 4) {
    row[to] = stored[from]!;
    row[to + 1] = stored[from + green]!;
    row[to + 2] = stored[from + blue]!;
    row[to + 3] = hasAlpha ? stored[from + channels - 1]! : 255;
  }
}
