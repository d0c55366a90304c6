/** What a photo says of how it was taken. Nothing about where, and nothing that names a person or a device's number. */
export interface PhotoFacts {
  readonly camera?: string;
  readonly lens?: string;
  readonly takenAt?: string;
  /** In seconds. */
  readonly exposureS?: number;
  readonly aperture?: number;
  readonly iso?: number;
  /** In millimeters. */
  readonly focalLengthMm?: number;
}

/** Tags of EXIF 2.32 by number, and what they are called here. Place, names and serial numbers are left out on purpose. */
const tags = {
  make: 0x010f,
  model: 0x0110,
  exifFolder: 0x8769,
  exposure: 0x829a,
  aperture: 0x829d,
  iso: 0x8827,
  takenAt: 0x9003,
  focalLength: 0x920a,
  lens: 0xa434,
} as const;

/** A folder has some dozens of entries; one that claims more is broken. */
const maxEntries = 500;

/** Longer than any name of a camera. */
const maxTextLength = 200;

type Value = string | number;

/** Reads the block of EXIF that a image holds; what cannot be read is left out. */
export function readExif(exif: Buffer): PhotoFacts {
  try {
    const start = exif.toString('latin1', 0, 4) === 'Exif' ? 6 : 0;
    const tiff = exif.subarray(start);
    const reader = readerOf(tiff);
    if (reader === null) return {};
    const main = folderAt(reader, reader.u32(4));
    const at = main.get(tags.exifFolder);
    const photo = typeof at === 'number' ? folderAt(reader, at) : new Map<number, Value>();
    const text = (value: Value | undefined) => (typeof value === 'string' && value !== '' ? value : undefined);
    const number = (value: Value | undefined) =>
      typeof value === 'number' && Number.isFinite(value) ? value : undefined;
    const facts = {
      camera: cameraName(text(main.get(tags.make)), text(main.get(tags.model))),
      lens: text(photo.get(tags.lens)),
      takenAt: timeOf(text(photo.get(tags.takenAt))),
      exposureS: number(photo.get(tags.exposure)),
      aperture: number(photo.get(tags.aperture)),
      iso: number(photo.get(tags.iso)),
      focalLengthMm: number(photo.get(tags.focalLength)),
    };
    return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as PhotoFacts;
  } catch (error) {
    // A place beyond the end of the block.
    if (error instanceof RangeError) return {};
    throw error;
  }
}

interface Reader {
  readonly bytes: Buffer;
  u16(at: number): number;
  u32(at: number): number;
}

function readerOf(bytes: Buffer): Reader | null {
  const order = bytes.toString('latin1', 0, 2);
  if (order === 'II') return { bytes, u16: (at) => bytes.readUInt16LE(at), u32: (at) => bytes.readUInt32LE(at) };
  if (order === 'MM') return { bytes, u16: (at) => bytes.readUInt16BE(at), u32: (at) => bytes.readUInt32BE(at) };
  return null;
}

function folderAt(reader: Reader, at: number): ReadonlyMap<number, Value> {
  const values = new Map<number, Value>();
  const count = Math.min(maxEntries, reader.u16(at));
  for (let index = 0; index < count; index += 1) {
    const entry = at + 2 + index * 12;
    const value = valueOf(reader, entry);
    if (value !== undefined) values.set(reader.u16(entry), value);
  }
  return values;
}

/** Kinds of values: text, 16 and 32 bits, and fractions; others are of no use here. */
function valueOf(reader: Reader, entry: number): Value | undefined {
  const [kind, count] = [reader.u16(entry + 2), reader.u32(entry + 4)];
  if (kind === 3) return reader.u16(entry + 8);
  if (kind === 4) return reader.u32(entry + 8);
  if (kind === 5) {
    const at = reader.u32(entry + 8);
    return reader.u32(at) / reader.u32(at + 4);
  }
  if (kind !== 2 || count > maxTextLength) return undefined;
  const from = count <= 4 ? entry + 8 : reader.u32(entry + 8);
  return reader.bytes
    .toString('utf8', from, from + count)
    .replace(/\0[\s\S]*$/, '')
    .trim();
}

function cameraName(make: string | undefined, model: string | undefined): string | undefined {
  if (make === undefined || model === undefined) return model ?? make;
  return model.toLowerCase().startsWith(make.toLowerCase()) ? model : `${make} ${model}`;
}

/** `2026:05:01 12:30:00` as ISO 8601, without a zone: cameras know none. */
function timeOf(text: string | undefined): string | undefined {
  const [, date, time] = /^(\d{4}:\d\d:\d\d) (\d\d:\d\d:\d\d)$/.exec(text ?? '') ?? [];
  return date === undefined ? undefined : `${date.replaceAll(':', '-')}T${time}`;
}
