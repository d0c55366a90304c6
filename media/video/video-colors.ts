/*
 * How the numbers of a video become sRGB. The values are Chromium's (156,
 * measured on its canvas; docs/media.md lists them), because that is what a
 * frame is compared with. ffmpeg does the matrix and the range; what goes
 * beyond them (wide gamuts, unusual curves, HDR) is one table of colors that
 * ffmpeg's lut3d applies, so it needs no library that a build may lack.
 */

/** The color tags as ffprobe names them; `unknown` or empty where the file says nothing. */
export interface ColorTags {
  readonly matrix: string;
  readonly range: string;
  readonly primaries: string;
  readonly transfer: string;
  readonly pixelFormat: string;
  readonly codec: string;
  /** Of the stored picture. */
  readonly height: number;
}

/** How the colors of a video become those that browsers show. */
export interface ColorPlan {
  /** Names of ffmpeg's scale filter; null for video that is stored as RGB. */
  readonly matrix: 'bt601' | 'bt709' | 'bt2020' | 'smpte240m' | 'fcc' | null;
  readonly range: 'limited' | 'full';
  /** What has to be done after the matrix; null where that gives sRGB already. */
  readonly table: { readonly primaries: Primaries; readonly transfer: Transfer } | null;
  readonly isHdr: boolean;
}

type Primaries = 'bt709' | 'bt470m' | 'bt470bg' | 'film' | 'bt2020' | 'smpte431' | 'smpte432';
type Transfer = 'srgb' | 'gamma22' | 'gamma28' | 'linear' | 'pq' | 'hlg';
type Triple = readonly [number, number, number];

/** From this height on a clip that does not say so is HD, and so of BT.709. */
const hdHeight = 720;

/** Decoders that do not guess by size: without tags their pictures are BT.601 whatever their size. */
const codecsWithoutGuess = new Set(['vp9', 'av1']);

const matrices: Readonly<Record<string, ColorPlan['matrix']>> = {
  bt709: 'bt709',
  smpte170m: 'bt601',
  bt470bg: 'bt601',
  fcc: 'fcc',
  smpte240m: 'smpte240m',
  bt2020nc: 'bt2020',
  bt2020c: 'bt2020',
};

/** All others are shown as sRGB is. */
const transfers: Readonly<Record<string, Transfer>> = {
  bt470m: 'gamma22',
  gamma22: 'gamma22',
  bt470bg: 'gamma28',
  gamma28: 'gamma28',
  linear: 'linear',
  smpte2084: 'pq',
  'arib-std-b67': 'hlg',
};

/** CIE x and y of red, green, blue and white (ITU-T H.273). SMPTE 170M and 240M are shown as BT.709 is. */
const chromaticities: Readonly<Record<Primaries, readonly [number, number][]>> = {
  bt709: [
    [0.64, 0.33],
    [0.3, 0.6],
    [0.15, 0.06],
    [0.3127, 0.329],
  ],
  bt470m: [
    [0.67, 0.33],
    [0.21, 0.71],
    [0.14, 0.08],
    [0.31, 0.316],
  ],
  bt470bg: [
    [0.64, 0.33],
    [0.29, 0.6],
    [0.15, 0.06],
    [0.3127, 0.329],
  ],
  film: [
    [0.681, 0.319],
    [0.243, 0.692],
    [0.145, 0.049],
    [0.31, 0.316],
  ],
  bt2020: [
    [0.708, 0.292],
    [0.17, 0.797],
    [0.131, 0.046],
    [0.3127, 0.329],
  ],
  smpte431: [
    [0.68, 0.32],
    [0.265, 0.69],
    [0.15, 0.06],
    [0.314, 0.351],
  ],
  smpte432: [
    [0.68, 0.32],
    [0.265, 0.69],
    [0.15, 0.06],
    [0.3127, 0.329],
  ],
};

/** Reads the tags as players do: what is missing or unknown is guessed from the size and from the other tags. */
export function planColors(tags: ColorTags): ColorPlan {
  const transfer = transfers[tags.transfer] ?? 'srgb';
  const isHdr = transfer === 'pq' || transfer === 'hlg';
  const primaries = tags.primaries in chromaticities ? (tags.primaries as Primaries) : isHdr ? 'bt2020' : 'bt709';
  const isRgb = /^(gbr|rgb|bgr|argb|abgr|pal8)/.test(tags.pixelFormat);
  return {
    matrix: isRgb ? null : (matrices[tags.matrix] ?? guessedMatrix(tags, isHdr)),
    range: isRgb || tags.range === 'pc' || tags.pixelFormat.startsWith('yuvj') ? 'full' : 'limited',
    table: primaries === 'bt709' && transfer === 'srgb' ? null : { primaries, transfer },
    isHdr,
  };
}

function guessedMatrix({ codec, height }: ColorTags, isHdr: boolean): 'bt601' | 'bt709' | 'bt2020' {
  if (isHdr) return 'bt2020';
  return height >= hdHeight && !codecsWithoutGuess.has(codec) ? 'bt709' : 'bt601';
}

/** Points on a side of a table: with tetrahedra between them, errors stay below a step of 8 bits. */
const tableSide = 33;

const tables = new Map<string, string>();

/** The table as a .cube file. Made once per kind of video, as there are few. */
export function colorTable({ primaries, transfer }: NonNullable<ColorPlan['table']>): string {
  const key = `${primaries} ${transfer}`;
  const known = tables.get(key);
  if (known !== undefined) return known;
  const convert = createConverter(primaries, transfer);
  const lines = [`LUT_3D_SIZE ${tableSide}`];
  const levels = Array.from({ length: tableSide }, (_, index) => index / (tableSide - 1));
  // Red changes fastest.
  for (const blue of levels) {
    for (const green of levels) {
      for (const red of levels) {
        const color = convert([red, green, blue]);
        lines.push(color.map((value) => value.toFixed(5)).join(' '));
      }
    }
  }
  const text = `${lines.join('\n')}\n`;
  tables.set(key, text);
  return text;
}

function createConverter(primaries: Primaries, transfer: Transfer): (signal: Triple) => Triple {
  const toBt709 = conversion(primaries);
  return (signal) => {
    const linear = multiply(toBt709, toLight(signal, transfer));
    return linear.map((value) => encodeSrgb(Math.min(1, Math.max(0, value)))) as unknown as Triple;
  };
}

/** Light, where 1 is what the screen shows as white; HDR is mapped to that. */
function toLight(signal: Triple, transfer: Transfer): Triple {
  switch (transfer) {
    case 'srgb':
      return mapTriple(signal, decodeSrgb);
    case 'gamma22':
      return mapTriple(signal, (value) => value ** 2.2);
    case 'gamma28':
      return mapTriple(signal, (value) => value ** 2.8);
    case 'linear':
      return signal;
    case 'pq':
      return toneMap(mapTriple(signal, (value) => pqNits(value) / diffuseWhiteNits));
    case 'hlg':
      return toneMap(hlgDisplayLight(signal));
  }
}

/** Diffuse white of HDR video (ITU-R BT.2408). */
const diffuseWhiteNits = 203;
/** What HLG is shown at, and what PQ is taken to have been made for, where nothing else is said. */
const peakNits = 1_000;

/** SMPTE ST 2084. */
function pqNits(signal: number): number {
  const root = signal ** (1 / 78.843_75);
  return 10_000 * (Math.max(root - 0.835_937_5, 0) / (18.851_562_5 - 18.6875 * root)) ** (1 / 0.159_301_757_812_5);
}

/** ARIB STD-B67 with the gamma of a screen of 1,000 nits. */
function hlgDisplayLight(signal: Triple): Triple {
  const scene = mapTriple(signal, (value) =>
    value <= 0.5 ? value ** 2 / 3 : (Math.exp((value - 0.559_910_73) / 0.178_832_77) + 0.284_668_92) / 12,
  );
  const luminance = 0.2627 * scene[0] + 0.678 * scene[1] + 0.0593 * scene[2];
  const gain = (luminance ** 0.2 * peakNits) / diffuseWhiteNits;
  return mapTriple(scene, (value) => value * gain);
}

/** Light against diffuse white, and what is shown: half as bright up to white, so that there is room above it. */
const toneCurve: readonly (readonly [number, number])[] = [
  [0, 0],
  [1, 0.4926],
  [1.4, 0.614],
  [1.87, 0.716],
  [2.6, 0.818],
  [3.55, 0.905],
  [4.84, 0.991],
  [peakNits / diffuseWhiteNits, 1],
];

/** Maps the brightest channel and takes the others along, so that hues stay. */
function toneMap(light: Triple): Triple {
  const brightest = Math.max(...light);
  if (brightest <= 0) return light;
  const gain = onCurve(brightest) / brightest;
  return mapTriple(light, (value) => value * gain);
}

function onCurve(light: number): number {
  const above = toneCurve.findIndex(([input]) => input >= light);
  if (above < 0) return 1;
  const [rightIn = 0, rightOut = 0] = toneCurve[above] ?? [];
  const [leftIn = 0, leftOut = 0] = toneCurve[above - 1] ?? [];
  if (rightIn === leftIn) return rightOut;
  return leftOut + ((light - leftIn) / (rightIn - leftIn)) * (rightOut - leftOut);
}

function decodeSrgb(value: number): number {
  return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

function encodeSrgb(value: number): number {
  return value <= 0.003_130_8 ? value * 12.92 : 1.055 * value ** (1 / 2.4) - 0.055;
}

type Matrix = readonly [Triple, Triple, Triple];

/** From light of these primaries to light of BT.709, white onto white (Bradford). */
function conversion(primaries: Primaries): Matrix {
  return product(invert(toXyz('bt709')), product(adaptation(primaries), toXyz(primaries)));
}

function xyz([x, y]: readonly [number, number]): Triple {
  return [x / y, 1, (1 - x - y) / y];
}

function toXyz(primaries: Primaries): Matrix {
  const [red, green, blue, white] = chromaticities[primaries].map(xyz) as [Triple, Triple, Triple, Triple];
  const columns = transpose([red, green, blue]);
  const amounts = multiply(invert(columns), white);
  return columns.map((row) => row.map((value, index) => value * (amounts[index] ?? 0))) as unknown as Matrix;
}

const bradford: Matrix = [
  [0.8951, 0.2664, -0.1614],
  [-0.7502, 1.7135, 0.0367],
  [0.0389, -0.0685, 1.0296],
];

function adaptation(primaries: Primaries): Matrix {
  const white = (of: Primaries) => multiply(bradford, xyz(chromaticities[of][3] ?? [0.3127, 0.329]));
  const from = white(primaries);
  const to = white('bt709');
  const scaled = bradford.map((row, index) =>
    row.map((value) => (value * (to[index] ?? 1)) / (from[index] ?? 1)),
  ) as unknown as Matrix;
  return product(invert(bradford), scaled);
}

function mapTriple([a, b, c]: Triple, change: (value: number) => number): Triple {
  return [change(a), change(b), change(c)];
}

function multiply(matrix: Matrix, [a, b, c]: Triple): Triple {
  const row = ([x, y, z]: Triple) => x * a + y * b + z * c;
  return [row(matrix[0]), row(matrix[1]), row(matrix[2])];
}

function transpose([a, b, c]: Matrix): Matrix {
  return [
    [a[0], b[0], c[0]],
    [a[1], b[1], c[1]],
    [a[2], b[2], c[2]],
  ];
}

function product(left: Matrix, right: Matrix): Matrix {
  const columns = transpose(right);
  return transpose([multiply(left, columns[0]), multiply(left, columns[1]), multiply(left, columns[2])]);
}

function invert([[a, b, c], [d, e, f], [g, h, i]]: Matrix): Matrix {
  const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  const over = (value: number) => value / determinant;
  return [
    [over(e * i - f * h), over(c * h - b * i), over(b * f - c * e)],
    [over(f * g - d * i), over(a * i - c * g), over(c * d - a * f)],
    [over(d * h - e * g), over(b * g - a * h), over(a * e - b * d)],
  ];
}
