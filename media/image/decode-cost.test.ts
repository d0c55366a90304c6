import { afterAll, describe, expect, test } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { defaultMediaLimits } from '../../core/limits.ts';
import { mediaPath } from '../../testing/media.ts';
import { jpegWork, oneScanIn, refuseCostly } from './decode-cost.ts';
import { cropImage } from '../operations/crop-image.ts';
import { fitImage } from '../operations/fit-image.ts';
import { probeImage } from '../operations/probe-image.ts';
import { thumbnailImage } from '../operations/thumbnail-image.ts';
import { createImagePool } from './image-pool.ts';

const pool = createImagePool({ limits: defaultMediaLimits, size: 1 });
afterAll(() => pool.stop());

const [width, height] = [64, 48];

async function progressive(chromaSubsampling: '4:4:4' | '4:2:0'): Promise<Buffer> {
  const pixels = Buffer.from(Array.from({ length: width * height * 3 }, (_, i) => (i * 37) % 251));
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ progressive: true, chromaSubsampling })
    .toBuffer();
}

/** The same image with its last scan `times` times more: what it says again changes nothing. */
async function withMoreScans(times: number): Promise<string> {
  const jpeg = await progressive('4:4:4');
  const last = jpeg.lastIndexOf(Buffer.from([0xff, 0xda]));
  const scan = jpeg.subarray(last, jpeg.length - 2);
  const file = mediaPath(`scans-${times}.jpg`);
  await writeFile(
    file,
    Buffer.concat([jpeg.subarray(0, -2), ...Array.from({ length: times }, () => scan), jpeg.subarray(-2)]),
  );
  return file;
}

describe('what a JPEG costs', () => {
  test('is its scans, with each color by its own size', async () => {
    expect(jpegWork(await progressive('4:4:4'))).toEqual({ scans: 10, samples: width * height * 14 });
    expect(jpegWork(await progressive('4:2:0'))).toEqual({ scans: 10, samples: width * height * 8 });
    const baseline = await sharp(await progressive('4:4:4'))
      .jpeg({ chromaSubsampling: '4:4:4' })
      .toBuffer();
    expect(jpegWork(baseline)).toEqual({ scans: 1, samples: width * height * 3 });
    // Known without the rest of the file where the first scan has all there is, and only there.
    const begin = baseline.indexOf(Buffer.from([0xff, 0xda]));
    expect(oneScanIn(baseline.subarray(0, begin + 14))).toEqual(jpegWork(baseline));
    for (let length = 2; length <= begin; length += 5) expect(oneScanIn(baseline.subarray(0, length))).toBeNull();
    expect(oneScanIn(await progressive('4:2:0'))).toBeNull();
    // A scan of one color alone: others follow.
    const apart = Buffer.from(baseline);
    apart[begin + 4] = 1;
    expect(oneScanIn(apart)).toBeNull();
  });

  test('is counted to the end of a file that is cut off anywhere', async () => {
    const jpeg = await progressive('4:2:0');
    for (let length = 2; length < jpeg.length; length += 7) {
      expect(jpegWork(jpeg.subarray(0, length)).scans).toBeLessThanOrEqual(10);
    }
  });

  test('security case 3: is refused by its scans before it is decoded, for every task', async () => {
    const input = await withMoreScans(1_000);
    const { signal } = new AbortController();
    const box = { x: 0, y: 0, width: 50, height: 50 };
    const output = mediaPath('costly-out');
    for (const work of [
      () => pool.run(probeImage, { input, decode: true }, signal),
      () => pool.run(thumbnailImage, { input, output, width: 160 }, signal),
      () => pool.run(cropImage, { input, output, area: { unit: 'percent', ...box } }, signal),
      () => pool.run(fitImage, { input, output, maxSide: 100, maxBytes: 100_000 }, signal),
    ]) {
      await expect(work()).rejects.toMatchObject({ code: 'IMAGE_TOO_COSTLY' });
    }
  });

  test('security case 3: grows with its pixels, so a large image may have fewer scans than a small one', async () => {
    const input = await withMoreScans(40);
    await refuseCostly(input, defaultMediaLimits);
    await expect(refuseCostly(input, { maxImagePixels: width * height })).rejects.toMatchObject({
      code: 'IMAGE_TOO_COSTLY',
    });
    // What encoders write is taken up to the last pixel.
    const ordinary = mediaPath('ordinary.jpg');
    await writeFile(ordinary, await progressive('4:4:4'));
    await refuseCostly(ordinary, { maxImagePixels: width * height });
  });
});
