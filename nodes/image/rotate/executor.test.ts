import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeOrientedJpeg, makePicture, mediaPath, quarterColors, isClose, type Rgb } from '../../../testing/media.ts';
import { startNodeRuns, type NodeRuns } from '../../../testing/node-runs.ts';
import { rasterOf, writePng, type Raster } from '../../../testing/pixels.ts';
import { rotateImageExecutor } from './executor.ts';

let runs: NodeRuns;
beforeAll(async () => {
  runs = await startNodeRuns();
});
afterAll(() => runs.stop());

async function rotated(file: string, data: object): Promise<Raster> {
  const { output } = await runs.run(rotateImageExecutor, data, { image: await runs.assetOf(file) });
  return rasterOf(await runs.fileOf(output));
}

const [width, height] = [7, 4];
/** No two pixels are alike. */
const colorAt = (x: number, y: number): Rgb => [x * 30, y * 60, 200];

/** Where a pixel of the source comes to lie: first turned by quarters, then mirrored. */
function placeOf(x: number, y: number, turn: string, mirror: string): [number, number] {
  const turned: Record<string, [number, number]> = {
    '0': [x, y],
    '90': [height - 1 - y, x],
    '180': [width - 1 - x, height - 1 - y],
    '270': [y, width - 1 - x],
  };
  const isUpright = turn === '0' || turn === '180';
  const size = isUpright ? { width, height } : { width: height, height: width };
  const [left, top] = turned[turn]!;
  return [mirror === 'horizontal' ? size.width - 1 - left : left, mirror === 'vertical' ? size.height - 1 - top : top];
}

describe.each(['0', '90', '180', '270'])('turned by %s degrees', (turn) => {
  test.each(['none', 'horizontal', 'vertical'])(
    'and mirrored: %s, every pixel lies where it should',
    async (mirror) => {
      const file = await writePng(mediaPath('each-pixel.png'), width, height, colorAt);
      const image = await rotated(file, { turn, mirror });
      const isUpright = turn === '0' || turn === '180';
      expect([image.width, image.height]).toEqual(isUpright ? [width, height] : [height, width]);
      for (let y = 0; y < height; y += 1) {
        for (let x = 0; x < width; x += 1) {
          const [left, top] = placeOf(x, y, turn, mirror);
          expect([x, y, image.at(left, top)]).toEqual([x, y, [...colorAt(x, y), 255]]);
        }
      }
    },
  );
});

test.each([3, 6, 8])('a photo with orientation %s is turned as it is seen', async (orientation) => {
  const image = await rotated(await makeOrientedJpeg(orientation), { turn: '90' });
  expect([image.width, image.height, image.format]).toEqual([60, 80, 'jpeg']);
  const [red, green, blue] = image.at(55, 5);
  expect(isClose([red, green, blue], quarterColors.topLeft)).toBe(true);
});

test('a large GIF is turned as a small one is', async () => {
  const image = await rotated(await makePicture('gif', 6_300, 4_000), { turn: '90' });
  expect([image.width, image.height, image.format]).toEqual([4_000, 6_300, 'gif']);
  const { topLeft, topRight, bottomLeft, bottomRight } = quarterColors;
  const corners: readonly [number, number, Rgb][] = [
    [3_999, 0, topLeft],
    [3_999, 6_299, topRight],
    [0, 0, bottomLeft],
    [0, 6_299, bottomRight],
  ];
  const seen = corners.map(([x, y, color]) => {
    const [red, green, blue] = image.at(x, y);
    return isClose([red, green, blue], color);
  });
  expect(seen).toEqual([true, true, true, true]);
});

/** A white image with a dark line through its middle that falls by so many degrees to the right. */
const lineAt = (degrees: number, name: string) =>
  writePng(mediaPath(name), 200, 120, (x, y) => {
    const distance =
      (y - 59.5) * Math.cos((degrees * Math.PI) / 180) - (x - 99.5) * Math.sin((degrees * Math.PI) / 180);
    return Math.abs(distance) < 2 ? [0, 0, 0] : [255, 255, 255];
  });

/** In which row the line is darkest at a column. */
const rowOfLine = (image: Raster, x: number) => {
  const rows = Array.from({ length: image.height }, (_, y) => ({ y, dark: 255 - image.at(x, y)[0] }));
  const sum = rows.reduce((total, { dark }) => total + dark, 0);
  return rows.reduce((total, { y, dark }) => total + y * dark, 0) / sum;
};

test.each(['none', 'horizontal'])(
  'a line that falls by 7 degrees is level after straightening (flip: %s)',
  async (mirror) => {
    const degrees = mirror === 'none' ? -7 : 7;
    const image = await rotated(await lineAt(7, 'line.png'), { degrees, mirror });
    // Nothing of the corners, and the shape as it was.
    expect(image.width / image.height).toBeCloseTo(200 / 120, 1);
    expect(Math.min(image.at(0, 0)[0], image.at(image.width - 1, 0)[0], image.at(0, image.height - 1)[0])).toBe(255);
    const [left, right] = [rowOfLine(image, 8), rowOfLine(image, image.width - 9)];
    expect(Math.abs(left - right)).toBeLessThan(0.6);
    expect(Math.abs(left - (image.height - 1) / 2)).toBeLessThan(0.8);
  },
);

test('corners that are filled have the color, and the image all of itself', async () => {
  const image = await rotated(await makePicture('png', 80, 60), {
    degrees: 10,
    corners: 'fill',
    background: '#102030',
  });
  expect([image.width, image.height]).toEqual([89, 73]);
  expect(image.at(0, 0)).toEqual([16, 32, 48, 255]);
  expect(image.at(88, 72)).toEqual([16, 32, 48, 255]);
});

test('transparent corners make a PNG of a JPEG', async () => {
  const data = { degrees: 10, corners: 'fill', background: '#00000000' };
  const image = await rotated(await makePicture('jpeg', 80, 60), data);
  expect([image.format, image.at(0, 0)[3], image.at(44, 36)[3]]).toEqual(['png', 0, 255]);
});

test('nothing connected is said', async () => {
  await expect(runs.run(rotateImageExecutor, {})).rejects.toMatchObject({ code: 'INPUT_MISSING' });
});
