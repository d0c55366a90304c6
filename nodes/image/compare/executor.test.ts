import { afterAll, beforeAll, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { makePhotoJpeg, makePicture, mediaPath } from '../../../testing/media.ts';
import { startNodeRuns, type NodeRuns } from '../../../testing/node-runs.ts';
import { rasterOf, writePng, type Raster } from '../../../testing/pixels.ts';
import { compareImagesExecutor } from './executor.ts';

let runs: NodeRuns;
beforeAll(async () => {
  runs = await startNodeRuns();
});
afterAll(() => runs.stop());

interface Figures {
  readonly changed: number;
  readonly visible: number;
  readonly ssim: number;
  readonly box: object | null;
}

async function compared(
  before: string,
  after: string,
  data: object = {},
): Promise<{ figures: Figures; image: Raster }> {
  const outputs = await runs.run(compareImagesExecutor, data, {
    before: await runs.assetOf(before),
    after: await runs.assetOf(after),
  });
  return {
    figures: outputs['result'] as unknown as Figures,
    image: await rasterOf(await runs.fileOf(outputs['output'])),
  };
}

const gray = (name: string, level = 128) => writePng(mediaPath(name), 100, 50, () => [level, level, level]);

test('the same image has nothing changed', async () => {
  const { figures, image } = await compared(await makePicture('png'), await makePicture('png'));
  expect(figures).toEqual({ changed: 0, visible: 0, ssim: 1, box: null });
  expect([image.width, image.height, image.format]).toEqual([80, 60, 'png']);
});

test('a white square is found, marked and measured', async () => {
  const after = await writePng(mediaPath('square.png'), 100, 50, (x, y) =>
    x >= 20 && x < 30 && y >= 5 && y < 15 ? [255, 255, 255] : [128, 128, 128],
  );
  const { figures, image } = await compared(await gray('gray-a.png'), after);
  expect(figures).toMatchObject({ changed: 0.02, visible: 0.02, box: { x: 20, y: 10, width: 10, height: 20 } });
  expect(figures.ssim).toBeGreaterThan(0.8);
  expect(figures.ssim).toBeLessThan(0.99);
  expect(image.at(25, 10)).toEqual([224, 32, 48, 255]);
  const [red, green] = image.at(60, 30);
  expect([red === green, red > 200]).toEqual([true, true]);
});

test('one step of gray has changed everywhere and is seen nowhere', async () => {
  const { figures } = await compared(await gray('gray-b.png'), await gray('gray-c.png', 129));
  expect(figures).toMatchObject({ changed: 1, visible: 0, box: null });
  expect(figures.ssim).toBeGreaterThan(0.999);
});

test('SSIM of plain images is that of the formula, and noise has nothing in common', async () => {
  const [a, b] = [60, 180];
  const c1 = (0.01 * 255) ** 2;
  const { figures } = await compared(await gray('dark.png', a), await gray('light.png', b));
  expect(figures.ssim).toBeCloseTo((2 * a * b + c1) / (a * a + b * b + c1), 3);
  const noise = await compared(await makePhotoJpeg(160, 120), await makePhotoJpeg(161, 120), { fit: true });
  expect(noise.figures.ssim).toBeLessThan(0.3);
});

test('the more an image is compressed, the less it is like itself', async () => {
  const source = await makePhotoJpeg(160, 120);
  const values = [];
  for (const quality of [90, 50, 10]) {
    const file = mediaPath(`q${quality}.jpg`);
    await sharp(source).jpeg({ quality }).toFile(file);
    values.push((await compared(source, file)).figures.ssim);
  }
  expect(values).toEqual(values.toSorted((one, other) => other - one));
});

test('what is transparent is seen as white', async () => {
  const clear = await writePng(mediaPath('clear.png'), 20, 20, () => [0, 0, 0, 0]);
  const white = await writePng(mediaPath('white.png'), 20, 20, () => [255, 255, 255]);
  expect((await compared(clear, white)).figures).toMatchObject({ changed: 1, visible: 0 });
});

test('images of different sizes are refused, or fitted', async () => {
  const [small, large] = [await makePicture('png', 80, 60), await makePicture('png', 160, 120)];
  await expect(compared(small, large)).rejects.toMatchObject({
    code: 'NODE_DATA_INVALID',
    message: 'The images have different sizes: 80 × 60 and 160 × 120. Resize one, or let the second be fitted.',
  });
  expect((await compared(small, large, { fit: true })).figures.visible).toBeLessThan(0.05);
  expect((await compared(large, small, { fit: true })).figures.visible).toBeLessThan(0.05);
});

test('nothing connected is said for each of the two', async () => {
  const before = await runs.assetOf(await makePicture('png'));
  await expect(runs.run(compareImagesExecutor, {}, { before })).rejects.toMatchObject({ details: { handle: 'after' } });
});
