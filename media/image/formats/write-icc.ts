import { toLight, toXyzD50, type ColorSpace, type Transfer } from '../color-space.ts';

/** Steps of a curve that no formula of ICC.1 gives. */
const curveSteps = 1_024;

/** XYZ of D50, the white of every profile. */
const d50 = [0.9642, 1, 0.8249];

/**
 * An ICC profile (version 4.3) that says the same as marks which many programs
 * pass over; null for HDR, whose light above white no such profile can say.
 */
export function writeProfile(space: ColorSpace, isGrey: boolean): Buffer | null {
  if (space.transfer.kind === 'pq' || space.transfer.kind === 'hlg') return null;
  const m = toXyzD50(space.primaries);
  const curve = curveOf(space.transfer);
  const colorants = [
    ['rXYZ', xyz([m[0], m[3], m[6]])],
    ['gXYZ', xyz([m[1], m[4], m[7]])],
    ['bXYZ', xyz([m[2], m[5], m[8]])],
    ['rTRC', curve],
    ['gTRC', curve],
    ['bTRC', curve],
  ] as const;
  return assemble(isGrey ? 'GRAY' : 'RGB ', [
    ['desc', text(isGrey ? 'Gray of the image' : 'Colors of the image')],
    ['cprt', text('No copyright, use freely')],
    ['wtpt', xyz(d50)],
    ...(isGrey ? ([['kTRC', curve]] as const) : colorants),
  ]);
}

function assemble(model: 'GRAY' | 'RGB ', tags: readonly (readonly [name: string, data: Buffer])[]): Buffer {
  const header = Buffer.alloc(128);
  header.writeUInt32BE(0x04_30_00_00, 8);
  header.write(`mntr${model}XYZ `, 12, 'latin1');
  // A fixed date, so that equal images are equal files.
  header.writeUInt16BE(2_000, 24);
  header.writeUInt16BE(1, 26);
  header.writeUInt16BE(1, 28);
  header.write('acsp', 36, 'latin1');
  xyz(d50).copy(header, 68, 8);
  const table = Buffer.alloc(4 + 12 * tags.length);
  table.writeUInt32BE(tags.length, 0);
  const bodies: Buffer[] = [];
  let offset = header.length + table.length;
  for (const [index, [name, data]] of tags.entries()) {
    const at = 4 + 12 * index;
    table.write(name, at, 'latin1');
    table.writeUInt32BE(offset, at + 4);
    table.writeUInt32BE(data.length, at + 8);
    bodies.push(data);
    offset += data.length;
  }
  header.writeUInt32BE(offset, 0);
  return Buffer.concat([header, table, ...bodies]);
}

/** A tag of a type, at a multiple of four bytes. */
function typed(type: string, data: Buffer): Buffer {
  const padding = Buffer.alloc((4 - (data.length % 4)) % 4);
  return Buffer.concat([Buffer.from(`${type}\0\0\0\0`, 'latin1'), data, padding]);
}

function fixed(values: readonly number[]): Buffer {
  const data = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) data.writeInt32BE(Math.round(value * 65_536), index * 4);
  return data;
}

function xyz(values: readonly number[]): Buffer {
  return typed('XYZ ', fixed(values));
}

function text(english: string): Buffer {
  const utf16 = Buffer.from(english, 'utf16le').swap16();
  const head = Buffer.alloc(20);
  head.writeUInt32BE(1, 0);
  head.writeUInt32BE(12, 4);
  head.write('enUS', 8, 'latin1');
  head.writeUInt32BE(utf16.length, 12);
  head.writeUInt32BE(28, 16);
  return typed('mluc', Buffer.concat([head, utf16]));
}

/** ICC.1 10.18 for what a formula gives, 10.6 for the rest. */
function curveOf(transfer: Transfer): Buffer {
  const formula = (kind: number, ...values: number[]) =>
    typed('para', Buffer.concat([Buffer.from([0, kind, 0, 0]), fixed(values)]));
  if (transfer.kind === 'srgb') return formula(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.040_45);
  if (transfer.kind === 'power' && transfer.scale === 1 && transfer.exponent < 32_768)
    return formula(0, transfer.exponent);
  const data = Buffer.alloc(4 + 2 * curveSteps);
  data.writeUInt32BE(curveSteps, 0);
  for (let step = 0; step < curveSteps; step += 1) {
    const light = Math.min(1, toLight(transfer, step / (curveSteps - 1)));
    data.writeUInt16BE(Math.round(light * 65_535), 4 + 2 * step);
  }
  return typed('curv', data);
}
