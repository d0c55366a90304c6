import type { Pixels } from './image-operation.ts';

/** ITU-R BT.709, in ten thousandths: what red, green and blue weigh. */
const [redWeight, greenWeight, blueWeight] = [2_126, 7_152, 722];

/** The luma of a white pixel; whole numbers are gone through faster than fractions. */
const white = 255 * (redWeight + greenWeight + blueWeight);

/** Writes down the luma of one row of pixels, 0 to `white`. */
function readLuma(row: Int32Array, y: number, { data, channels, width }: Pixels): void {
  const [green, blue] = channels < 3 ? [0, 0] : [1, 2];
  for (let x = 0, at = y * width * channels; x < width; x += 1, at += channels) {
    row[x] = redWeight * data[at]! + greenWeight * data[at + green]! + blueWeight * data[at + blue]!;
  }
}

/** Average luma of all pixels, 0 to 1. */
export function meanLuma(pixels: Pixels): number {
  const { width, height } = pixels;
  const row = new Int32Array(width);
  let sum = 0;
  for (let y = 0; y < height; y += 1) {
    readLuma(row, y, pixels);
    for (const luma of row) sum += luma;
  }
  return sum / Math.max(1, width * height) / white;
}

/** Standard deviation of the Laplacian of the luma: how much changes from pixel to pixel. 0 within fewer than 3 × 3. */
export function sharpnessOf(pixels: Pixels): number {
  const { width, height } = pixels;
  if (width < 3 || height < 3) return 0;
  let [above, row, below] = [new Int32Array(width), new Int32Array(width), new Int32Array(width)];
  readLuma(row, 0, pixels);
  readLuma(below, 1, pixels);
  let sum = 0;
  let squares = 0;
  for (let y = 2; y < height; y += 1) {
    [above, row, below] = [row, below, above];
    readLuma(below, y, pixels);
    for (let x = 1; x < width - 1; x += 1) {
      const edge = row[x - 1]! + row[x + 1]! + above[x]! + below[x]! - 4 * row[x]!;
      sum += edge;
      squares += edge * edge;
    }
  }
  const count = (width - 2) * (height - 2);
  return Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2)) / white;
}
