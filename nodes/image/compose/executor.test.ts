import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import type { NodeInputs } from '../../../core/node-type/values.ts';
import { blendModes } from '../../../core/node-type/layer-fields.ts';
import { makeOrientedJpeg, makePicture, mediaPath, quarterColors } from '../../../testing/media.ts';
import { startNodeRuns, type NodeRuns } from '../../../testing/node-runs.ts';
import { rasterOf, writePng, type Raster } from '../../../testing/pixels.ts';
import sharp from 'sharp';
import { composeImagesNode } from './definition.ts';
import { composeImagesExecutor } from './executor.ts';

let runs: NodeRuns;
beforeAll(async () => {
  runs = await startNodeRuns({ limits: { maxImagePixels: 4_000_000 } });
});
afterAll(() => runs.stop());

type Color = readonly [number, number, number] | readonly [number, number, number, number];
let files = 0;
const plain = (width: number, height: number, color: Color) =>
  writePng(mediaPath(`plain-${(files += 1)}.png`), width, height, () => color);

interface Given {
  readonly file: string;
  readonly mask?: string;
  readonly settings?: object;
}

async function composedFile(base: string, layers: readonly Given[]): Promise<string> {
  const inputs: Record<string, NodeInputs[string]> = { base: await runs.assetOf(base) };
  const config = [];
  for (const [index, { file, mask, settings }] of layers.entries()) {
    const id = `layer_${'abcdefgh'[index]}`;
    inputs[id] = await runs.assetOf(file);
    if (mask !== undefined) inputs[`${id}_mask`] = await runs.assetOf(mask);
    config.push({ id, ...settings });
  }
  return runs.fileOf((await runs.run(composeImagesExecutor, { layers: config }, inputs))['output']);
}
const composed = async (base: string, layers: readonly Given[]): Promise<Raster> =>
  rasterOf(await composedFile(base, layers));

const gray = () => plain(100, 50, [128, 128, 128]);
const red: Color = [255, 0, 0];

/** The corners of all that is red. */
function redBox(image: Raster): number[] {
  const box = [image.width, image.height, -1, -1] as [number, number, number, number];
  for (let y = 0; y < image.height; y += 1) {
    for (let x = 0; x < image.width; x += 1) {
      if (image.at(x, y)[0] < 240 || image.at(x, y)[1] > 40) continue;
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x);
      box[3] = Math.max(box[3], y);
    }
  }
  return box;
}

test.each<[string, object, number[]]>([
  ['in the middle, in its own size', {}, [45, 20, 54, 29]],
  ['at a corner', { anchor: 'bottom right' }, [90, 40, 99, 49]],
  ['in from a corner', { anchor: 'bottom right', x: -5, y: -10 }, [85, 35, 94, 44]],
  ['at a side, moved down', { anchor: 'left', y: 20 }, [0, 30, 9, 39]],
  ['a fifth as wide as the base, in its shape', { anchor: 'top left', width: 20 }, [0, 0, 19, 19]],
  ['as high as half the base', { anchor: 'top left', height: 50 }, [0, 0, 24, 24]],
  ['stretched over all of it', { width: 100, height: 100 }, [0, 0, 99, 49]],
  ['partly beside it', { anchor: 'top left', x: -5, y: -10 }, [0, 0, 4, 4]],
])('a layer lies %s', async (_where, settings, box) => {
  const image = await composed(await gray(), [{ file: await plain(10, 10, red), settings }]);
  expect([image.width, image.height, image.format]).toEqual([100, 50, 'png']);
  expect(redBox(image)).toEqual(box);
  expect(image.at(60, 45).slice(0, 3)).toEqual(box[2] === 99 && box[0] === 0 ? [255, 0, 0] : [128, 128, 128]);
});

test('a layer wholly beside the base is not seen, and none at all leaves it as it is', async () => {
  const base = await makePicture('png');
  const before = await rasterOf(base);
  const beside = await composed(base, [{ file: await plain(10, 10, red), settings: { x: 200 } }]);
  expect(beside.data.equals(before.data)).toBe(true);
  expect((await composed(base, [])).data.equals(before.data)).toBe(true);
});

test('the last layer is on top, and opacity lets through its share', async () => {
  const layers = [
    { file: await plain(50, 50, red), settings: { anchor: 'left' } },
    { file: await plain(50, 50, [0, 0, 255]), settings: { anchor: 'left', x: 25, opacity: 40 } },
  ];
  const image = await composed(await gray(), layers);
  expect(image.at(10, 25)).toEqual([255, 0, 0, 255]);
  // 60 % of red and 40 % of blue; 60 % of gray and 40 % of blue.
  for (const [x, color] of [
    [35, [153, 0, 102]],
    [60, [77, 77, 179]],
  ] as const)
    for (const channel of [0, 1, 2] as const)
      expect(Math.abs(image.at(x, 25)[channel] - color[channel])).toBeLessThanOrEqual(1);
});

test('turned it goes clockwise around its middle, and no dark comes in at its edges', async () => {
  const quarters = await writePng(mediaPath('arrow.png'), 20, 10, (x) => (x < 10 ? red : [0, 255, 0]));
  const base = await plain(60, 60, [255, 255, 255]);
  const right = await composed(base, [{ file: quarters, settings: { rotation: 90 } }]);
  expect([right.at(30, 22), right.at(30, 38)]).toEqual([
    [255, 0, 0, 255],
    [0, 255, 0, 255],
  ]);
  expect(redBox(right)).toEqual([25, 20, 34, 29]);
  const tilted = await composed(base, [{ file: await plain(30, 30, [255, 255, 255]), settings: { rotation: 30 } }]);
  for (let at = 0; at < tilted.data.length; at += 1) expect(tilted.data[at]).toBeGreaterThanOrEqual(254);
});

/** The formulas of W3C Compositing and Blending Level 1, for channels from 0 to 1. */
const formulas: Readonly<Record<(typeof blendModes)[number], (below: number, above: number) => number>> = {
  normal: (_b, s) => s,
  multiply: (b, s) => b * s,
  screen: (b, s) => b + s - b * s,
  overlay: (b, s) => formulas['hard-light'](s, b),
  darken: (b, s) => Math.min(b, s),
  lighten: (b, s) => Math.max(b, s),
  'color-dodge': (b, s) => (b === 0 ? 0 : s === 1 ? 1 : Math.min(1, b / (1 - s))),
  'color-burn': (b, s) => (b === 1 ? 1 : s === 0 ? 0 : 1 - Math.min(1, (1 - b) / s)),
  'hard-light': (b, s) => (s <= 0.5 ? b * 2 * s : b + (2 * s - 1) - b * (2 * s - 1)),
  'soft-light': (b, s) => {
    const root = b <= 0.25 ? ((16 * b - 12) * b + 4) * b : Math.sqrt(b);
    return s <= 0.5 ? b - (1 - 2 * s) * b * (1 - b) : b + (2 * s - 1) * (root - b);
  },
  difference: (b, s) => Math.abs(b - s),
  exclusion: (b, s) => b + s - 2 * b * s,
  add: (b, s) => Math.min(1, b + s),
};

test.each(blendModes)('%s blends as the standard says, also half opaque', async (blend) => {
  const below: Color = [40, 128, 230];
  const above: Color = [200, 90, 60];
  const base = await plain(20, 10, below);
  const file = await plain(20, 10, above);
  for (const opacity of [100, 50]) {
    const image = await composed(base, [{ file, settings: { blend, opacity } }]);
    for (const channel of [0, 1, 2] as const) {
      const [b, s] = [below[channel] / 255, above[channel] / 255];
      // What is added is added by its share; all else takes the place of what is below by its share.
      const share = opacity / 100;
      const expected = blend === 'add' ? Math.min(1, b + s * share) : b * (1 - share) + formulas[blend](b, s) * share;
      expect({ channel, opacity, off: Math.abs(image.at(10, 5)[channel] - expected * 255) <= 2.5 }).toEqual({
        channel,
        opacity,
        off: true,
      });
    }
  }
});

describe('a mask', () => {
  const ramp = () =>
    writePng(mediaPath('ramp.png'), 100, 50, (x) =>
      x < 50 ? [255, 255, 255] : x < 75 ? [0, 0, 0] : [255, 255, 255, 0],
    );
  const shown = async (settings: object, mask: string) => {
    const image = await composed(await gray(), [
      { file: await plain(10, 10, red), mask, settings: { width: 100, height: 100, ...settings } },
    ]);
    return [20, 60, 90].map((x) => image.at(x, 25)[1] === 0);
  };

  test('shows what is light, or opaque, or the other way round', async () => {
    const mask = await ramp();
    expect(await shown({ mask: 'brightness' }, mask)).toEqual([true, false, false]);
    expect(await shown({ mask: 'brightness', isMaskInverted: true }, mask)).toEqual([false, true, true]);
    expect(await shown({ mask: 'alpha' }, mask)).toEqual([true, true, false]);
    expect(await shown({ mask: 'alpha', isMaskInverted: true }, mask)).toEqual([false, false, true]);
  });

  test('is half seen where it is half light, and multiplies with the alpha of the layer', async () => {
    const half = await plain(10, 10, [128, 128, 128]);
    const settings = { width: 100, height: 100, mask: 'brightness' };
    const solid = await composed(await gray(), [{ file: await plain(10, 10, red), mask: half, settings }]);
    expect(Math.abs(solid.at(50, 25)[0] - (128 + 127 * (128 / 255)))).toBeLessThanOrEqual(1);
    const clear = await composed(await gray(), [{ file: await plain(10, 10, [255, 0, 0, 128]), mask: half, settings }]);
    expect(Math.abs(clear.at(50, 25)[0] - (128 + 127 * (128 / 255) ** 2))).toBeLessThanOrEqual(2);
  });

  test('that is chosen has to be there', async () => {
    const inputs = { base: await runs.assetOf(await gray()), layer_a: await runs.assetOf(await gray()) };
    await expect(
      runs.run(composeImagesExecutor, { layers: [{ id: 'layer_a', mask: 'alpha' }] }, inputs),
    ).rejects.toMatchObject({ code: 'INPUT_MISSING', message: expect.stringContaining('"layer_a_mask"') });
  });
});

test('an upright photo lies upright on a transparent, a gray and a JPEG base, which keep what they are', async () => {
  const photo = await makeOrientedJpeg(6);
  const layer = { file: photo, settings: { width: 50, anchor: 'top left' } };
  const clear = await composed(await plain(80, 60, [0, 0, 0, 0]), [layer]);
  expect(clear.at(70, 50)[3]).toBe(0);
  expect(Math.abs(clear.at(8, 8)[0] - quarterColors.topLeft[0])).toBeLessThan(20);
  const grayFile = mediaPath('really-gray.png');
  await sharp({ create: { width: 80, height: 60, channels: 3, background: '#808080' } })
    .toColourspace('b-w')
    .png()
    .toFile(grayFile);
  const onGray = await composed(grayFile, [layer]);
  expect(onGray.at(8, 8)[0] - onGray.at(8, 8)[1]).toBeGreaterThan(120);
  expect(Math.abs(onGray.at(70, 50)[0] - 128)).toBeLessThanOrEqual(1);
  const jpeg = await composed(await makePicture('jpeg'), [layer]);
  expect([jpeg.format, jpeg.width]).toEqual(['jpeg', 80]);
});

test('the same bytes on each run; a layer that a branch left out is left out', async () => {
  const layers = [{ file: await makePicture('webp'), settings: { width: 30, rotation: 12, blend: 'overlay' } }];
  const [one, other] = [await composedFile(await gray(), layers), await composedFile(await gray(), layers)];
  expect((await readFile(one)).equals(await readFile(other))).toBe(true);
  const base = await runs.assetOf(await gray());
  const alone = await runs.run(composeImagesExecutor, { layers: [{ id: 'layer_a' }] }, { base });
  expect(alone['output']).toMatchObject({ width: 100, height: 50 });
});

test('a layer that would be larger than an image may be, and nothing connected, are refused', async () => {
  const wide = [{ file: await plain(10, 10, red), settings: { width: 1_000, height: 1_000 } }];
  await expect(composed(await plain(1_000, 500, red), wide)).rejects.toMatchObject({ code: 'IMAGE_TOO_MANY_PIXELS' });
  await expect(runs.run(composeImagesExecutor, {})).rejects.toMatchObject({ code: 'INPUT_MISSING' });
});

test('each layer has an input, and one for its mask; ids are given once', () => {
  const { configSchema, handles } = composeImagesNode;
  const config = configSchema.parse({ layers: [{ id: 'layer_b', name: 'Logo', mask: 'alpha' }, { id: 'layer_a' }] });
  expect(handles!(config).inputs.map(({ id, title }) => [id, title])).toEqual([
    ['base', 'Base'],
    ['layer_b', 'Logo'],
    ['layer_b_mask', 'Logo: mask'],
    ['layer_a', 'Layer 2'],
  ]);
  expect(configSchema.safeParse({ layers: [{ id: 'layer_a' }, { id: 'layer_a' }] }).success).toBe(false);
  expect(configSchema.safeParse({ layers: [{ id: 'base' }] }).success).toBe(false);
});
