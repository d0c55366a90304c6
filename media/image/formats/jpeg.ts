import { open } from 'node:fs/promises';

/** Markers that are passed over before the frame header; each costs one small read. */
const maxMarkers = 10_000;

/**
 * Whether colors are stored at half the width and half the height or less, so
 * that 4:2:0 loses nothing (ITU-T T.81, B.2.2). The decoder calls 4:2:2, 4:4:0 and 4:1:1 by the same name.
 */
export async function hasQuarterChroma(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const head = Buffer.alloc(4);
    let offset = 2;
    for (let count = 0; count < maxMarkers; count += 1) {
      if ((await handle.read(head, 0, 4, offset)).bytesRead < 4 || head[0] !== 0xff) return false;
      const marker = head[1] ?? 0;
      if (marker === 0xff) {
        offset += 1;
        continue;
      }
      const length = head.readUInt16BE(2);
      const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
      if (isFrame) {
        const frame = Buffer.alloc(length);
        await handle.read(frame, 0, length, offset + 2);
        const components = Array.from({ length: frame[7] ?? 0 }, (_, index) => frame[9 + index * 3] ?? 0x11);
        const [luma = 0x11, ...chroma] = components;
        return chroma.every((own) => luma >> 4 >= 2 * (own >> 4) && (luma & 15) >= 2 * (own & 15));
      }
      offset += 2 + length;
    }
    return false;
  } finally {
    await handle.close();
  }
}
