/*
 * What a pixel is expected to be by those before it (RFC 9649, 4.1), so that only the difference has to be written. Pixels
 * are numbers of 32 bits: alpha, red, green, blue.
 */

/** By the number that WebP gives a rule. Those that look up to the right are left out: on photos they took off nothing. */
const predictors = {
  left: 1,
  top: 2,
  average: 7,
  select: 11,
  gradient: 12,
  halfGradient: 13,
} as const;
type Predictor = (typeof predictors)[keyof typeof predictors];

const all = Object.values(predictors);

/** Pixels on a side of the squares that have one rule each, as a power of two. */
export const squareBits = 5;
const side = 2 ** squareBits;

/** Rows by which a rule is chosen: every fourth. */
const lookEvery = 4;

/** Turns rows into differences. */
export interface Differences {
  /** `rows` holds the row above and then `count` others, one behind the other; without one above where `isFirst`. */
  write(rows: Int32Array, count: number, isFirst: boolean, out: Int32Array): void;
  /** The rules of all squares so far, row by row. */
  readonly chosen: readonly Predictor[];
}

/** `width` in pixels. */
export function createDifferences(width: number): Differences {
  const chosen: Predictor[] = [];
  const tried = new Int32Array(width);

  function choose(rows: Int32Array, first: number, last: number, from: number, to: number): Predictor {
    let best: Predictor = predictors.gradient;
    let least = Infinity;
    for (const predictor of all) {
      let cost = 0;
      for (let y = first; y < last; y += lookEvery) {
        subtract(predictor, rows, (y + 1) * width, width, from, to, tried, 0);
        for (let x = from; x < to; x += 1) cost += sizeOf(tried[x]!);
      }
      if (cost < least) [best, least] = [predictor, cost];
    }
    return best;
  }

  return {
    chosen,
    write(rows, count, isFirst, out) {
      for (let first = 0; first < count; first += side) {
        const last = Math.min(count, first + side);
        for (let from = 0; from < width; from += side) {
          const to = Math.min(width, from + side);
          // What has no neighbors has a rule of its own.
          const start = Math.max(1, from);
          const predictor = choose(rows, isFirst && first === 0 ? first + 1 : first, last, start, to);
          chosen.push(predictor);
          for (let y = first; y < last; y += 1) {
            const isTop = isFirst && y === 0;
            const at = (y + 1) * width;
            subtract(isTop ? predictors.left : predictor, rows, at, width, start, to, out, y * width);
            if (from === 0) out[y * width] = difference(rows[at]!, isTop ? opaqueBlack : rows[at - width]!);
          }
        }
      }
    },
  };
}

const opaqueBlack = 0xff000000 | 0;

/** Differences of the pixels `from` to `to` of the row that begins at `row`, into `out` from `offset` on. */
function subtract(
  predictor: Predictor,
  rows: Int32Array,
  row: number,
  width: number,
  from: number,
  to: number,
  out: Int32Array,
  offset: number,
): void {
  const above = row - width;
  switch (predictor) {
    case predictors.left:
      for (let x = from; x < to; x += 1) out[offset + x] = difference(rows[row + x]!, rows[row + x - 1]!);
      break;
    case predictors.top:
      for (let x = from; x < to; x += 1) out[offset + x] = difference(rows[row + x]!, rows[above + x]!);
      break;
    case predictors.average:
      for (let x = from; x < to; x += 1)
        out[offset + x] = difference(rows[row + x]!, average(rows[row + x - 1]!, rows[above + x]!));
      break;
    case predictors.select:
      for (let x = from; x < to; x += 1)
        out[offset + x] = difference(
          rows[row + x]!,
          select(rows[row + x - 1]!, rows[above + x]!, rows[above + x - 1]!),
        );
      break;
    case predictors.gradient:
      for (let x = from; x < to; x += 1)
        out[offset + x] = difference(
          rows[row + x]!,
          gradient(rows[row + x - 1]!, rows[above + x]!, rows[above + x - 1]!),
        );
      break;
    case predictors.halfGradient:
      for (let x = from; x < to; x += 1)
        out[offset + x] = difference(
          rows[row + x]!,
          halfGradient(average(rows[row + x - 1]!, rows[above + x]!), rows[above + x - 1]!),
        );
  }
}

/** Of each channel, modulo 256. */
function difference(value: number, expected: number): number {
  const alphaGreen = (0x00ff00ff + (((value & 0xff00ff00) - (expected & 0xff00ff00)) | 0)) & 0xff00ff00;
  const redBlue = (0xff00ff00 + ((value & 0x00ff00ff) - (expected & 0x00ff00ff))) & 0x00ff00ff;
  return alphaGreen | redBlue;
}

/** Of each channel, rounded down. */
function average(one: number, other: number): number {
  return (((one ^ other) & 0xfefefefe) >>> 1) + (one & other);
}

function select(left: number, top: number, corner: number): number {
  const toLeft =
    Math.abs((top >>> 24) - (corner >>> 24)) +
    Math.abs(((top >> 16) & 255) - ((corner >> 16) & 255)) +
    Math.abs(((top >> 8) & 255) - ((corner >> 8) & 255)) +
    Math.abs((top & 255) - (corner & 255));
  const toTop =
    Math.abs((left >>> 24) - (corner >>> 24)) +
    Math.abs(((left >> 16) & 255) - ((corner >> 16) & 255)) +
    Math.abs(((left >> 8) & 255) - ((corner >> 8) & 255)) +
    Math.abs((left & 255) - (corner & 255));
  return toLeft < toTop ? left : top;
}

const clamped = (value: number): number => (value < 0 ? 0 : value > 255 ? 255 : value);

function gradient(left: number, top: number, corner: number): number {
  return (
    (clamped((left >>> 24) + (top >>> 24) - (corner >>> 24)) << 24) |
    (clamped(((left >> 16) & 255) + ((top >> 16) & 255) - ((corner >> 16) & 255)) << 16) |
    (clamped(((left >> 8) & 255) + ((top >> 8) & 255) - ((corner >> 8) & 255)) << 8) |
    clamped((left & 255) + (top & 255) - (corner & 255))
  );
}

function halfGradient(mean: number, corner: number): number {
  return (
    (beyond(mean >>> 24, corner >>> 24) << 24) |
    (beyond((mean >> 16) & 255, (corner >> 16) & 255) << 16) |
    (beyond((mean >> 8) & 255, (corner >> 8) & 255) << 8) |
    beyond(mean & 255, corner & 255)
  );
}

const beyond = (mean: number, corner: number): number => clamped(mean + Math.trunc((mean - corner) / 2));

/** By how much the channels differ, in all. */
function sizeOf(pixel: number): number {
  return (
    Math.abs(pixel >> 24) + Math.abs((pixel << 8) >> 24) + Math.abs((pixel << 16) >> 24) + Math.abs((pixel << 24) >> 24)
  );
}
