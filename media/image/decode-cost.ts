import { open, type FileHandle } from 'node:fs/promises';
import { TerminalError } from '../../core/errors/app-error.ts';
import type { ImageLimits } from './tasks.ts';

/*
 * What an image costs besides its pixels. The decoder goes over a progressive
 * JPEG once for each scan, and a scan that changes nothing takes some bytes: a
 * small legal file can have thousands. The other formats go over each pixel a
 * bounded number of times, but for AVIF, whose frames can build on hidden ones:
 * there the limit of processor time is what ends it (image-pool.ts).
 */

/**
 * How often the largest image that is taken may be gone over, all its colors
 * counted; smaller ones proportionally more often. Encoders write ten scans, in
 * which each color comes four to six times: 14 in all without subsampling.
 */
const maxPasses = 32;

/** Each scan has a cost of its own, however small the image. The finest division into bands and bits has fewer. */
const maxScans = 1_000;

interface Component {
  readonly id: number;
  /** Part of the image's pixels: 0.25 for a color at half the width and height. */
  readonly share: number;
}

/** Throws IMAGE_TOO_COSTLY where decoding would take far longer than the image's size says. */
export async function refuseCostly(file: string, limits: Pick<ImageLimits, 'maxImagePixels'>): Promise<void> {
  const handle = await open(file);
  try {
    const head = Buffer.alloc(2);
    await handle.read(head, 0, 2, 0);
    if (head.readUInt16BE() !== 0xff_d8) return;
    const { size } = await handle.stat();
    // An ordinary JPEG has said all when its one scan begins: the rest of it is read by the decoder alone.
    const { scans, samples } =
      oneScanIn(await bytesOf(handle, Math.min(size, headBytes))) ?? jpegWork(await bytesOf(handle, size));
    if (scans <= maxScans && samples <= limits.maxImagePixels * maxPasses) return;
    throw new TerminalError(
      'IMAGE_TOO_COSTLY',
      `The image has ${scans} scans, which would take too long to decode. Save it again as an ordinary JPEG.`,
    );
  } finally {
    await handle.close();
  }
}

/** Profiles and previews come before the first scan; where they are longer, all of the file is read. */
const headBytes = 262_144;

async function bytesOf(handle: FileHandle, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await handle.read(bytes, 0, length, 0);
  return bytes.subarray(0, bytesRead);
}

interface JpegWork {
  readonly scans: number;
  readonly samples: number;
}

/**
 * The work of a JPEG that is stored in one scan: sequential, with all components in the first one (ITU-T T.81, B.2.3). A
 * decoder takes no other after that. Null for every other file, and where the scan is not within `head`.
 */
export function oneScanIn(head: Buffer): JpegWork | null {
  let frame: { readonly marker: number; readonly pixels: number; readonly components: readonly Component[] } | null =
    null;
  for (let at = 2; ;) {
    at = nextMarker(head, at);
    const marker = head[at + 1];
    if (marker === undefined || marker === endOfImage) return null;
    at += 2;
    if (isBare(marker)) continue;
    const length = at + 2 <= head.length ? head.readUInt16BE(at) : 0;
    const segment = head.subarray(at + 2, at + length);
    if (isFrame(marker) && segment.length >= 6) {
      // A second one is none that a decoder takes; the whole file is looked at then.
      if (frame !== null) return null;
      frame = { marker, pixels: segment.readUInt16BE(1) * segment.readUInt16BE(3), components: componentsOf(segment) };
    } else if (marker === startOfScan) {
      const isWhole = frame !== null && sequential.has(frame.marker) && segment[0] === frame.components.length;
      return isWhole ? { scans: 1, samples: frame!.pixels * sharesOf(segment, frame!.components) } : null;
    }
    at += Math.max(2, length);
  }
}

/** The scans of a JPEG, and the samples that the decoder goes over in all of them. */
export function jpegWork(bytes: Buffer): JpegWork {
  let pixels = 0;
  let components: readonly Component[] = [];
  let scans = 0;
  let samples = 0;
  for (let at = 2; ;) {
    at = nextMarker(bytes, at);
    const marker = bytes[at + 1];
    if (marker === undefined || marker === endOfImage) return { scans, samples };
    at += 2;
    if (isBare(marker)) continue;
    const length = at + 2 <= bytes.length ? bytes.readUInt16BE(at) : 0;
    const segment = bytes.subarray(at + 2, at + length);
    if (isFrame(marker) && segment.length >= 6) {
      pixels = segment.readUInt16BE(1) * segment.readUInt16BE(3);
      components = componentsOf(segment);
    } else if (marker === startOfScan) {
      scans += 1;
      samples += pixels * sharesOf(segment, components);
    }
    at += Math.max(2, length);
  }
}

const endOfImage = 0xd9;
const startOfScan = 0xda;
/** SOF0 and SOF1: baseline and extended, with Huffman codes. */
const sequential: ReadonlySet<number> = new Set([0xc0, 0xc1]);

/** The place of the next marker; the end of the bytes where there is none. */
function nextMarker(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1];
    // A zero stands for 0xFF in the data, and more of 0xFF are padding.
    if (next !== 0 && next !== 0xff) return at;
  }
  return bytes.length;
}

/** Markers without a segment: restarts and the like. */
const isBare = (marker: number) => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);

/** SOF0 to SOF15 but for DHT, JPG and DAC, which stand among them. */
const isFrame = (marker: number) =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

function componentsOf(frame: Buffer): Component[] {
  const found: { id: number; area: number }[] = [];
  for (let at = 6; at + 3 <= frame.length && found.length < frame[5]!; at += 3) {
    const factors = frame[at + 1]!;
    found.push({ id: frame[at]!, area: (factors >> 4) * (factors & 15) });
  }
  const largest = Math.max(1, ...found.map(({ area }) => area));
  return found.map(({ id, area }) => ({ id, share: area / largest }));
}

/** What share of the image's pixels a scan goes over, its components added up. */
function sharesOf(scan: Buffer, components: readonly Component[]): number {
  let share = 0;
  for (let index = 0; index < (scan[0] ?? 0); index += 1) {
    const id = scan[1 + index * 2];
    share += components.find((component) => component.id === id)?.share ?? 1;
  }
  return share;
}
