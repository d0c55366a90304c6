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

/** The light of each of the 256 steps of sRGB, 0 to 1. */
const linear = Float64Array.from({ length: 256 }, (_, step) => {
  const share = step / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
});

type Lab = readonly [number, number, number];

/** Colors in OKLab, one after the other: three numbers each. */
type Points = Float64Array;

/**
 * The main colors of a small image, the largest share first: groups of near colors (k-means in OKLab), beginning with
 * those that are furthest apart, so that the same image always gives the same.
 */
export function mainColors(pixels: Pick<Pixels, 'data' | 'channels'>): MainColor[] {
  const points = seenPoints(pixels);
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
    .map(({ center, count }) => ({ color: toHex(center), share: (3 * count) / points.length }))
    .filter(({ share }) => share >= leastShare)
    .map(({ color, share }) => ({ color, share: Math.round(share * 1_000) / 1_000 }));
}

interface Group {
  readonly center: Lab;
  readonly count: number;
}

function seenPoints({ data, channels }: Pick<Pixels, 'data' | 'channels'>): Points {
  const points = new Float64Array(3 * Math.ceil(data.length / channels));
  const hasAlpha = channels === 2 || channels === 4;
  const [green, blue] = channels < 3 ? [0, 0] : [1, 2];
  let seen = 0;
  for (let at = 0; at < data.length; at += channels) {
    if (hasAlpha && data[at + channels - 1]! < leastAlpha) continue;
    writeLab(points, seen, data[at]!, data[at + green]!, data[at + blue]!);
    seen += 3;
  }
  return points.subarray(0, seen);
}

function pointAt(points: Points, at: number): Lab {
  return [points[at]!, points[at + 1]!, points[at + 2]!];
}

function distance(one: Lab, other: Lab): number {
  const [a, b, c] = [one[0] - other[0], one[1] - other[1], one[2] - other[2]];
  return Math.sqrt(a * a + b * b + c * c);
}

/** The square of the distance between the point at one place and the one at another. */
function gapBetween(points: Points, at: number, others: Points, other: number): number {
  const a = points[at]! - others[other]!;
  const b = points[at + 1]! - others[other + 1]!;
  const c = points[at + 2]! - others[other + 2]!;
  return a * a + b * b + c * c;
}

/** The average, then each time the point furthest from all that were chosen. */
function farApart(points: Points): Lab[] {
  const chosen = [meanOf(points)];
  /** Of each point, to the nearest that is chosen. */
  const gaps = new Float64Array(points.length / 3).fill(Number.POSITIVE_INFINITY);
  while (chosen.length < groups) {
    const last = Float64Array.from(chosen.at(-1)!);
    let [best, far] = [0, 0];
    for (let index = 0; index < gaps.length; index += 1) {
      const gap = Math.min(gaps[index]!, gapBetween(points, 3 * index, last, 0));
      gaps[index] = gap;
      if (gap > far) [best, far] = [index, gap];
    }
    if (far === 0) break;
    chosen.push(pointAt(points, 3 * best));
  }
  return chosen;
}

function regrouped(points: Points, centers: readonly Lab[]): Group[] {
  const places = Float64Array.from(centers.flat());
  const sums = new Float64Array(places.length);
  const counts = new Uint32Array(centers.length);
  for (let at = 0; at < points.length; at += 3) {
    const nearest = nearestOf(places, points, at);
    for (let part = 0; part < 3; part += 1) sums[nearest + part]! += points[at + part]!;
    counts[nearest / 3]! += 1;
  }
  return [...counts].flatMap((count, index): Group[] => {
    const [l, a, b] = pointAt(sums, 3 * index);
    return count === 0 ? [] : [{ center: [l / count, a / count, b / count], count }];
  });
}

/** Where among `places` the one lies that is nearest to a point. */
function nearestOf(places: Points, points: Points, at: number): number {
  let [nearest, least] = [0, Number.POSITIVE_INFINITY];
  for (let place = 0; place < places.length; place += 3) {
    const gap = gapBetween(points, at, places, place);
    if (gap < least) [nearest, least] = [place, gap];
  }
  return nearest;
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

function meanOf(points: Points): Lab {
  const sum: [number, number, number] = [0, 0, 0];
  for (let at = 0; at < points.length; at += 3)
    for (let part = 0; part < 3; part += 1) sum[part]! += points[at + part]!;
  const count = points.length / 3;
  return [sum[0] / count, sum[1] / count, sum[2] / count];
}

/** OKLab (Björn Ottosson, 2020) of an sRGB color. */
function writeLab(points: Points, at: number, red: number, green: number, blue: number): void {
  const [r, g, b] = [linear[red]!, linear[green]!, linear[blue]!];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  points[at] = 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s;
  points[at + 1] = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s;
  points[at + 2] = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s;
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

function encoded(light: number): number {
  const share = light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055;
  return Math.min(255, Math.max(0, Math.round(share * 255)));
}
