/** How the numbers of an image are meant, where it says so by marks and not by an ICC profile. */
export interface ColorSpace {
  readonly primaries: Primaries;
  readonly transfer: Transfer;
}

/** CIE 1931 x and y of red, green, blue and white. */
export interface Primaries {
  readonly red: Chromaticity;
  readonly green: Chromaticity;
  readonly blue: Chromaticity;
  readonly white: Chromaticity;
}

/** Coordinates of a color in CIE 1931. */
export type Chromaticity = readonly [x: number, y: number];

/** From a number of the file to light. `power`: light = scale × number^exponent. */
export type Transfer =
  | { readonly kind: 'power'; readonly exponent: number; readonly scale: number }
  | { readonly kind: 'srgb' | 'smpte240' | 'pq' | 'hlg' };

const d65: Chromaticity = [0.3127, 0.329];
const illuminantC: Chromaticity = [0.31, 0.316];

function primaries(red: Chromaticity, green: Chromaticity, blue: Chromaticity, white: Chromaticity): Primaries {
  return { red, green, blue, white };
}

const bt709 = primaries([0.64, 0.33], [0.3, 0.6], [0.15, 0.06], d65);
const bt470Bg = primaries([0.64, 0.33], [0.29, 0.6], [0.15, 0.06], d65);
const smpte170 = primaries([0.63, 0.34], [0.31, 0.595], [0.155, 0.07], d65);
/** Of UHD video and HDR. */
export const bt2020 = primaries([0.708, 0.292], [0.17, 0.797], [0.131, 0.046], d65);
const displayP3 = primaries([0.68, 0.32], [0.265, 0.69], [0.15, 0.06], d65);

/** What browsers show: the primaries of HD video. */
export const srgb: ColorSpace = { primaries: bt709, transfer: { kind: 'srgb' } };

/** Color primaries by their number in ITU-T H.273. */
const primariesByCode: ReadonlyMap<number, Primaries> = new Map([
  [1, bt709],
  [4, primaries([0.67, 0.33], [0.21, 0.71], [0.14, 0.08], illuminantC)],
  [5, bt470Bg],
  [6, smpte170],
  [7, smpte170],
  [8, primaries([0.681, 0.319], [0.243, 0.692], [0.145, 0.049], illuminantC)],
  [9, bt2020],
  [10, primaries([1, 0], [0, 1], [0, 0], [1 / 3, 1 / 3])],
  [11, primaries([0.68, 0.32], [0.265, 0.69], [0.15, 0.06], [0.314, 0.351])],
  [12, displayP3],
  [22, primaries([0.63, 0.34], [0.295, 0.605], [0.155, 0.077], d65)],
]);

const power = (exponent: number, scale = 1): Transfer => ({ kind: 'power', exponent, scale });

/** What a screen makes of the curve of BT.709 and its relatives (BT.1886), and what Chromium takes them for. */
const bt1886 = power(2.4);

/** Transfer characteristics by their number in ITU-T H.273. */
const transferByCode: ReadonlyMap<number, Transfer> = new Map([
  [1, bt1886],
  [4, power(2.2)],
  [5, power(2.8)],
  [6, bt1886],
  [7, { kind: 'smpte240' }],
  [8, power(1)],
  [11, bt1886],
  [13, { kind: 'srgb' }],
  [14, bt1886],
  [15, bt1886],
  [16, { kind: 'pq' }],
  // SMPTE ST 428-1: 48 cd/m2 of 52.37 are white.
  [17, power(2.6, 52.37 / 48)],
  [18, { kind: 'hlg' }],
]);

/** The meaning of two H.273 code points (cICP of PNG, nclx of AVIF); null where one of them says nothing that is known. */
export function colorSpaceOfCodes(primariesCode: number, transferCode: number): ColorSpace | null {
  const found = primariesByCode.get(primariesCode);
  const transfer = transferByCode.get(transferCode);
  return found === undefined || transfer === undefined ? null : { primaries: found, transfer };
}

/** The meaning of gAMA and cHRM of PNG. */
export function colorSpaceOfGamma(gamma: number, given: Primaries | null): ColorSpace {
  return { primaries: given ?? bt709, transfer: power(1 / gamma) };
}

/** Light of 0-1 from a number of 0-1; HDR curves give cd/m2 over 203, the white of ITU-R BT.2408. */
export function toLight(transfer: Transfer, value: number): number {
  switch (transfer.kind) {
    case 'power':
      return transfer.scale * value ** transfer.exponent;
    case 'srgb':
      return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    case 'smpte240':
      return value < 0.0913 ? value / 4 : ((value + 0.1115) / 1.1115) ** (1 / 0.45);
    case 'pq': {
      // ITU-R BT.2100, table 4.
      const root = value ** (1 / 78.843_75);
      return (
        (10_000 / 203) *
        (Math.max(root - 0.835_937_5, 0) / (18.851_562_5 - 18.6875 * root)) ** (1 / 0.159_301_757_812_5)
      );
    }
    case 'hlg':
      // ITU-R BT.2100, table 5: light of the scene; what the screen adds depends on all three channels.
      return value <= 0.5 ? (value * value) / 3 : (Math.exp((value - 0.559_910_73) / 0.178_832_77) + 0.284_668_92) / 12;
  }
}

/** A 3 × 3 matrix, row by row. */
export type Matrix = readonly [number, number, number, number, number, number, number, number, number];

/** Linear light between two sets of primaries, white to white (Bradford). */
export function matrixBetween(from: Primaries, to: Primaries): Matrix {
  return multiply(invert(toXyzD50(to)), toXyzD50(from));
}

const d50: readonly [number, number, number] = [0.964_22, 1, 0.825_21];
const bradford: Matrix = [0.8951, 0.2664, -0.1614, -0.7502, 1.7135, 0.0367, 0.0389, -0.0685, 1.0296];

/** To XYZ under D50: IEC 61966-2-1 annex F and the chromatic adaptation of ICC.1. */
export function toXyzD50({ red, green, blue, white }: Primaries): Matrix {
  const [r, g, b, w] = [xyz(red), xyz(green), xyz(blue), xyz(white)];
  const columns: Matrix = [r[0], g[0], b[0], r[1], g[1], b[1], r[2], g[2], b[2]];
  const [sr, sg, sb] = apply(invert(columns), w);
  const scaled: Matrix = [
    ...([columns[0] * sr, columns[1] * sg, columns[2] * sb] as const),
    ...([columns[3] * sr, columns[4] * sg, columns[5] * sb] as const),
    ...([columns[6] * sr, columns[7] * sg, columns[8] * sb] as const),
  ];
  const [source, target] = [apply(bradford, w), apply(bradford, d50)];
  const scale: Matrix = [target[0] / source[0], 0, 0, 0, target[1] / source[1], 0, 0, 0, target[2] / source[2]];
  return multiply(multiply(invert(bradford), multiply(scale, bradford)), scaled);
}

/** Whether there can be such primaries: inside the unit square, and not on one line. */
export function isPossible(given: Primaries): boolean {
  const points = [given.red, given.green, given.blue, given.white].flat();
  return points.every((value) => value >= 0 && value <= 1) && toXyzD50(given).every(Number.isFinite);
}

function xyz([x, y]: Chromaticity): [number, number, number] {
  // The XYZ space itself has a primary with y = 0; only the direction counts.
  return y === 0 ? [x, 0, 1 - x] : [x / y, 1, (1 - x - y) / y];
}

function apply(m: Matrix, [x, y, z]: readonly [number, number, number]): [number, number, number] {
  return [m[0] * x + m[1] * y + m[2] * z, m[3] * x + m[4] * y + m[5] * z, m[6] * x + m[7] * y + m[8] * z];
}

function multiply(a: Matrix, b: Matrix): Matrix {
  const [c0, c1, c2] = [apply(a, [b[0], b[3], b[6]]), apply(a, [b[1], b[4], b[7]]), apply(a, [b[2], b[5], b[8]])];
  return [c0[0], c1[0], c2[0], c0[1], c1[1], c2[1], c0[2], c1[2], c2[2]];
}

/** Not a number anywhere where the matrix has no inverse. */
function invert(m: Matrix): Matrix {
  const [a, b, c, d, e, f, g, h, i] = m;
  const [A, B, C] = [e * i - f * h, f * g - d * i, d * h - e * g];
  const k = 1 / (a * A + b * B + c * C);
  return [
    A * k,
    (c * h - b * i) * k,
    (b * f - c * e) * k,
    B * k,
    (a * i - c * g) * k,
    (c * d - a * f) * k,
    C * k,
    (b * g - a * h) * k,
    (a * e - b * d) * k,
  ];
}
