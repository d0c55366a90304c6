import { visibleAlpha, type Palette } from './color-palette.ts';

/** Of each channel, when the nearest color is looked up. */
const keyBits = 6;
const dropped = 8 - keyBits;

/** Finds the indexes of colors row by row, from the top. */
export type IndexRow = (row: Uint8Array, onIndex: (index: number) => void) => void;

/** Those of an image whose colors all are in the palette. */
export function exactIndexes({ colors, transparent }: Palette): IndexRow {
  const indexes = new Map(colors.map((color, index) => [color, index]));
  let last = -1;
  let index = 0;
  return (row, onIndex) => {
    for (let at = 0; at < row.length; at += 4) {
      if (transparent !== null && row[at + 3]! < visibleAlpha) {
        onIndex(transparent);
        continue;
      }
      const color = (row[at]! << 16) | (row[at + 1]! << 8) | row[at + 2]!;
      if (color !== last) index = indexes.get(color)!;
      last = color;
      onIndex(index);
    }
  };
}

/**
 * The nearest colors: what each of them is off is handed on to its neighbors (Floyd and Steinberg), in rows that go to the
 * right and to the left in turn.
 */
export function ditheredIndexes({ colors, transparent }: Palette, width: number): IndexRow {
  const find = createFinder(colors);
  const indexes = new Uint8Array(width);
  let errors = new Float32Array((width + 2) * 3);
  let nextErrors = new Float32Array((width + 2) * 3);
  let direction = 1;
  return (row, onIndex) => {
    nextErrors.fill(0);
    for (let count = 0, x = direction > 0 ? 0 : width - 1; count < width; count += 1, x += direction) {
      if (transparent !== null && row[x * 4 + 3]! < visibleAlpha) {
        indexes[x] = transparent;
        continue;
      }
      const at = (x + 1) * 3;
      const red = toByte(row[x * 4]! + errors[at]!);
      const green = toByte(row[x * 4 + 1]! + errors[at + 1]!);
      const blue = toByte(row[x * 4 + 2]! + errors[at + 2]!);
      const index = find(red, green, blue);
      const color = colors[index]!;
      indexes[x] = index;
      spread(red - (color >> 16), at);
      spread(green - ((color >> 8) & 255), at + 1);
      spread(blue - (color & 255), at + 2);
    }
    [errors, nextErrors] = [nextErrors, errors];
    direction = -direction;
    for (const index of indexes) onIndex(index);
  };

  function spread(error: number, at: number): void {
    const ahead = direction * 3;
    const part = error / 16;
    errors[at + ahead]! += part * 7;
    nextErrors[at - ahead]! += part * 3;
    nextErrors[at]! += part * 5;
    nextErrors[at + ahead]! += part;
  }
}

const toByte = (value: number): number => (value <= 0 ? 0 : value >= 255 ? 255 : Math.round(value));

/** Remembers what was found for colors that are alike in their upper bits. */
function createFinder(colors: readonly number[]): (red: number, green: number, blue: number) => number {
  const found = new Int16Array(2 ** (3 * keyBits)).fill(-1);
  const middle = 2 ** (dropped - 1);
  const center = (value: number) => ((value >> dropped) << dropped) + middle;
  return (red, green, blue) => {
    const key = ((red >> dropped) << (2 * keyBits)) | ((green >> dropped) << keyBits) | (blue >> dropped);
    const known = found[key]!;
    if (known >= 0) return known;
    return (found[key] = nearestOf(colors, center(red), center(green), center(blue)));
  };
}

/** By what the eye sees: green counts most, blue least. */
function nearestOf(colors: readonly number[], red: number, green: number, blue: number): number {
  let best = 0;
  let least = Infinity;
  for (const [index, color] of colors.entries()) {
    const [r, g, b] = [(color >> 16) - red, ((color >> 8) & 255) - green, (color & 255) - blue];
    const distance = 3 * r * r + 4 * g * g + 2 * b * b;
    if (distance < least) [best, least] = [index, distance];
  }
  return best;
}
