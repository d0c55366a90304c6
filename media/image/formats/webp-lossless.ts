import { createBitWriter, lengthInBits, putKept, type BitWriter } from './bit-writer.ts';
import { writePrefixCode, type PrefixCode } from './prefix-codes.ts';
import { createMatches, type Copies } from './webp-matches.ts';
import { createDifferences, squareBits } from './webp-predictors.ts';

/*
 * A lossless WebP (RFC 9649) that is written while its rows come: green is taken from red and blue, each pixel is told by
 * its difference from what its neighbors suggest, stretches that came before are copied, and all of it is written by prefix
 * codes that each square of an image has for itself.
 */

/** The image of a WebP, without the file around it. */
export interface LosslessWriter {
  /** A row from the top: red, green, blue and alpha of 8 bits. */
  add(row: Uint8Array): void;
  /** After the last row. */
  end(): EndedImage;
}

interface EndedImage {
  readonly byteLength: number;
  /** Gives all bytes, piece by piece; a piece is overwritten by the next one. */
  write(onPiece: (piece: Uint8Array) => void): void;
}

/** Pixels on a side of the squares that have codes of their own, as a power of two. */
const groupBits = 8;
const bandRows = 2 ** groupBits;

const lengthSymbols = 24;
/** Green and lengths, red, blue, alpha, distances: in this order they are written. */
const alphabets = [256 + lengthSymbols, 256, 256, 256, 40] as const;
type Five<Item> = readonly [Item, Item, Item, Item, Item];

/** `width` and `height` of at most 16,384 pixels. */
export function createLosslessWriter(shape: { width: number; height: number; hasAlpha: boolean }): LosslessWriter {
  const { width, height } = shape;
  const columns = Math.ceil(width / bandRows);
  const rowsOfBand = Math.min(bandRows, height);
  /** The row above the band, and its own. */
  const pixels = new Int32Array(width * (rowsOfBand + 1));
  const band = new Int32Array(width * rowsOfBand);
  const differences = createDifferences(width);
  const matches = createMatches(width, band.length);
  const [codes, data] = [createBitWriter(), createBitWriter()];
  let rows = 0;
  let held = 0;
  let begun = 0;

  function endBand(): void {
    differences.write(pixels, held, rows === held, band);
    const differing = band.subarray(0, held * width);
    const tokens = { pixels: differing, begun, width, copies: matches.find(differing) };
    const counts = Array.from({ length: columns }, emptyCounts);
    walk(tokens, {
      literal: (column, pixel) => count(counts[column]!, pixel),
      copy(column, length, distance) {
        counts[column]![0][256 + symbolOf(length)]! += 1;
        counts[column]![4][symbolOf(distance)]! += 1;
      },
    });
    const ofColumns = counts.map((five) => five.map((each) => writePrefixCode(codes, each)) as unknown as Codes);
    walk(tokens, {
      literal: (column, pixel) => putPixel(data, ofColumns[column]!, pixel),
      copy(column, length, distance) {
        putPrefixed(data, ofColumns[column]![0], 256, length);
        putPrefixed(data, ofColumns[column]![4], 0, distance);
      },
    });
    pixels.copyWithin(0, held * width, (held + 1) * width);
    begun += differing.length;
    held = 0;
  }

  return {
    add(row) {
      const offset = (held + 1) * width;
      for (let x = 0, at = 0; x < width; x += 1, at += 4) {
        const green = row[at + 1]!;
        const [red, blue] = [(row[at]! - green) & 255, (row[at + 2]! - green) & 255];
        pixels[offset + x] = (row[at + 3]! << 24) | (red << 16) | (green << 8) | blue;
      }
      held += 1;
      rows += 1;
      if (held === rowsOfBand || rows === height) endBand();
    },
    end() {
      const head = createBitWriter();
      writeHead(head, shape, differences.chosen, columns * Math.ceil(height / bandRows));
      const parts = [head, codes, data].map((writer) => writer.kept());
      return {
        byteLength: Math.ceil(parts.reduce((sum, part) => sum + lengthInBits(part), 0) / 8),
        write(onPiece) {
          const out = createBitWriter(onPiece);
          for (const part of parts) putKept(out, part);
          out.end();
        },
      };
    },
  };
}

type Counts = Five<Uint32Array>;
type Codes = Five<PrefixCode>;

const emptyCounts = (): Counts => alphabets.map((size) => new Uint32Array(size)) as unknown as Counts;

function count([green, red, blue, alpha]: Counts, pixel: number): void {
  green[(pixel >> 8) & 255]! += 1;
  red[(pixel >> 16) & 255]! += 1;
  blue[pixel & 255]! += 1;
  alpha[pixel >>> 24]! += 1;
}

function putPixel(out: BitWriter, [green, red, blue, alpha]: Codes, pixel: number): void {
  putSymbol(out, green, (pixel >> 8) & 255);
  putSymbol(out, red, (pixel >> 16) & 255);
  putSymbol(out, blue, pixel & 255);
  putSymbol(out, alpha, pixel >>> 24);
}

function putSymbol(out: BitWriter, { codes, lengths }: PrefixCode, symbol: number): void {
  out.put(codes[symbol]!, lengths[symbol]!);
}

/** Of a length or a distance: its size is a symbol, the rest follows as it is. */
function symbolOf(value: number): number {
  const from0 = value - 1;
  if (from0 < 2) return from0;
  const top = 31 - Math.clz32(from0);
  return 2 * top + ((from0 >> (top - 1)) & 1);
}

function putPrefixed(out: BitWriter, code: PrefixCode, firstSymbol: number, value: number): void {
  const symbol = symbolOf(value);
  putSymbol(out, code, firstSymbol + symbol);
  if (symbol < 4) return;
  const bits = (symbol >> 1) - 1;
  out.put((value - 1) & (2 ** bits - 1), bits);
}

interface Tokens {
  readonly pixels: Int32Array;
  /** Pixels of the image before them. */
  readonly begun: number;
  readonly width: number;
  readonly copies: Copies;
}

interface TokenReader {
  /** `column` of the squares. */
  literal(column: number, pixel: number): void;
  copy(column: number, length: number, distance: number): void;
}

function walk({ pixels, begun, width, copies }: Tokens, reader: TokenReader): void {
  let next = 0;
  for (let at = 0, x = 0; at < pixels.length;) {
    if (copies[next] === begun + at) {
      const [length, distance] = [copies[next + 1]!, copies[next + 2]!];
      reader.copy(x >> groupBits, length, distanceCode(distance, width));
      next += 3;
      at += length;
      x = (x + length) % width;
    } else {
      reader.literal(x >> groupBits, pixels[at]!);
      at += 1;
      x = x + 1 === width ? 0 : x + 1;
    }
  }
}

/** The pixel above and the one before have short names; all other distances are told in pixels. */
function distanceCode(distance: number, width: number): number {
  if (distance === width) return 1;
  return distance === 1 ? 2 : distance + 120;
}

/** What a decoder has to know before the codes of the groups. */
function writeHead(
  out: BitWriter,
  { width, height, hasAlpha }: { width: number; height: number; hasAlpha: boolean },
  rules: readonly number[],
  groups: number,
): void {
  out.put(0x2f, 8);
  out.put(width - 1, 14);
  out.put(height - 1, 14);
  out.put(hasAlpha ? 1 : 0, 1);
  out.put(0, 3);
  // Green is taken from red and blue; then come differences, by rules of squares. A zero ends the list.
  out.put(1, 1);
  out.put(2, 2);
  out.put(1, 1);
  out.put(0, 2);
  out.put(squareBits - 2, 3);
  writeNumbers(out, rules);
  out.put(0, 1);
  // No colors are remembered; the groups of codes are told by squares.
  out.put(0, 1);
  out.put(1, 1);
  out.put(groupBits - 2, 3);
  writeNumbers(
    out,
    Array.from({ length: groups }, (_, group) => group),
  );
}

/** An image inside of the image: numbers below 65,536 in red and green. */
function writeNumbers(out: BitWriter, numbers: readonly number[]): void {
  out.put(0, 1);
  const counts = emptyCounts();
  for (const number of numbers) count(counts, number << 8);
  const codes = counts.map((each) => writePrefixCode(out, each)) as unknown as Codes;
  for (const number of numbers) putPixel(out, codes, number << 8);
}
