import { open, readFile, writeFile } from 'node:fs/promises';
import { colorSpaceOfCodes } from '../color-space.ts';
import { holdsProfileFor } from './icc.ts';
import type { ColorMeaning } from './meaning.ts';

/*
 * What the decoder passes over in an AVIF (ISO/IEC 23008-12 and 14496-12): the colr, clli and mdcv properties of the
 * primary item. It reads the profile and the pixels itself.
 */

/** The box of everything about a still image; metadata lie outside of it. */
const maxMetaBytes = 8 * 1_048_576;

/** More brands, boxes beside each other and properties has no file. */
const maxBrands = 64;
const maxBoxes = 1_000;

/** A box of an ISO media file, by its places in the bytes. */
export interface Box {
  readonly type: string;
  /** Of the box itself and of its content. */
  readonly start: number;
  readonly body: number;
  readonly end: number;
}

interface AvifMeaning {
  readonly color: ColorMeaning;
  /** The H.273 numbers of primaries and transfer, where they count. */
  readonly codes: { readonly primaries: number; readonly transfer: number } | null;
}

/** The brands of an ISO media file, the major one first; null where the file is of another kind. */
export async function readBrands(file: string): Promise<readonly string[] | null> {
  const handle = await open(file);
  try {
    const head = Buffer.alloc(16 + 4 * maxBrands);
    const { bytesRead } = await handle.read(head, 0, head.length, 0);
    if (bytesRead < 16 || head.toString('latin1', 4, 8) !== 'ftyp') return null;
    const end = Math.min(bytesRead, head.readUInt32BE(0));
    const brands = [head.toString('latin1', 8, 12)];
    for (let at = 16; at + 4 <= end; at += 4) brands.push(head.toString('latin1', at, at + 4));
    return brands;
  } finally {
    await handle.close();
  }
}

/**
 * The bytes as the decoder takes them for what they are, null where they need
 * no change: it looks for a few major brands only, and passes over the range of an nclx property that
 * leaves its matrix open, where browsers take BT.601.
 */
export async function decodableAvif(file: string): Promise<Buffer | null> {
  const brands = await readBrands(file);
  if (brands === null) return null;
  const meta = await metaOf(file);
  const open = meta === null ? [] : primaryProperties(meta.bytes).filter((box) => isOpenNclx(meta.bytes, box));
  if (brands[0] === 'avif' && open.length === 0) return null;
  const bytes = await readFile(file);
  bytes.write('avif', 8, 'latin1');
  for (const { body } of open) bytes.writeUInt16BE(bt601Matrix, (meta?.offset ?? 0) + body + 8);
  return bytes;
}

/** Matrix coefficients of H.273: not said, and those of BT.601. */
const openMatrix = 2;
const bt601Matrix = 6;

function isOpenNclx(meta: Buffer, { type, body, end }: Box): boolean {
  return (
    type === 'colr' &&
    end - body >= 11 &&
    meta.toString('latin1', body, body + 4) === 'nclx' &&
    meta.readUInt16BE(body + 8) === openMatrix
  );
}

/** Reads the head of an AVIF file, not its pixels; sRGB where that says nothing. */
export async function readAvif(file: string): Promise<AvifMeaning> {
  const meta = await metaOf(file);
  const plain: AvifMeaning = { color: { kind: 'srgb' }, codes: null };
  if (meta === null) return plain;
  const properties = primaryProperties(meta.bytes);
  const bodies = (type: string) =>
    properties.filter((box) => box.type === type).map((box) => meta.bytes.subarray(box.body, box.end));
  const colors = bodies('colr');
  const profile = colors.find((color) => /^(prof|rICC)/.test(color.toString('latin1', 0, 4)))?.subarray(4);
  if (profile !== undefined && holdsProfileFor(profile, 'any')) return { color: { kind: 'profile' }, codes: null };
  const codes = colors.find((color) => color.toString('latin1', 0, 4) === 'nclx' && color.length >= 11);
  if (codes === undefined) return plain;
  const [primaries, transfer] = [codes.readUInt16BE(4), codes.readUInt16BE(6)];
  const space = colorSpaceOfCodes(primaries, transfer);
  if (space === null) return plain;
  const level = bodies('clli')[0];
  const screen = bodies('mdcv')[0];
  const ofLevel = level !== undefined && level.length >= 4 ? level.readUInt16BE(0) : 0;
  const ofScreen = screen !== undefined && screen.length >= 24 ? screen.readUInt32BE(16) / 10_000 : 0;
  return { color: { kind: 'space', space, peak: ofLevel || ofScreen || undefined }, codes: { primaries, transfer } };
}

/** The content of the file's meta box, and where it begins. */
async function metaOf(file: string): Promise<{ bytes: Buffer; offset: number } | null> {
  const handle = await open(file);
  try {
    const head = Buffer.alloc(8);
    let offset = 0;
    for (let count = 0; count < maxBoxes; count += 1) {
      if ((await handle.read(head, 0, 8, offset)).bytesRead < 8) return null;
      const size = head.readUInt32BE(0);
      if (head.toString('latin1', 4, 8) === 'meta') {
        // A full box: version and flags come before the boxes in it.
        if (size < 12 || size > maxMetaBytes) return null;
        const bytes = Buffer.alloc(size - 12);
        const { bytesRead } = await handle.read(bytes, 0, bytes.length, offset + 12);
        return bytesRead === bytes.length ? { bytes, offset: offset + 12 } : null;
      }
      if (size < 8) return null;
      offset += size;
    }
    return null;
  } finally {
    await handle.close();
  }
}

/** The boxes beside each other in a part of the bytes; those that do not fit into it are left out. */
export function boxesIn(bytes: Buffer, from: number, to: number): Box[] {
  const boxes: Box[] = [];
  for (let at = from; at + 8 <= to && boxes.length < maxBoxes;) {
    const size = bytes.readUInt32BE(at);
    if (size < 8 || at + size > to) break;
    boxes.push({ type: bytes.toString('latin1', at + 4, at + 8), start: at, body: at + 8, end: at + size });
    at += size;
  }
  return boxes;
}

/** The boxes in the first one of a type. */
export function childOf(bytes: Buffer, boxes: readonly Box[], type: string): Box[] {
  const parent = boxes.find((box) => box.type === type);
  return parent === undefined ? [] : boxesIn(bytes, parent.body, parent.end);
}

function primaryProperties(meta: Buffer): Box[] {
  const top = boxesIn(meta, 0, meta.length);
  const primary = primaryItem(meta, top);
  const inside = childOf(meta, top, 'iprp');
  const properties = childOf(meta, inside, 'ipco');
  return inside
    .filter((box) => box.type === 'ipma')
    .flatMap((box) => associations(meta, box))
    .filter(({ item }) => item === primary)
    .flatMap(({ indexes }) => indexes.flatMap((index) => properties[index - 1] ?? []));
}

/** The number of the item that is shown; null where nothing says so. */
export function primaryItem(meta: Buffer, top: readonly Box[]): number | null {
  const box = top.find(({ type }) => type === 'pitm');
  if (box === undefined || box.end - box.body < 6) return null;
  if (meta[box.body] === 0) return meta.readUInt16BE(box.body + 4);
  return box.end - box.body < 8 ? null : meta.readUInt32BE(box.body + 4);
}

interface Association {
  readonly item: number;
  readonly indexes: readonly number[];
  /** Where the count of the indexes stands, and where they end. */
  readonly countAt: number;
  readonly end: number;
  readonly isWide: boolean;
}

/** Which properties each item has, by their places in the list, counted from 1. */
export function associations(meta: Buffer, box: Box): Association[] {
  const found: Association[] = [];
  if (box.end - box.body < 8) return found;
  const hasLongIds = meta[box.body] !== 0;
  const isWide = ((meta[box.body + 3] ?? 0) & 1) === 1;
  const entries = meta.readUInt32BE(box.body + 4);
  let at = box.body + 8;
  for (let entry = 0; entry < entries; entry += 1) {
    const countAt = at + (hasLongIds ? 4 : 2);
    if (countAt >= box.end) break;
    const item = hasLongIds ? meta.readUInt32BE(at) : meta.readUInt16BE(at);
    const count = meta[countAt] ?? 0;
    const end = countAt + 1 + count * (isWide ? 2 : 1);
    if (end > box.end) break;
    const indexes = Array.from({ length: count }, (_, index) =>
      isWide ? meta.readUInt16BE(countAt + 1 + index * 2) & 0x7fff : (meta[countAt + 1 + index] ?? 0) & 0x7f,
    );
    found.push({ item, indexes, countAt, end, isWide });
    at = end;
  }
  return found;
}

/** Items of these types say something about the image: EXIF, XMP and the like. */
export const textItems = new Set(['mime', 'Exif', 'uri ']);

/** Where in the file text about an AVIF lies, in its order. */
export async function avifTextParts(file: string): Promise<readonly (readonly [number, number])[]> {
  const meta = await metaOf(file);
  if (meta === null) return [];
  const { bytes } = meta;
  const top = boxesIn(bytes, 0, bytes.length);
  const information = top.find(({ type }) => type === 'iinf');
  const locations = top.find(({ type }) => type === 'iloc');
  if (information === undefined || locations === undefined) return [];
  // A full box, then the number of entries in two bytes or four.
  const entries = boxesIn(bytes, information.body + (bytes[information.body] === 0 ? 6 : 8), information.end);
  const items = new Set(
    entries.flatMap(({ type, body, end }) => {
      const version = bytes[body];
      const idBytes = version === 3 ? 4 : 2;
      if (type !== 'infe' || (version !== 2 && version !== 3) || end - body < 10 + idBytes) return [];
      const id = version === 3 ? bytes.readUInt32BE(body + 4) : bytes.readUInt16BE(body + 4);
      return textItems.has(bytes.toString('latin1', body + 6 + idBytes, body + 10 + idBytes)) ? [id] : [];
    }),
  );
  const ranges = extentsOf(bytes, locations).filter(({ item }) => items.has(item));
  return ranges.map(({ from, to }) => [from, to] as const).toSorted((a, b) => a[0] - b[0]);
}

/** Places in the file of all items, of the common forms of the item location box. */
export function extentsOf(bytes: Buffer, box: Box): { item: number; from: number; to: number }[] {
  const version = bytes[box.body] ?? 0;
  if (box.end - box.body < 8 || version > 1) return [];
  const sizes = bytes.readUInt16BE(box.body + 4);
  const [offsetSize, lengthSize, baseSize] = [sizes >> 12, (sizes >> 8) & 15, (sizes >> 4) & 15];
  const indexSize = version === 0 ? 0 : sizes & 15;
  const count = bytes.readUInt16BE(box.body + 6);
  const found: { item: number; from: number; to: number }[] = [];
  const number = (at: number, size: number) => (size === 4 ? bytes.readUInt32BE(at) : 0);
  let at = box.body + 8;
  for (let index = 0; index < count; index += 1) {
    const head = (version === 0 ? 4 : 6) + baseSize + 2;
    if (at + head > box.end) break;
    const item = bytes.readUInt16BE(at);
    const isInFile = version === 0 || (bytes.readUInt16BE(at + 2) & 15) === 0;
    const base = number(at + head - 2 - baseSize, baseSize);
    const extents = bytes.readUInt16BE(at + head - 2);
    at += head;
    for (let extent = 0; extent < extents; extent += 1) {
      const end = at + indexSize + offsetSize + lengthSize;
      if (end > box.end) return found;
      const from = base + number(at + indexSize, offsetSize);
      if (isInFile) found.push({ item, from, to: from + number(at + indexSize + offsetSize, lengthSize) });
      at = end;
    }
  }
  return found;
}

/**
 * Says in an AVIF that the encoder wrote how its numbers are meant; it can say
 * BT.709 and sRGB only, or nothing. The matrix and the full range are those it
 * encodes with. The profile says the same to programs that do not know these numbers.
 */
export async function markAvif(
  file: string,
  codes: { primaries: number; transfer: number },
  profile: Buffer | null,
): Promise<void> {
  const bytes = await readFile(file);
  const meta = boxesIn(bytes, 0, bytes.length).find(({ type }) => type === 'meta');
  const top = meta === undefined ? [] : boxesIn(bytes, meta.body + 4, meta.end);
  const properties = top.find(({ type }) => type === 'iprp');
  const inside = properties === undefined ? [] : boxesIn(bytes, properties.body, properties.end);
  const list = inside.find(({ type }) => type === 'ipco');
  const uses = inside.find(({ type }) => type === 'ipma');
  const locations = top.find(({ type }) => type === 'iloc');
  const primary = primaryItem(bytes, top);
  const use = uses === undefined ? undefined : associations(bytes, uses).find(({ item }) => item === primary);
  if (!meta || !properties || !list || !uses || !locations || !use) {
    throw new Error('The encoder wrote an AVIF without the boxes that a color mark needs.');
  }
  const all = boxesIn(bytes, list.body, list.end);
  const marks = profile === null ? [] : [colorProperty('prof', profile)];
  // A lossless one has the property already, for its matrix.
  const own = use.indexes
    .flatMap((index) => all[index - 1] ?? [])
    .find(({ type, body }) => type === 'colr' && bytes.toString('latin1', body, body + 4) === 'nclx');
  const numbers = Buffer.from([0, codes.primaries, 0, codes.transfer, 0, bt601Matrix, 0x80]);
  if (own === undefined) marks.push(colorProperty('nclx', numbers));
  else numbers.copy(bytes, own.body + 4, 0, 4);
  const added = Buffer.concat(
    marks.map((_, number) => {
      const index = all.length + 1 + number;
      return use.isWide ? Buffer.from([index >> 8, index & 0xff]) : Buffer.from([index]);
    }),
  );
  const data = Buffer.concat(marks);
  const growth = data.length + added.length;
  const grow = (box: Box, by: number) => bytes.writeUInt32BE(box.end - box.start + by, box.start);
  grow(meta, growth);
  grow(properties, growth);
  grow(list, data.length);
  grow(uses, added.length);
  bytes[use.countAt] = (bytes[use.countAt] ?? 0) + marks.length;
  moveExtents(bytes, locations, growth, meta.end);
  const inserts = [
    { at: list.end, data },
    { at: use.end, data: added },
  ].toSorted((a, b) => a.at - b.at);
  const parts: Buffer[] = [];
  let from = 0;
  for (const insert of inserts) {
    parts.push(bytes.subarray(from, insert.at), insert.data);
    from = insert.at;
  }
  await writeFile(file, Buffer.concat([...parts, bytes.subarray(from)]));
}

function colorProperty(type: 'nclx' | 'prof', data: Buffer): Buffer {
  const head = Buffer.from(`\0\0\0\0colr${type}`, 'latin1');
  head.writeUInt32BE(head.length + data.length, 0);
  return Buffer.concat([head, data]);
}

/** Adds to every place in the file behind `limit` that the item location box names. */
function moveExtents(bytes: Buffer, box: Box, by: number, limit: number): void {
  const version = bytes[box.body] ?? 0;
  const sizes = bytes.readUInt16BE(box.body + 4);
  const [offsetSize, lengthSize, baseSize] = [sizes >> 12, (sizes >> 8) & 15, (sizes >> 4) & 15];
  const indexSize = version === 0 ? 0 : sizes & 15;
  if (version > 1 || offsetSize !== 4 || (baseSize !== 0 && baseSize !== 4)) {
    throw new Error('The encoder wrote an AVIF with locations of another form.');
  }
  const items = bytes.readUInt16BE(box.body + 6);
  let at = box.body + 8;
  for (let item = 0; item < items; item += 1) {
    at += version === 0 ? 4 : 6;
    const base = baseSize === 0 ? 0 : bytes.readUInt32BE(at);
    // Offsets count from the base, where there is one.
    if (base >= limit) bytes.writeUInt32BE(base + by, at);
    at += baseSize;
    const extents = bytes.readUInt16BE(at);
    at += 2;
    for (let extent = 0; extent < extents; extent += 1) {
      at += indexSize;
      const place = bytes.readUInt32BE(at);
      if (base < limit && base + place >= limit) bytes.writeUInt32BE(place + by, at);
      at += offsetSize + lengthSize;
    }
  }
}
