import type { Pixels } from './image-operation.ts';

/** One of the main colors of a image. */
export interface MainColor {
  /** `#rrggbb`. */
  readonly color: string;
  /** Of what can be seen, 0 to 1. */
  readonly share: number;
}

/** So many groups of colors are looked for; those that look alike are one. */
const groups = 6;

/** After so many rounds nothing moves any more that anybody would see. */
const rounds = 12;

/** In OKLab: closer than this two colors are taken for one by a quick look. */
const alike = 0.08;

/** Less than this share is no main color, but what lies between two. */
const leastShare = 0.03;

/** Below it a pixel is not seen. */
const leastAlpha = 128;

type Lab = readonly [number, number, number];

/**
 * The main colors of a small image, the largest share first: groups of near colors (k-means in OKLab), beginning with
 * those that are furthest apart, so that the same image always gives the same.
 */
export function mainColors({ data, channels }: Pick<Pixels, 'data' | 'channels'>): MainColor[] {
  const points: Lab[] = [];
  for (let at = 0; at < data.length; at += channels) {
    const hasAlpha = channels === 2 || channels === 4;
    if (hasAlpha && data[at + channels - 1]! < leastAlpha) continue;
    const isGray = channels < 3;
    points.push(toLab(data[at]!, data[at + (isGray ? 0 : 1)]!, data[at + (isGray ? 0 : 2)]!));
  }
  if (points.length === 0) return [];
  let found = farApart(points).map((center): Group => ({ center, count: 0 }));
  for (let round = 0; round < rounds; round += 1) {
    const centers = found.map(({ center }) => center);
    found = regrouped(points, centers);
    const isSettled =
      found.length === centers.length && found.every(({ center }, at) => distance(center, centers[at]!) === 0);
    if (isSettled) break;
  }
  return merged(found)
    .map(({ center, count }) => ({ color: toHex(center), share: count / points.length }))
    .filter(({ share }) => share >= leastShare)
    .map(({ color, share }) => ({ color, share: Math.round(share * 1_000) / 1_000 }));
}

interface Group {
  readonly center: Lab;
  readonly count: number;
}

function distance(one: Lab, other: Lab): number {
  const [a, b, c] = [one[0] - other[0], one[1] - other[1], one[2] - other[2]];
  return Math.sqrt(a * a + b * b + c * c);
}

/** The point nearest to the average, then each time the one furthest from all that were chosen. */
function farApart(points: readonly Lab[]): Lab[] {
  const chosen = [meanOf(points)];
  /** Of each point, to the nearest that is chosen. */
  const gaps = new Float64Array(points.length).fill(Number.POSITIVE_INFINITY);
  while (chosen.length < groups) {
    const last = chosen.at(-1)!;
    let [best, far] = [points[0]!, 0];
    for (const [at, point] of points.entries()) {
      const gap = Math.min(gaps[at]!, distance(point, last));
      gaps[at] = gap;
      if (gap > far) [best, far] = [point, gap];
    }
    if (far === 0) break;
    chosen.push(best);
  }
  return chosen;
}

function regrouped(points: readonly Lab[], centers: readonly Lab[]): Group[] {
  const members = centers.map((): Lab[] => []);
  for (const point of points) {
    let [nearest, least] = [0, Number.POSITIVE_INFINITY];
    for (let at = 0; at < centers.length; at += 1) {
      const gap = distance(point, centers[at]!);
      if (gap < least) [nearest, least] = [at, gap];
    }
    members[nearest]!.push(point);
  }
  return members.filter((list) => list.length > 0).map((list) => ({ center: meanOf(list), count: list.length }));
}

function merged(found: readonly Group[]): Group[] {
  const result: Group[] = [];
  for (const group of found.toSorted((a, b) => b.count - a.count)) {
    const at = result.findIndex((other) => distance(other.center, group.center) < alike);
    const other = result[at];
    if (other === undefined) result.push(group);
    else result[at] = { center: other.center, count: other.count + group.count };
  }
  return result.toSorted((a, b) => b.count - a.count);
}

function meanOf(points: readonly Lab[]): Lab {
  const sum: [number, number, number] = [0, 0, 0];
  for (const point of points) for (let part = 0; part < 3; part += 1) sum[part]! += point[part]!;
  return [sum[0] / points.length, sum[1] / points.length, sum[2] / points.length];
}

/** OKLab (Björn Ottosson, 2020) of an sRGB color. */
function toLab(red: number, green: number, blue: number): Lab {
  const [r, g, b] = [linear(red), linear(green), linear(blue)];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function toHex([light, a, b]: Lab): string {
  const l = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (light - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const channels = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  return `#${channels.map((channel) => encoded(channel).toString(16).padStart(2, '0')).join('')}`;
}

function linear(value: number): number {
  const share = value / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}

function encoded(light: number): number {
  const share = light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055;
  return Math.min(255, Math.max(0, Math.round(share * 255)));
}
