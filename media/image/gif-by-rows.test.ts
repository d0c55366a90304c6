import { expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import sharp, { type Sharp } from 'sharp';
import { mediaPath } from '../../testing/media.ts';
import { encodeGifByRows, isGifByRows } from './gif-by-rows.ts';

const [width, height] = [640, 320];

type Rgba = readonly [number, number, number, number];

function painted(paint: (x: number, y: number) => Rgba): Sharp {
  const data = Buffer.alloc(width * height * 4);
  for (let at = 0; at < width * height; at += 1) data.set(paint(at % width, Math.floor(at / width)), at * 4);
  return sharp(data, { raw: { width, height, channels: 4 } });
}

async function written(image: Sharp): Promise<Buffer> {
  const [output, scratch] = [mediaPath('by-rows.gif'), mediaPath('gif.pixels')];
  expect(await encodeGifByRows(image, output, scratch)).toEqual({ width, height });
  expect(existsSync(scratch)).toBe(false);
  return readFile(output);
}

const pixelsOf = (image: Buffer | Sharp) =>
  (Buffer.isBuffer(image) ? sharp(image) : image).ensureAlpha().raw().toBuffer();

test.each([1, 2, 5, 64, 255, 256])('%i colors stay what they are', async (colors) => {
  const make = () => painted((x, y) => [((x + y) % colors) ^ 85, ((x + y) % colors) ^ 170, 30, 255]);
  const gif = await written(make());
  expect(await sharp(gif).metadata()).toMatchObject({ format: 'gif', width, height });
  expect((await pixelsOf(gif)).equals(await pixelsOf(make()))).toBe(true);
});

test('what is seen through stays so, beside 255 colors', async () => {
  const gif = await written(painted((x, y) => [(x + y) % 255, 40, 60, x < 100 ? 20 : 200]));
  const pixels = await pixelsOf(gif);
  expect([pixels[50 * 4 + 3], pixels[300 * 4 + 3]]).toEqual([0, 255]);
  expect([...pixels.subarray(300 * 4, 300 * 4 + 3)]).toEqual([300 % 255, 40, 60]);
});

/** How far two images are apart where each is seen from afar, in steps of 255. */
async function distanceFromAfar(one: Buffer | Sharp, other: Buffer | Sharp): Promise<number> {
  const far = async (image: Buffer | Sharp) => {
    const data = await pixelsOf(image);
    return sharp(data, { raw: { width, height, channels: 4 } })
      .removeAlpha()
      .resize(width / 8, height / 8, { kernel: 'linear' })
      .raw()
      .toBuffer();
  };
  const [seen, wanted] = [await far(one), await far(other)];
  return wanted.reduce((sum, value, at) => sum + Math.abs(value - seen[at]!), 0) / wanted.length;
}

test('many colors are mixed of those that are chosen, as near to the image as the library comes', async () => {
  const make = () =>
    painted((x, y) => [Math.floor((x / width) * 255), Math.floor((y / height) * 255), (x * 3 + y) & 255, 255]);
  const [own, library] = [await written(make()), await make().gif().toBuffer()];
  expect((await sharp(own).stats()).isOpaque).toBe(true);
  const [ours, theirs] = [await distanceFromAfar(own, make()), await distanceFromAfar(library, make())];
  expect([ours, theirs, ours <= theirs * 1.25 + 0.5]).toEqual([ours, theirs, true]);
});

test('a thin line has its colors, however much around it is seen through', async () => {
  const [across, down, line] = [1_600, 700, 801];
  const data = Buffer.alloc(across * down * 4);
  for (let y = 0; y < down; y += 1) data.set([y & 255, y >> 2, 100, 255], (y * across + line) * 4);
  const output = mediaPath('line.gif');
  await encodeGifByRows(sharp(data, { raw: { width: across, height: down, channels: 4 } }), output, `${output}.pixels`);
  const pixels = await pixelsOf(await readFile(output));
  const rows = Array.from({ length: down }, (_, y) => (y * across + line) * 4);
  expect(rows.every((at) => pixels[at + 3] === 255)).toBe(true);
  const apart = rows.reduce((sum, at) => sum + Math.abs(pixels[at]! - data[at]!), 0) / down;
  expect([apart, apart < 8]).toEqual([apart, true]);
});

test('photos of 24 MP are left to the library', () => {
  expect([isGifByRows(24_000_000), isGifByRows(25_000_001)]).toEqual([false, true]);
});
