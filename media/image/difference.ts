import type { Pixels } from './image-operation.ts';

/** How two images of one size differ. */
export interface Difference {
  /** Share of pixels that differ at all, 0 to 1. */
  readonly changed: number;
  /** Share of pixels that differ so that it is seen, 0 to 1. */
  readonly visible: number;
  /** Structural similarity of their luma (Wang et al. 2004): 1 is the same, 0 has nothing in common. */
  readonly ssim: number;
  /** The smallest box around all that is seen, in percent of the image; null where nothing is. */
  readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number } | null;
}

/** The largest distance of two colors in YIQ, by the weights of Kotsarenko and Ramos (2010). */
const largestDelta = 35_215;

/** What is seen begins at this share of the largest distance, squared as that is. */
const seenFrom = 0.1 * 0.1;

/** What has changed shows in this color on the image, which is pale. */
const markColor = [224, 32, 48] as const;

/** How pale: so much of each pixel is left. */
const paleness = 0.25;

/** A channel on white, as what is transparent is seen. */
function onWhite(value: number, alpha: number): number {
  return alpha === 255 ? value : 255 + (value - 255) * (alpha / 255);
}

/** Squared distance of two colors as the eye weighs them, by how their channels differ: light counts more than hue. */
function delta(dr: number, dg: number, db: number): number {
  const y = dr * 0.29889531 + dg * 0.58662247 + db * 0.11448223;
  const i = dr * 0.59597799 - dg * 0.2741761 - db * 0.32180189;
  const q = dr * 0.21147017 - dg * 0.52261711 + db * 0.31114694;
  return 0.5053 * y * y + 0.299 * i * i + 0.1957 * q * q;
}

/** Compares two RGBA images of the same size; `image` shows where they differ. */
export function compare(before: Pixels, after: Pixels): { readonly difference: Difference; readonly image: Buffer } {
  const { width, height } = before;
  const pixels = width * height;
  const image = Buffer.alloc(pixels * 3);
  // Plain numbers and no small objects: there are millions of pixels.
  const [one, other] = [before.data, after.data];
  const [luma, otherLuma] = [new Float32Array(pixels), new Float32Array(pixels)];
  let [changed, visible] = [0, 0];
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let pixel = 0, at = 0; pixel < pixels; pixel += 1, at += 4) {
    const [alpha, otherAlpha] = [one[at + 3]!, other[at + 3]!];
    const r = onWhite(one[at]!, alpha);
    const g = onWhite(one[at + 1]!, alpha);
    const b = onWhite(one[at + 2]!, alpha);
    const s = onWhite(other[at]!, otherAlpha);
    const t = onWhite(other[at + 1]!, otherAlpha);
    const u = onWhite(other[at + 2]!, otherAlpha);
    const light = 0.2126 * r + 0.7152 * g + 0.0722 * b;
    luma[pixel] = light;
    otherLuma[pixel] = 0.2126 * s + 0.7152 * t + 0.0722 * u;
    const isSame =
      one[at] === other[at] && one[at + 1] === other[at + 1] && one[at + 2] === other[at + 2] && alpha === otherAlpha;
    if (!isSame) changed += 1;
    const to = pixel * 3;
    if (!isSame && delta(r - s, g - t, b - u) > largestDelta * seenFrom) {
      visible += 1;
      const [x, y] = [pixel % width, Math.floor(pixel / width)];
      [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
      [image[to], image[to + 1], image[to + 2]] = markColor;
    } else {
      const gray = 255 + (light - 255) * paleness;
      image[to] = gray;
      image[to + 1] = gray;
      image[to + 2] = gray;
    }
  }
  const percent = (value: number, whole: number) => Number(((value / whole) * 100).toFixed(3));
  const box =
    right < 0
      ? null
      : {
          x: percent(left, width),
          y: percent(top, height),
          width: percent(right - left + 1, width),
          height: percent(bottom - top + 1, height),
        };
  return {
    difference: { changed: changed / pixels, visible: visible / pixels, ssim: ssimOf(luma, otherLuma, before), box },
    image,
  };
}

/** Windows of this side, half over each other. */
const windowSide = 8;
const step = windowSide / 2;

/** Constants of the paper for 8 bits: they keep plain areas from dividing by nothing. */
const [c1, c2] = [(0.01 * 255) ** 2, (0.03 * 255) ** 2];

function ssimOf(one: Float32Array, other: Float32Array, { width, height }: Pick<Pixels, 'width' | 'height'>): number {
  let [sum, windows] = [0, 0];
  const [lastX, lastY] = [Math.max(0, width - windowSide), Math.max(0, height - windowSide)];
  for (let y = 0; ; y = Math.min(lastY, y + step)) {
    for (let x = 0; ; x = Math.min(lastX, x + step)) {
      sum += windowSsim(one, other, { x, y, width, height });
      windows += 1;
      if (x === lastX) break;
    }
    if (y === lastY) break;
  }
  return sum / windows;
}

function windowSsim(
  one: Float32Array,
  other: Float32Array,
  { x, y, width, height }: { x: number; y: number; width: number; height: number },
): number {
  let [a, b, aa, bb, ab, count] = [0, 0, 0, 0, 0, 0];
  for (let row = y; row < Math.min(height, y + windowSide); row += 1) {
    for (let at = row * width + x; at < row * width + Math.min(width, x + windowSide); at += 1) {
      const [p, q] = [one[at]!, other[at]!];
      a += p;
      b += q;
      aa += p * p;
      bb += q * q;
      ab += p * q;
      count += 1;
    }
  }
  const [ma, mb] = [a / count, b / count];
  const [va, vb, cov] = [aa / count - ma * ma, bb / count - mb * mb, ab / count - ma * mb];
  return ((2 * ma * mb + c1) * (2 * cov + c2)) / ((ma * ma + mb * mb + c1) * (va + vb + c2));
}
