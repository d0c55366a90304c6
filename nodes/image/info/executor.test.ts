import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import sharp from 'sharp';
import {
  isClose,
  make16BitPng,
  makeAnimatedGif,
  makeCmykJpeg,
  makeCountingClip,
  makeOrientedJpeg,
  makeP3Jpeg,
  makePicture,
  makeTransparentPng,
  mediaPath,
  type Rgb,
} from '../../../testing/media.ts';
import { startNodeRuns, type NodeRuns } from '../../../testing/node-runs.ts';
import { writePng } from '../../../testing/pixels.ts';
import { imageInfoExecutor } from './executor.ts';

let runs: NodeRuns;
beforeAll(async () => {
  runs = await startNodeRuns();
});
afterAll(() => runs.stop());

interface Facts {
  readonly mainColors: readonly { readonly color: string; readonly share: number }[];
  readonly sharpness: number;
  readonly brightness: number;
  readonly photo: object;
}

async function factsOf(file: string, data: object = {}): Promise<Facts> {
  const { output } = await runs.run(imageInfoExecutor, data, { image: await runs.assetOf(file) });
  return output as unknown as Facts;
}

test.each([
  [
    'a PNG',
    () => makePicture('png'),
    {
      format: 'png',
      width: 80,
      height: 60,
      orientation: 'landscape',
      colors: 'sRGB',
      hasAlpha: false,
      bitsPerChannel: 8,
      frames: 1,
    },
  ],
  ['16 bits', make16BitPng, { bitsPerChannel: 16 }],
  ['a wide profile', makeP3Jpeg, { format: 'jpeg', colors: 'profile' }],
  ['inks', makeCmykJpeg, { colors: 'CMYK' }],
  ['transparent parts', () => makeTransparentPng(), { hasAlpha: true }],
  [
    'an animation',
    () =>
      makeAnimatedGif([
        [255, 0, 0],
        [0, 255, 0],
        [0, 0, 255],
      ]),
    { format: 'gif', frames: 3 },
  ],
  ['a photo on its side', () => makeOrientedJpeg(6), { width: 80, height: 60, photo: { camera: 'HeddleCam' } }],
])('%s', async (_, make, expected) => {
  expect(await factsOf(await make())).toMatchObject(expected);
});

test('bytes are those of the file', async () => {
  const image = await runs.assetOf(await makePicture('webp'));
  expect((await runs.run(imageInfoExecutor, {}, { image }))['output']).toMatchObject({ bytes: image.bytes });
});

test('how a photo was taken is told, where it was taken and by whom is not', async () => {
  const file = mediaPath('photo.jpg');
  await sharp(await makePicture('jpeg'))
    .withExif({
      IFD0: { Make: 'Canon', Model: 'Canon EOS R6', Artist: 'Ada Lovelace' },
      IFD2: {
        DateTimeOriginal: '2026:05:01 12:30:00',
        ExposureTime: '1/250',
        FNumber: '28/10',
        ISOSpeedRatings: '400',
        FocalLength: '50/1',
        LensModel: 'RF50mm F1.8',
        BodySerialNumber: '1234567',
      },
      IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '52/1 31/1 0/1' },
    })
    .toFile(file);
  const facts = await factsOf(file);
  expect(facts.photo).toEqual({
    camera: 'Canon EOS R6',
    lens: 'RF50mm F1.8',
    takenAt: '2026-05-01T12:30:00',
    exposureS: 0.004,
    aperture: 2.8,
    iso: 400,
    focalLengthMm: 50,
  });
  expect(JSON.stringify(facts)).not.toMatch(/Ada|1234567|52/);
});

describe('main colors', () => {
  test('are those of the areas, with their shares, the largest first', async () => {
    const file = await writePng(mediaPath('areas.png'), 100, 100, (x) =>
      x < 60 ? [200, 30, 30] : x < 90 ? [30, 60, 200] : [240, 240, 240],
    );
    const { mainColors } = await factsOf(file);
    const rgb = mainColors.map(
      ({ color }): Rgb => [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16)) as unknown as Rgb,
    );
    const areas: readonly Rgb[] = [
      [200, 30, 30],
      [30, 60, 200],
      [240, 240, 240],
    ];
    expect(rgb).toHaveLength(3);
    areas.forEach((color, at) => expect([rgb[at], isClose(rgb[at]!, color, 4)]).toEqual([rgb[at], true]));
    mainColors.forEach(({ share }, at) => expect(Math.abs(share - [0.6, 0.3, 0.1][at]!)).toBeLessThan(0.03));
  });

  test('leave out what is transparent, and are as many as asked for', async () => {
    expect((await factsOf(await makeTransparentPng())).mainColors).toEqual([{ color: '#dc1e1e', share: 1 }]);
    expect((await factsOf(await makePicture('png'), { maxColors: 2 })).mainColors).toHaveLength(2);
    const nothing = await writePng(mediaPath('nothing.png'), 20, 20, () => [1, 2, 3, 0]);
    expect((await factsOf(nothing)).mainColors).toEqual([]);
  });
});

test('sharpness falls with each step of blur, and plain images have none', async () => {
  const checks = await writePng(mediaPath('checks.png'), 128, 128, (x, y) =>
    ((x >> 2) + (y >> 2)) % 2 === 0 ? [0, 0, 0] : [255, 255, 255],
  );
  const values = [];
  for (const sigma of [0, 1, 2, 4]) {
    const file = mediaPath(`blur-${sigma}.png`);
    await (sigma === 0 ? sharp(checks) : sharp(checks).blur(sigma)).png().toFile(file);
    values.push((await factsOf(file)).sharpness);
  }
  expect(values).toEqual(values.toSorted((a, b) => b - a));
  expect(values[0]! / values[3]!).toBeGreaterThan(20);
  const plain = await writePng(mediaPath('gray.png'), 40, 40, () => [128, 128, 128]);
  expect(await factsOf(plain)).toMatchObject({ sharpness: 0, brightness: 0.502 });
});

test('the smallest image has facts as well', async () => {
  const dot = await writePng(mediaPath('dot.png'), 1, 1, () => [255, 0, 0]);
  expect(await factsOf(dot)).toMatchObject({
    width: 1,
    orientation: 'square',
    sharpness: 0,
    mainColors: [{ color: '#ff0000', share: 1 }],
  });
});

test('a video and a missing edge are refused', async () => {
  const video = await runs.assetOf(await makeCountingClip());
  await expect(runs.run(imageInfoExecutor, {}, { image: video })).rejects.toMatchObject({ code: 'TYPE_MISMATCH' });
  await expect(runs.run(imageInfoExecutor, {})).rejects.toMatchObject({ code: 'INPUT_MISSING' });
});
