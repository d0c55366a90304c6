import { createReadStream, createWriteStream } from 'node:fs';
import { open, readFile, rename } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { crc32, deflateSync, inflateSync } from 'node:zlib';
import { colorSpaceOfCodes, colorSpaceOfGamma, isPossible, type Chromaticity, type Primaries } from '../color-space.ts';
import { holdsProfileFor, isRgbProfile } from './icc.ts';
import type { ColorMeaning, PlacedFrame } from './meaning.ts';

/*
 * What the decoder passes over in a PNG (third edition of the W3C's specification): gAMA, cHRM, cICP and what the first
 * image of an animation is. The decoder itself reads iCCP.
 */

const signature = Buffer.from('89504e470d0a1a0a', 'hex');

/** Bytes of a chunk around its data: length, type and checksum. */
const chunkFrame = 12;

/** Chunks that say how the numbers are meant, in the order of the specification; none is larger. */
const colorMarks = new Set(['cICP', 'mDCV', 'cLLI', 'sRGB', 'gAMA', 'cHRM']);
const maxMarkBytes = 64;

/** Further chunks that are looked at; a tRNS of a palette is longer and says nothing here. */
const headTypes = new Set(['IHDR', 'iCCP', 'acTL', 'fcTL', 'tRNS']);

/** An ICC profile that is larger is no longer looked at; printers' profiles take a few MB. */
const maxProfileBytes = 16 * 1_048_576;

/** A header with more chunks than this before its pixels is not read to their end. */
const maxHeadChunks = 10_000;

interface Chunk {
  readonly type: string;
  /** Of the chunk's first byte in the file. */
  readonly offset: number;
  readonly data: Buffer;
}

interface PngMeaning {
  readonly color: ColorMeaning;
  /** Whole chunks that another PNG of the same numbers needs to look the same. */
  readonly marks: readonly Buffer[];
  /** The plain image is for programs that know no animation, and a browser never shows it. */
  readonly hidesPlainPicture: boolean;
}

/** Reads the chunks before the pixels, as Chromium takes them. Chunks with a wrong checksum count as absent. */
export async function readPng(file: string): Promise<PngMeaning> {
  const found = new Map<string, Chunk>();
  let hasPalette = false;
  for await (const chunk of headChunks(file)) {
    if (chunk.type === 'PLTE') hasPalette = true;
    // After the palette only gAMA, cHRM and the profile are still listened to; of equals the first counts.
    const isLate = hasPalette && (chunk.type === 'cICP' || chunk.type === 'sRGB');
    if (!isLate && !found.has(chunk.type)) found.set(chunk.type, chunk);
  }
  const color = meaningOf(found);
  const hidesPlainPicture = found.has('acTL') && !found.has('fcTL');
  const marks = [...found.values()]
    .filter(({ type }) => colorMarks.has(type))
    .map(({ type, data }) => pngChunk(type, data));
  // The decoder drops a profile of RGB for grey pixels, so that it has to be carried on like a mark.
  const carried =
    color.kind === 'profile' && color.forGrey !== undefined ? [...marks, profileChunk(color.forGrey)] : marks;
  return { color, marks: carried, hidesPlainPicture };
}

async function* headChunks(file: string): AsyncGenerator<Chunk> {
  const handle = await open(file);
  try {
    const head = Buffer.alloc(8);
    if (!(await handle.read(head, 0, 8, 0)).buffer.equals(signature)) return;
    let offset = signature.length;
    for (let count = 0; count < maxHeadChunks; count += 1) {
      const { bytesRead } = await handle.read(head, 0, 8, offset);
      if (bytesRead < 8) return;
      const length = head.readUInt32BE(0);
      const type = head.toString('latin1', 4, 8);
      if (type === 'IDAT' || type === 'IEND') return;
      const isWanted = headTypes.has(type) || colorMarks.has(type);
      const isBounded = length <= (type === 'iCCP' ? maxProfileBytes : maxMarkBytes);
      if (type === 'PLTE') yield { type, offset, data: Buffer.alloc(0) };
      if (isWanted && isBounded) {
        const body = Buffer.alloc(length + chunkFrame);
        const whole = await handle.read(body, 0, body.length, offset);
        const isIntact =
          whole.bytesRead === body.length && crc32(body.subarray(4, 8 + length)) === body.readUInt32BE(8 + length);
        if (isIntact) yield { type, offset, data: body.subarray(8, 8 + length) };
      }
      offset += length + chunkFrame;
    }
  } finally {
    await handle.close();
  }
}

/** What counts where several are there, from the strongest: cICP, a profile, sRGB, gAMA with cHRM. */
function meaningOf(found: ReadonlyMap<string, Chunk>): ColorMeaning {
  const codes = found.get('cICP')?.data;
  // RGB is the only model of a PNG, and the range its whole one.
  if (codes?.length === 4 && codes[2] === 0 && codes[3] === 1) {
    const space = colorSpaceOfCodes(codes[0] ?? 0, codes[1] ?? 0);
    if (space !== null) return { kind: 'space', space, peak: peakOf(found) };
  }
  const isGrey = ((found.get('IHDR')?.data[9] ?? 0) & 2) === 0;
  const profile = profileOf(found.get('iCCP')?.data);
  if (profile !== null && holdsProfileFor(profile, 'any')) {
    if (!holdsProfileFor(profile, isGrey ? 'grey' : 'rgb')) return { kind: 'srgb' };
    return { kind: 'profile', forGrey: isGrey && isRgbProfile(profile) ? profile : undefined };
  }
  const intent = found.get('sRGB')?.data;
  if (intent?.length === 1 && (intent[0] ?? 4) <= 3) return { kind: 'srgb' };
  const gamma = found.get('gAMA')?.data;
  if (gamma?.length !== 4 || gamma.readUInt32BE(0) === 0) return { kind: 'srgb' };
  const exponent = gamma.readUInt32BE(0) / 100_000;
  const given = primariesOf(found.get('cHRM')?.data);
  if (given === undefined) {
    // Within 5 % of 1 / 2.2 the curve is taken for that of sRGB.
    return Math.abs(exponent * 2.2 - 1) <= 0.05
      ? { kind: 'srgb' }
      : { kind: 'space', space: colorSpaceOfGamma(exponent, null) };
  }
  return given === null ? { kind: 'srgb' } : { kind: 'space', space: colorSpaceOfGamma(exponent, given) };
}

function profileOf(data: Buffer | undefined): Buffer | null {
  const nameEnd = data?.indexOf(0) ?? -1;
  if (data === undefined || nameEnd < 1 || nameEnd > 79 || data[nameEnd + 1] !== 0) return null;
  try {
    return inflateSync(data.subarray(nameEnd + 2), { maxOutputLength: maxProfileBytes });
  } catch {
    return null;
  }
}

/** Undefined where there is none, null where there can be no such colors. */
function primariesOf(data: Buffer | undefined): Primaries | null | undefined {
  if (data?.length !== 32) return undefined;
  const point = (index: number): Chromaticity => [
    data.readUInt32BE(index * 8) / 100_000,
    data.readUInt32BE(index * 8 + 4) / 100_000,
  ];
  const given = { white: point(0), red: point(1), green: point(2), blue: point(3) };
  return isPossible(given) ? given : null;
}

/** The brightest light that HDR content says it has, in cd/m2: of cLLI, else of the screen it was made on. */
function peakOf(found: ReadonlyMap<string, Chunk>): number | undefined {
  const level = found.get('cLLI')?.data;
  const screen = found.get('mDCV')?.data;
  const units =
    (level?.length === 8 ? level.readUInt32BE(0) : 0) || (screen?.length === 24 ? screen.readUInt32BE(16) : 0);
  return units === 0 ? undefined : units / 10_000;
}

/** An iCCP chunk. */
export function profileChunk(profile: Buffer): Buffer {
  return pngChunk('iCCP', Buffer.concat([Buffer.from('profile\0\0', 'latin1'), deflateSync(profile)]));
}

/** A PNG in memory with one more chunk behind its header. */
export function withPngChunk(png: Buffer, chunk: Buffer): Buffer {
  const headerEnd = signature.length + chunkFrame + 13;
  return Buffer.concat([png.subarray(0, headerEnd), chunk, png.subarray(headerEnd)]);
}

function pngChunk(type: string, data: Buffer): Buffer {
  const chunk = Buffer.alloc(data.length + chunkFrame);
  chunk.writeUInt32BE(data.length, 0);
  chunk.write(type, 4, 'latin1');
  data.copy(chunk, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + data.length)), 8 + data.length);
  return chunk;
}

/** Puts chunks behind the header of a PNG file that has none of them. */
export async function addPngChunks(file: string, chunks: readonly Buffer[]): Promise<void> {
  const headerEnd = signature.length + chunkFrame + 13;
  const marked = `${file}.marked`;
  const target = createWriteStream(marked, { mode: 0o600 });
  await pipeline(createReadStream(file, { end: headerEnd - 1 }), target, { end: false });
  for (const chunk of chunks) target.write(chunk);
  await pipeline(createReadStream(file, { start: headerEnd }), target);
  await rename(marked, file);
}

/** The first frame of an animation as a PNG of its own, and its place; null where the frame is not whole. */
export async function firstPngFrame(file: string): Promise<PlacedFrame | null> {
  const bytes = await readFile(file);
  const head: Buffer[] = [];
  const data: Buffer[] = [];
  let control: Buffer | null = null;
  for (let offset = signature.length; offset + chunkFrame <= bytes.length;) {
    const length = bytes.readUInt32BE(offset);
    const type = bytes.toString('latin1', offset + 4, offset + 8);
    const end = offset + chunkFrame + length;
    if (end > bytes.length || type === 'IEND') break;
    const body = bytes.subarray(offset + 8, end - 4);
    if (type === 'fcTL') {
      if (control !== null) break;
      control = body;
    } else if (type === 'fdAT' && control !== null) {
      // Behind a number of order comes what would be an IDAT.
      data.push(pngChunk('IDAT', body.subarray(4)));
    } else if (type !== 'IDAT' && type !== 'acTL' && data.length === 0) {
      head.push(bytes.subarray(offset, end));
    }
    offset = end;
  }
  const header = head[0];
  if (control === null || control.length < 26 || data.length === 0 || header === undefined || header.length !== 25)
    return null;
  const size = { width: control.readUInt32BE(4), height: control.readUInt32BE(8) };
  const place = { left: control.readUInt32BE(12), top: control.readUInt32BE(16) };
  const canvas = { width: header.readUInt32BE(8), height: header.readUInt32BE(12) };
  const ownHeader = Buffer.from(header.subarray(8, 21));
  ownHeader.writeUInt32BE(size.width, 0);
  ownHeader.writeUInt32BE(size.height, 4);
  const image = Buffer.concat([
    signature,
    pngChunk('IHDR', ownHeader),
    ...head.slice(1),
    ...data,
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
  return { image, ...place, canvas };
}

/**
 * The bytes without a tRNS that names a grey which the pixels cannot have,
 * null for other files: the decoder looks at its low bits only (libpng), and would make visible pixels transparent.
 */
export async function withoutIdleTransparency(file: string): Promise<Buffer | null> {
  let depth = 8;
  for await (const { type, offset, data } of headChunks(file)) {
    if (type === 'IHDR') {
      const isGrey = data[9] === 0;
      depth = data[8] ?? 8;
      if (!isGrey || depth >= 8) return null;
    }
    if (type !== 'tRNS' || data.length !== 2) continue;
    if ((data[1] ?? 0) < 2 ** depth) return null;
    const bytes = await readFile(file);
    return Buffer.concat([bytes.subarray(0, offset), bytes.subarray(offset + data.length + chunkFrame)]);
  }
  return null;
}
