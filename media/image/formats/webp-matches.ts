/*
 * Stretches of pixels that came before (RFC 9649, 3.6.2): they are written as a length and a distance.
 */

/** Where a copy begins, how many pixels it has, and how far before it they are, one copy behind the other. */
export type Copies = number[];

/** Finds copies in pixels that come band by band. */
export interface Matches {
  /** Of a band's pixels, counted from the beginning of the image. */
  find(pixels: Int32Array): Copies;
}

const maxDistance = 2 ** 20 - 120;
const maxLength = 4_096;
const hashBits = 18;

/** Places that are looked at for one stretch, the latest first. */
const maxLooks = 6;

/** After so many places without a copy from afar one place less often is looked at, down to every sixteenth. */
const patience = 1_024;
const seldom = 16;

/** A shorter copy takes more bits than the pixels do: of the pixel before or above, and of any other. */
const minNearLength = 3;
const minFarLength = 6;

/** `width` in pixels; `bandPixels` is the most that a band has. */
export function createMatches(width: number, bandPixels: number): Matches {
  const room = 2 ** Math.ceil(Math.log2(maxDistance + bandPixels));
  const mask = room - 1;
  /** The last pixels, and the place before each that looked like it. Places are counted from 1. */
  const window = new Int32Array(room);
  const earlier = new Int32Array(room);
  const latest = new Int32Array(2 ** hashBits);
  let begun = 0;
  let inVain = 0;

  function keyAt(place: number): number {
    const first = Math.imul(window[place & mask]!, 0x9e3779b1);
    const second = Math.imul(window[(place + 1) & mask]!, 0x85ebca6b);
    return ((first ^ (second >>> 15) ^ second) >>> 0) >>> (32 - hashBits);
  }

  function remember(place: number): void {
    const key = keyAt(place);
    earlier[place & mask] = latest[key]!;
    latest[key] = place + 1;
  }

  function lengthOf(place: number, distance: number, most: number): number {
    let length = 0;
    while (length < most && window[(place + length) & mask] === window[(place + length - distance) & mask]) length += 1;
    return length;
  }

  return {
    find(pixels) {
      const copies: Copies = [];
      const end = begun + pixels.length;
      const tail = room - (begun & mask);
      window.set(pixels.subarray(0, tail), begun & mask);
      if (pixels.length > tail) window.set(pixels.subarray(tail), 0);
      for (let place = begun; place < end;) {
        const most = Math.min(maxLength, end - place);
        let distance = place >= 1 ? 1 : 0;
        let length = place >= 1 ? lengthOf(place, 1, most) : 0;
        const above = place >= width ? lengthOf(place, width, most) : 0;
        if (above > length) [distance, length] = [width, above];
        if (length < minNearLength) length = 0;
        const key = keyAt(place);
        const stride = Math.min(seldom, 1 + Math.floor(inVain / patience));
        let other = place % stride === 0 ? latest[key]! - 1 : -1;
        inVain += 1;
        for (let look = 0; look < maxLooks && other >= 0 && place - other <= maxDistance; look += 1) {
          const found = length === most ? 0 : lengthOf(place, place - other, most);
          if (found >= minFarLength && found > length) {
            [distance, length] = [place - other, found];
            inVain = 0;
          }
          other = earlier[other & mask]! - 1;
        }
        earlier[place & mask] = latest[key]!;
        latest[key] = place + 1;
        if (length === 0) {
          place += 1;
          continue;
        }
        copies.push(place, length, distance);
        // Of a stretch of one color the beginning is enough.
        if (distance > 1) for (let inside = 1; inside < length; inside += 1) remember(place + inside);
        place += length;
      }
      begun = end;
      return copies;
    },
  };
}
