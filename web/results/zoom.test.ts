import { describe, expect, test } from '@jest/globals';
import { fitted, pannedBy, placeOf, zoomedAt } from './zoom.ts';

const photo = { width: 4_000, height: 3_000 };
const room = { width: 800, height: 800 };

describe('a picture in its room', () => {
  test('is shown whole in the middle, and never blown up', () => {
    expect(placeOf(photo, room, fitted)).toMatchObject({ left: 0, top: 100, scale: 0.2, factorOfPixels: 5 });
    expect(placeOf({ width: 40, height: 20 }, room, fitted)).toMatchObject({ left: 380, top: 390, scale: 1 });
  });

  test('is enlarged around the point of the pointer, which stays where it is', () => {
    const at = { x: 200, y: 300 };
    const before = placeOf(photo, room, fitted);
    const zoom = zoomedAt(photo, room, fitted, 5, at);
    const after = placeOf(photo, room, zoom);
    expect(after.scale).toBe(1);
    const pointOf = (place: typeof before) => [(at.x - place.left) / place.scale, (at.y - place.top) / place.scale];
    for (const [index, value] of pointOf(after).entries()) expect(value).toBeCloseTo(pointOf(before)[index]!, 6);
  });

  test('shows no gap at its sides when it is moved, and comes back at once', () => {
    const zoom = zoomedAt(photo, room, fitted, 5, { x: 400, y: 400 });
    const far = pannedBy(photo, room, zoom, { x: 100_000, y: 0 });
    expect(placeOf(photo, room, far).left).toBe(0);
    const back = pannedBy(photo, room, far, { x: -10, y: 0 });
    expect(placeOf(photo, room, back).left).toBeCloseTo(-10, 6);
  });

  test('is never smaller than whole, and one of its pixels never larger than 32', () => {
    expect(zoomedAt(photo, room, fitted, 0.1, { x: 0, y: 0 })).toEqual(fitted);
    expect(placeOf(photo, room, zoomedAt(photo, room, fitted, 1e9, { x: 400, y: 400 })).scale).toBeCloseTo(32, 6);
  });

  test('with the same zoom shows the same part as one of another size', () => {
    const zoom = zoomedAt(photo, room, fitted, 4, { x: 100, y: 700 });
    const middles = [photo, { width: 400, height: 300 }].map((size) => {
      const { left, top, scale } = placeOf(size, { width: 400, height: 400 }, zoom);
      return [(200 - left) / (size.width * scale), (200 - top) / (size.height * scale)].map((part) => part.toFixed(6));
    });
    expect(middles[0]).toEqual(middles[1]);
  });
});
