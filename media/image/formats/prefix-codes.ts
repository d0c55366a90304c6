import type { BitWriter } from './bit-writer.ts';

/*
 * Canonical prefix codes as WebP has them (RFC 9649, 3.7.2): the more often a symbol comes, the fewer bits it takes.
 */

/** Codes of an alphabet, ready to be written. */
export interface PrefixCode {
  /** Bits of each symbol; zero where it never comes, or where it is the only one. */
  readonly lengths: Uint8Array;
  /** Turned around, as bits are written from the lowest. */
  readonly codes: Uint16Array;
}

const maxLength = 15;
const maxLengthOfLengths = 7;

/** The order in which lengths of the codes for lengths are written. */
const lengthOrder = [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/** Writes the code for an alphabet whose symbols come so often, and gives it. */
export function writePrefixCode(out: BitWriter, counts: Uint32Array): PrefixCode {
  const used = usedSymbols(counts);
  if (used.length <= 2 && used.every((symbol) => symbol < 256)) return writeSimple(out, counts.length, used);
  const lengths = codeLengths(counts, maxLength);
  out.put(0, 1);
  writeLengths(out, lengths);
  return { lengths, codes: canonicalCodes(lengths) };
}

function usedSymbols(counts: Uint32Array): number[] {
  const used: number[] = [];
  for (let symbol = 0; symbol < counts.length; symbol += 1) if (counts[symbol]! > 0) used.push(symbol);
  return used;
}

/** One or two symbols, named as they are. */
function writeSimple(out: BitWriter, size: number, used: readonly number[]): PrefixCode {
  const [first = 0, second] = used;
  out.put(1, 1);
  out.put(second === undefined ? 0 : 1, 1);
  out.put(1, 1);
  out.put(first, 8);
  const lengths = new Uint8Array(size);
  if (second !== undefined) {
    out.put(second, 8);
    lengths[first] = lengths[second] = 1;
  }
  return { lengths, codes: canonicalCodes(lengths) };
}

/** The lengths of an alphabet, themselves by a prefix code, with runs of zeros shortened. */
function writeLengths(out: BitWriter, lengths: Uint8Array): void {
  const tokens: { readonly symbol: number; readonly extra: number; readonly bits: number }[] = [];
  for (let at = 0; at < lengths.length;) {
    let zeros = 0;
    while (zeros < 138 && lengths[at + zeros] === 0) zeros += 1;
    if (zeros >= 11) tokens.push({ symbol: 18, extra: zeros - 11, bits: 7 });
    else if (zeros >= 3) tokens.push({ symbol: 17, extra: zeros - 3, bits: 3 });
    else {
      zeros = 1;
      tokens.push({ symbol: lengths[at]!, extra: 0, bits: 0 });
    }
    at += zeros;
  }
  const counts = new Uint32Array(lengthOrder.length);
  for (const { symbol } of tokens) counts[symbol]! += 1;
  const ofLengths = codeLengths(counts, maxLengthOfLengths);
  const written = 1 + lengthOrder.findLastIndex((symbol) => ofLengths[symbol]! > 0);
  out.put(Math.max(4, written) - 4, 4);
  for (const symbol of lengthOrder.slice(0, Math.max(4, written))) out.put(ofLengths[symbol]!, 3);
  // All symbols of the alphabet have a length.
  out.put(0, 1);
  const codes = canonicalCodes(ofLengths);
  for (const { symbol, extra, bits } of tokens) {
    out.put(codes[symbol]!, ofLengths[symbol]!);
    out.put(extra, bits);
  }
}

/** By Huffman, of at least two symbols; where a code would be too long, rare symbols are counted more often. */
function codeLengths(counts: Uint32Array, most: number): Uint8Array {
  const used = usedSymbols(counts);
  for (let symbol = 0; used.length < 2; symbol += 1) if (!used.includes(symbol)) used.push(symbol);
  const lengths = new Uint8Array(counts.length);
  for (let least = 1; ; least *= 2) {
    const depths = huffmanDepths(used.map((symbol) => Math.max(counts[symbol]!, least)));
    if (Math.max(...depths) > most) continue;
    for (const [index, symbol] of used.entries()) lengths[symbol] = depths[index]!;
    return lengths;
  }
}

/** How deep each of some weights lies in their tree. */
function huffmanDepths(weights: readonly number[]): number[] {
  const order = weights.map((_, index) => index).toSorted((one, other) => weights[one]! - weights[other]!);
  const inner: number[] = [];
  const parents = new Int32Array(2 * weights.length - 1);
  let nextLeaf = 0;
  let nextInner = 0;
  // Leaves from the lightest, then what was put together of them: both are in order.
  const takeLightest = (): { node: number; weight: number } => {
    const leaf = nextLeaf < order.length ? weights[order[nextLeaf]!]! : Infinity;
    const made = nextInner < inner.length ? inner[nextInner]! : Infinity;
    if (leaf <= made) return { node: order[nextLeaf++]!, weight: leaf };
    return { node: weights.length + nextInner++, weight: made };
  };
  while (inner.length < weights.length - 1) {
    const [one, other] = [takeLightest(), takeLightest()];
    parents[one.node] = parents[other.node] = weights.length + inner.length;
    inner.push(one.weight + other.weight);
  }
  const depths = new Int32Array(parents.length);
  for (let node = parents.length - 2; node >= 0; node -= 1) depths[node] = depths[parents[node]!]! + 1;
  return [...depths.subarray(0, weights.length)];
}

function canonicalCodes(lengths: Uint8Array): Uint16Array {
  const codes = new Uint16Array(lengths.length);
  let code = 0;
  for (let length = 1; length <= maxLength; length += 1) {
    for (let symbol = 0; symbol < lengths.length; symbol += 1) {
      if (lengths[symbol] !== length) continue;
      codes[symbol] = reversed(code, length);
      code += 1;
    }
    code *= 2;
  }
  return codes;
}

function reversed(code: number, length: number): number {
  let result = 0;
  for (let bit = 0; bit < length; bit += 1) result |= ((code >> bit) & 1) << (length - 1 - bit);
  return result;
}
