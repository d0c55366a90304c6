import { bt2020, matrixBetween, srgb, toLight, type ColorSpace, type Matrix } from './color-space.ts';

/** Pixels of one image as the library gives them raw: 3 or 4 channels, alpha last and not multiplied in. */
export interface Raster {
  readonly data: Uint8Array | Uint16Array;
  readonly channels: number;
}

/** In cd/m2, where HDR content does not say how bright it is. */
const usualPeak = 1_000;

/** What 100 % of an ordinary screen stands for (ITU-R BT.2408), in cd/m2. */
const referenceWhite = 203;

/**
 * Turns pixels of a described color space into 8-bit sRGB as Chromium shows
 * them: colors outside of sRGB are clipped; light above white (PQ, HLG) is
 * brought below it.
 */
export function toSrgb({ data, channels }: Raster, space: ColorSpace, peak = usualPeak): Uint8Array {
  const max = data instanceof Uint16Array ? 65_535 : 255;
  const curve = Float64Array.from({ length: max + 1 }, (_, index) => toLight(space.transfer, index / max));
  const isHdr = space.transfer.kind === 'pq' || space.transfer.kind === 'hlg';
  // Light above white is compressed in BT.2020, so that no channel is negative there.
  const toWorking = isHdr ? matrixBetween(space.primaries, bt2020) : null;
  const toScreen = matrixBetween(isHdr ? bt2020 : space.primaries, srgb.primaries);
  const pixels = data.length / channels;
  const out = new Uint8Array(data.length);
  const light: Light = [0, 0, 0];
  const toneMap = createToneMap(peak / referenceWhite);
  for (let pixel = 0, at = 0; pixel < pixels; pixel += 1, at += channels) {
    for (let channel = 0; channel < 3; channel += 1) light[channel] = curve[data[at + channel] ?? 0] ?? 0;
    if (toWorking !== null) {
      multiplyInto(light, toWorking);
      if (space.transfer.kind === 'hlg') showHlg(light);
      compress(light, toneMap);
    }
    multiplyInto(light, toScreen);
    out[at] = encodeSrgb(light[0]);
    out[at + 1] = encodeSrgb(light[1]);
    out[at + 2] = encodeSrgb(light[2]);
    if (channels === 4) out[at + 3] = max === 255 ? (data[at + 3] ?? 0) : Math.round((data[at + 3] ?? 0) / 257);
  }
  return out;
}

type Light = [number, number, number];

function multiplyInto(light: Light, m: Matrix): void {
  const [r, g, b] = light;
  light[0] = m[0] * r + m[1] * g + m[2] * b;
  light[1] = m[3] * r + m[4] * g + m[5] * b;
  light[2] = m[6] * r + m[7] * g + m[8] * b;
}

/** The OOTF of ITU-R BT.2100 for a screen of 1,000 cd/m2: gamma 1.2 on luminance. */
function showHlg(light: Light): void {
  const luminance = 0.2627 * light[0] + 0.678 * light[1] + 0.0593 * light[2];
  const factor = luminance > 0 ? (usualPeak / referenceWhite) * luminance ** 0.2 : 0;
  for (let channel = 0; channel < 3; channel += 1) light[channel] = (light[channel] ?? 0) * factor;
}

/** The brightest channel decides, so that hues stay. */
function compress(light: Light, toneMap: (light: number) => number): void {
  const brightest = Math.max(light[0], light[1], light[2]);
  if (brightest <= 0) return;
  const factor = toneMap(brightest) / brightest;
  for (let channel = 0; channel < 3; channel += 1) light[channel] = (light[channel] ?? 0) * factor;
}

/**
 * The reference white tone mapping of SMPTE ST 2094-50 for an ordinary screen,
 * after formulas D.1, D.2 and D.5 of its second candidate draft as Skia has
 * them (src/codec/SkHdrAgtm.cpp, `populateUsingRwtmo`): the brighter the
 * content, the further white is lowered (to half at 1,000 cd/m2), so that above
 * it there is room; from there a parabola leads to the peak. Skia takes eight
 * points of it and a cubic of its logarithm between them; here it is itself.
 */
function createToneMap(peak: number): (light: number) => number {
  if (peak <= 1) return (light) => Math.min(light, 1);
  const white = 1 - 0.5 * Math.min(1, Math.log2(peak) / Math.log2(usualPeak / referenceWhite));
  const bend = 0.65;
  const middleX = 1 - bend + bend / white;
  const middleY = (1 - bend) * white + bend;
  return (light) => {
    if (light <= 1) return light * white;
    if (light >= peak) return 1;
    // Where the parabola (1, white) - (middleX, middleY) - (peak, 1) has this light.
    const [a, b, c] = [1 - 2 * middleX + peak, 2 * (middleX - 1), 1 - light];
    const t = Math.abs(a) < 1e-9 ? -c / b : (-b + Math.sqrt(b * b - 4 * a * c)) / (2 * a);
    return white * (1 - t) * (1 - t) + 2 * middleY * t * (1 - t) + t * t;
  };
}

/** Finer than the steps of 8-bit sRGB near black. */
const encodeSteps = 65_535;
const encoded = Uint8Array.from({ length: encodeSteps + 1 }, (_, index) => {
  const light = index / encodeSteps;
  return Math.round(255 * (light <= 0.003_130_8 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055));
});

function encodeSrgb(light: number): number {
  return encoded[light <= 0 ? 0 : light >= 1 ? encodeSteps : Math.round(light * encodeSteps)] ?? 0;
}
