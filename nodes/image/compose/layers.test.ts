import { describe, expect, test } from '@jest/globals';
import { layerPixels } from '../../../media/image/layer.ts';
import type { Images } from '../../../media/image/image-operation.ts';
import { angleTo, boxOf, broughtForward, draftLayersOf, moved, resized, withLayer, withNewLayer } from './layers.ts';

test('what is no layer is left out; a new one has an id that is free, and is on top', () => {
  const layers = draftLayersOf({ layers: [{ id: 'layer_b' }, null, { name: 'x' }, 'y'] });
  expect(layers).toEqual([{ id: 'layer_b' }]);
  expect(withNewLayer(withNewLayer(layers)).map(({ id }) => id)).toEqual(['layer_b', 'layer_a', 'layer_c']);
});

test('a layer is changed and brought forward, and keeps its id', () => {
  const layers = [{ id: 'layer_a' }, { id: 'layer_b' }];
  expect(withLayer(layers, 'layer_a', { x: 1, id: 'z' })[0]).toEqual({ id: 'layer_a', x: 1 });
  expect(broughtForward(layers, 'layer_a').map(({ id }) => id)).toEqual(['layer_b', 'layer_a']);
  expect(broughtForward(layers, 'layer_b')).toBe(layers);
});

const [own, base] = [
  { width: 40, height: 20 },
  { width: 200, height: 100 },
];

describe('where a layer is drawn', () => {
  test.each<[object]>([
    [{}],
    [{ anchor: 'bottom right', x: -5, y: -10 }],
    [{ anchor: 'top left', width: 25 }],
    [{ height: 50, anchor: 'left' }],
    [{ width: 100, height: 30, anchor: 'bottom' }],
  ])('is where it is composed: %j', async (settings) => {
    const layer = { id: 'layer_a', ...settings };
    const box = boxOf(layer, own, base);
    const shape = {
      anchor: 'center',
      x: 0,
      y: 0,
      width: null,
      height: null,
      rotation: 0,
      opacity: 100,
      ...settings,
    } as const;
    const pixels = await layerPixels({ ...shape, file: 'x', mask: null }, base, imagesOfSize(own));
    const drawn = [box.left * 2, box.top, box.width * 2, box.height].map(Math.round);
    expect(drawn).toEqual([pixels.left, pixels.top, pixels.width, pixels.height]);
  });
});

/** Just enough of what decodes for pixels of the asked size to come out. */
function imagesOfSize(size: { width: number; height: number }): Images {
  const sized = (width: number, height: number) => ({
    resize: sized,
    toColourspace: () => sized(width, height),
    ensureAlpha: () => sized(width, height),
    raw: () => sized(width, height),
    toBuffer: async () => ({ data: Buffer.alloc(width * height * 4), info: { width, height, channels: 4 } }),
  });
  return {
    limits: { maxImagePixels: 1e6, maxAnimationPixels: 1e6, maxImageSide: 10_000 },
    open: async () => ({ info: size }),
    screen: async () => sized(size.width, size.height),
  } as unknown as Images;
}

test.each(['top left', 'center', 'bottom right'])('resized at %s its top left corner stays', (anchor) => {
  const layer = { id: 'layer_a', anchor, x: 3, y: 4, width: 20 };
  const before = boxOf(layer, own, base);
  const change = resized(layer, before, 10);
  const after = boxOf({ ...layer, ...change }, own, base);
  expect(change['width']).toBe(30);
  expect([after.left, after.top]).toEqual([before.left, before.top]);
  expect(resized(layer, before, -500)['width']).toBe(1);
});

test('moves by percent, and points by degrees', () => {
  expect(moved({ id: 'layer_a', x: 1 }, 2.04, -5)).toEqual({ x: 3, y: -5 });
  expect([angleTo(0, -1), angleTo(1, 0), angleTo(0, 1), angleTo(-1, 0)]).toEqual([0, 90, 180, -90]);
});
