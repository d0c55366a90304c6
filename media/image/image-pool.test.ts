import { afterAll, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import {
  isClose,
  make16BitPng,
  makeAnimatedGif,
  makeBombPng,
  makeCmykJpeg,
  makeOrientedJpeg,
  makeP3Jpeg,
  makePhotoJpeg,
  makePicture,
  makeTransparentPng,
  mediaPath,
  pixelAt,
  quarterColors,
  type PictureFormat,
  type Rgb,
} from '../../testing/media.ts';
import { defaultMediaLimits } from '../../core/limits.ts';
import { cropImage } from '../operations/crop-image.ts';
import { fitImage } from '../operations/fit-image.ts';
import { probeImage } from '../operations/probe-image.ts';
import { thumbnailImage } from '../operations/thumbnail-image.ts';
import { createImagePool } from './image-pool.ts';

const pool = createImagePool({ limits: defaultMediaLimits, size: 2 });
const { signal } = new AbortController();
let outputs = 0;

afterAll(() => pool.stop());

async function crop(input: string, x: number, y: number, width: number, height: number): Promise<string> {
  const output = mediaPath(`crop-${(outputs += 1)}`);
  await pool.run(cropImage, { input, output, area: { unit: 'percent', x, y, width, height } }, signal);
  return output;
}

async function expectColor(file: string, x: number, y: number, color: Rgb): Promise<void> {
  const actual = await pixelAt(file, x, y);
  expect({ at: [x, y], actual, isClose: isClose(actual, color) }).toEqual({ at: [x, y], actual, isClose: true });
}

/** The four quarters, each looked at in its middle. */
async function expectQuarters(file: string, width: number, height: number): Promise<void> {
  const [left, right] = [Math.floor(width / 4), Math.floor((width * 3) / 4)];
  const [top, bottom] = [Math.floor(height / 4), Math.floor((height * 3) / 4)];
  await expectColor(file, left, top, quarterColors.topLeft);
  await expectColor(file, right, top, quarterColors.topRight);
  await expectColor(file, left, bottom, quarterColors.bottomLeft);
  await expectColor(file, right, bottom, quarterColors.bottomRight);
}

describe('a crop', () => {
  test.each<PictureFormat>(['jpeg', 'png', 'webp', 'gif', 'avif'])(
    'of a %s is a %s of the same part',
    async (format) => {
      const output = await crop(await makePicture(format), 25, 25, 50, 50);
      const metadata = await sharp(output).metadata();
      expect([metadata.width, metadata.height]).toEqual([40, 30]);
      expect(metadata.format).toBe(format === 'avif' ? 'heif' : format);
      await expectQuarters(output, 40, 30);
    },
  );

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('counts from the upright image for EXIF orientation %i', async (orientation) => {
    const input = await makeOrientedJpeg(orientation);
    const whole = await crop(input, 0, 0, 100, 100);
    const metadata = await sharp(whole).metadata();
    expect([metadata.width, metadata.height]).toEqual([80, 60]);
    await expectQuarters(whole, 80, 60);
    const corner = await crop(input, 60, 10, 30, 30);
    expect(await sharp(corner).metadata()).toMatchObject({ width: 24, height: 18 });
    await expectColor(corner, 12, 9, quarterColors.topRight);
  });

  test('keeps nothing that says where and with what the image was taken', async () => {
    const input = await makeOrientedJpeg(6);
    expect((await sharp(input).metadata()).exif).toBeDefined();
    const output = await crop(input, 0, 0, 50, 50);
    const metadata = await sharp(output).metadata();
    expect(metadata.exif).toBeUndefined();
    expect(metadata.orientation).toBeUndefined();
    expect((await readFile(output)).includes('HeddleCam')).toBe(false);
  });

  test('keeps the color profile and the colors in it', async () => {
    const input = await makeP3Jpeg();
    const output = await crop(input, 0, 0, 50, 50);
    const [before, after] = [await sharp(input).metadata(), await sharp(output).metadata()];
    expect(before.icc).toBeDefined();
    expect(after.icc?.equals(before.icc ?? Buffer.alloc(0))).toBe(true);
    expect(isClose(await pixelAt(output, 20, 15), await pixelAt(input, 20, 15), 6)).toBe(true);
  });

  test('attack 8: of a CMYK image shows the same colors', async () => {
    const input = await makeCmykJpeg();
    const output = await crop(input, 0, 0, 50, 50);
    expect((await sharp(output).metadata()).space).toBe('srgb');
    expect(isClose(await pixelAt(output, 20, 15), await pixelAt(input, 20, 15), 12)).toBe(true);
  });

  test('attack 8: of 16 bits a channel keeps them', async () => {
    const output = await crop(await make16BitPng(), 0, 0, 100, 100);
    expect((await sharp(output).metadata()).depth).toBe('ushort');
    await expectQuarters(output, 80, 60);
  });

  test('keeps transparency', async () => {
    const output = await crop(await makeTransparentPng(), 25, 0, 50, 100);
    const { data, info } = await sharp(output).raw().toBuffer({ resolveWithObject: true });
    expect([data[3], data[(info.width - 1) * 4 + 3]]).toEqual([0, 255]);
  });

  test('of an animation is its first frame', async () => {
    const input = await makeAnimatedGif([
      [220, 30, 30],
      [30, 200, 30],
    ]);
    const output = await crop(input, 0, 0, 50, 50);
    const metadata = await sharp(output).metadata();
    expect([metadata.format, metadata.width, metadata.height, metadata.pages ?? 1]).toEqual(['gif', 20, 15, 1]);
    await expectColor(output, 5, 5, [220, 30, 30]);
  });

  test('of a lossless WebP loses nothing', async () => {
    const input = mediaPath('lossless.webp');
    await sharp(await makePicture('png'))
      .webp({ lossless: true })
      .toFile(input);
    expect(await pixelAt(await crop(input, 0, 0, 50, 50), 3, 3)).toEqual(quarterColors.topLeft);
  });

  test.each<PictureFormat>(['jpeg', 'png', 'webp', 'gif', 'avif'])(
    'attack 8: of one pixel works as %s',
    async (format) => {
      const output = await crop(await makePicture(format, 1, 1), 30, 30, 10, 10);
      expect(await sharp(output).metadata()).toMatchObject({ width: 1, height: 1 });
    },
  );
});

describe('attack 6: an image that cannot be worked on is refused', () => {
  const refuse = async (name: string, content: Buffer | string, code: string) => {
    const input = mediaPath(name);
    await writeFile(input, content);
    const output = mediaPath(`${name}.out`);
    const error = await pool
      .run(cropImage, { input, output, area: { unit: 'percent', x: 0, y: 0, width: 50, height: 50 } }, signal)
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'TerminalError', code });
    expect((error as Error).message).not.toContain(mediaPath(''));
  };

  test('because it is empty', () => refuse('empty.png', '', 'IMAGE_UNREADABLE'));
  test('because it is text', () => refuse('text.png', 'hello', 'IMAGE_UNREADABLE'));
  test('because it is an SVG', () =>
    refuse('drawing.svg', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', 'IMAGE_UNREADABLE'));
  test('because it is a TIFF', async () =>
    refuse('a.tiff', await readFile(await makePicture('tiff')), 'IMAGE_UNREADABLE'));
  test('because it is cut off', async () => {
    const whole = await readFile(await makePhotoJpeg(400, 300));
    await refuse('cut.jpg', whole.subarray(0, whole.byteLength / 2), 'IMAGE_UNREADABLE');
  });
  test('because it has too many pixels', () => refuse('bomb.png', makeBombPng(20_000), 'IMAGE_TOO_MANY_PIXELS'));
  test('because its sides are too long', async () => {
    const long = await sharp({ create: { width: 20_000, height: 2, channels: 3, background: '#fff' } })
      .png()
      .toBuffer();
    await refuse('long.png', long, 'IMAGE_TOO_MANY_PIXELS');
  });
});

describe('a probe', () => {
  test('says format, upright size and frames', async () => {
    const probe = async (input: string) => pool.run(probeImage, { input, decode: true }, signal);
    expect(await probe(await makeOrientedJpeg(6))).toEqual({ format: 'jpeg', width: 80, height: 60, frames: 1 });
    expect(await probe(await makePicture('avif'))).toEqual({ format: 'avif', width: 80, height: 60, frames: 1 });
    const animation = await makeAnimatedGif([
      [220, 30, 30],
      [30, 200, 30],
      [30, 30, 220],
    ]);
    expect(await probe(animation)).toEqual({ format: 'gif', width: 40, height: 30, frames: 3 });
  });

  test('notices a cut-off file only when it decodes', async () => {
    const input = mediaPath('cut-for-probe.jpg');
    const whole = await readFile(await makePhotoJpeg(400, 300));
    await writeFile(input, whole.subarray(0, whole.byteLength / 2));
    await expect(pool.run(probeImage, { input, decode: false }, signal)).resolves.toMatchObject({ width: 400 });
    await expect(pool.run(probeImage, { input, decode: true }, signal)).rejects.toMatchObject({
      code: 'IMAGE_UNREADABLE',
    });
  });

  test('counts all frames of an animation', async () => {
    const strict = createImagePool({ limits: { ...defaultMediaLimits, maxAnimationPixels: 40 * 30 * 2 }, size: 1 });
    const input = await makeAnimatedGif([
      [1, 1, 1],
      [90, 90, 90],
      [200, 200, 200],
    ]);
    await expect(strict.run(probeImage, { input, decode: false }, signal)).rejects.toMatchObject({
      code: 'IMAGE_TOO_MANY_PIXELS',
    });
    await strict.stop();
  });
});

describe('an image made to fit', () => {
  test('is an upright JPEG within both limits', async () => {
    const output = mediaPath('fit.jpg');
    const input = await makePhotoJpeg(1200, 800);
    const task = { input, output, maxSide: 600, maxBytes: 20_000 };
    expect(await pool.run(fitImage, task, signal)).toEqual({ mimeType: 'image/jpeg' });
    const { byteLength } = await readFile(output);
    expect(byteLength).toBeLessThanOrEqual(20_000);
    const { width = 0, height = 0, format } = await sharp(output).metadata();
    expect(format).toBe('jpeg');
    expect(Math.max(width, height)).toBeLessThanOrEqual(600);
    expect(width / height).toBeCloseTo(1.5, 1);
  });

  test('is turned upright and not enlarged', async () => {
    const output = mediaPath('fit-upright.jpg');
    await pool.run(fitImage, { input: await makeOrientedJpeg(8), output, maxSide: 1_000, maxBytes: 1_000_000 }, signal);
    expect(await sharp(output).metadata()).toMatchObject({ width: 80, height: 60 });
    await expectQuarters(output, 80, 60);
  });

  test.each(['in color', 'gray', 'on its side'])(
    'of a photo %s is the same whether it is read and written in one go or its pixels are looked at first',
    async (kind) => {
      const photo = kind === 'on its side' ? await makeOrientedJpeg(6, 400, 300) : await makePhotoJpeg(400, 300);
      const jpeg = mediaPath('photo.jpg');
      const png = mediaPath('photo.png');
      if (kind === 'gray') await sharp(photo).toColourspace('b-w').jpeg({ quality: 90 }).toFile(jpeg);
      else await copyFile(photo, jpeg);
      await sharp(jpeg)
        .autoOrient()
        .toColourspace(kind === 'gray' ? 'b-w' : 'srgb')
        .png()
        .toFile(png);
      const [one, other] = await Promise.all(
        [jpeg, png].map(async (input) => {
          const output = `${input}.copy`;
          await pool.run(fitImage, { input, output, maxSide: 400, maxBytes: 1_000_000 }, signal);
          return readFile(output);
        }),
      );
      expect(one!.equals(other!)).toBe(true);
    },
  );

  test('is a PNG where something shows through', async () => {
    const output = mediaPath('fit.png');
    const task = { input: await makeTransparentPng(), output, maxSide: 40, maxBytes: 100_000 };
    expect(await pool.run(fitImage, task, signal)).toEqual({ mimeType: 'image/png' });
    expect(await sharp(output).metadata()).toMatchObject({ format: 'png', width: 40, hasAlpha: true });
  });

  test('is refused where no size is small enough', async () => {
    const task = {
      input: await makePhotoJpeg(400, 300),
      output: mediaPath('no'),
      maxSide: 400,
      maxBytes: 10,
    };
    await expect(pool.run(fitImage, task, signal)).rejects.toMatchObject({ code: 'FILE_TOO_LARGE' });
  });
});

test('a thumbnail is an upright WebP of the wanted width', async () => {
  const output = mediaPath('thumbnail.webp');
  const task = { input: await makeOrientedJpeg(6), output, width: 40 };
  expect(await pool.run(thumbnailImage, task, signal)).toEqual({ width: 40, height: 30 });
  expect((await sharp(output).metadata()).format).toBe('webp');
  await expectQuarters(output, 40, 30);
});

describe('the pool', () => {
  const probeOf = async () => ({ input: await makePicture('png'), decode: false });
  const slowTask = async (name: string) => ({
    input: await makePicture('avif', 1_500, 1_500),
    output: mediaPath(name),
    area: { unit: 'percent' as const, x: 0, y: 0, width: 100, height: 100 },
  });
  const isRunning = (pid: number) => existsSync(`/proc/${pid}/status`);

  test('uses a process again, and no more processes than its size', async () => {
    const small = createImagePool({ limits: defaultMediaLimits, size: 1 });
    const task = await probeOf();
    await Promise.all([1, 2, 3].map(() => small.run(probeImage, task, signal)));
    const [pid] = small.pids();
    await small.run(probeImage, task, signal);
    expect(small.pids()).toEqual([pid]);
    await small.stop();
    expect(isRunning(pid ?? 0)).toBe(false);
    await expect(small.run(probeImage, task, signal)).rejects.toMatchObject({ code: 'MEDIA_TOOL_FAILED' });
  });

  test('replaces a process after its share of tasks, and one that grew too large, alone or with the others', async () => {
    for (const options of [{ maxTasks: 1 }, { maxRssBytes: 1 }, { maxRssBytesOfAll: 1 }]) {
      const small = createImagePool({ limits: defaultMediaLimits, size: 1, ...options });
      await small.run(probeImage, await probeOf(), signal);
      expect(small.pids()).toEqual([]);
      await small.stop();
    }
  });

  test('ends a process that has no work', async () => {
    const small = createImagePool({ limits: defaultMediaLimits, size: 1, idleMs: 1 });
    await small.run(probeImage, await probeOf(), signal);
    while (small.pids().length > 0) await new Promise((resolve) => setImmediate(resolve));
    await small.stop();
  });

  test('kills the process on an abort and goes on with the next task', async () => {
    const small = createImagePool({ limits: defaultMediaLimits, size: 1 });
    const controller = new AbortController();
    await small.run(probeImage, await probeOf(), signal);
    const [pid = 0] = small.pids();
    const work = small.run(cropImage, await slowTask('aborted'), controller.signal);
    const next = small.run(probeImage, await probeOf(), signal);
    const reason = new Error('cancelled');
    controller.abort(reason);
    await expect(work).rejects.toBe(reason);
    expect(isRunning(pid)).toBe(false);
    await expect(next).resolves.toMatchObject({ format: 'png' });
    await small.stop();
  });

  test('lets a task that waits in line be aborted', async () => {
    const small = createImagePool({ limits: defaultMediaLimits, size: 1 });
    const first = small.run(probeImage, await probeOf(), signal);
    const controller = new AbortController();
    const second = small.run(probeImage, await probeOf(), controller.signal);
    const third = small.run(probeImage, await probeOf(), signal);
    controller.abort(new Error('gone'));
    await expect(second).rejects.toThrow('gone');
    await Promise.all([first, third]);
    await small.stop();
  });

  test('attack 24: kills a task that takes too long', async () => {
    const small = createImagePool({ limits: defaultMediaLimits, size: 1, taskTimeoutMs: 20 });
    await expect(small.run(cropImage, await slowTask('slow'), signal)).rejects.toMatchObject({ code: 'MEDIA_TIMEOUT' });
    expect(small.pids()).toEqual([]);
    await small.stop();
  });

  test('security case 3: ends an image that takes more processor time than it may', async () => {
    const small = createImagePool({ limits: defaultMediaLimits, size: 1, maxCpuMs: 0, cpuCheckMs: 5 });
    await expect(small.run(cropImage, await slowTask('costly'), signal)).rejects.toMatchObject({
      code: 'MEDIA_TIMEOUT',
    });
    expect(small.pids()).toEqual([]);
    await small.stop();
  });

  test('security case 3: keeps a process for the image of somebody else', async () => {
    const shared = createImagePool({ limits: defaultMediaLimits, size: 2 });
    const controller = new AbortController();
    const greedy = [];
    for (const name of ['greedy-1', 'greedy-2']) {
      greedy.push(shared.run(cropImage, await slowTask(name), controller.signal, 'greedy').catch(() => 'stopped'));
    }
    // The one that is worked on is not over, and the other one waits for it.
    await expect(shared.run(probeImage, await probeOf(), signal, 'modest')).resolves.toMatchObject({ format: 'png' });
    expect(shared.pids()).toHaveLength(2);
    controller.abort();
    expect(await Promise.all(greedy)).toEqual(['stopped', 'stopped']);
    await shared.stop();
  });

  test('reports a process that dies, and lives on', async () => {
    const small = createImagePool({ limits: defaultMediaLimits, size: 1 });
    await small.run(probeImage, await probeOf(), signal);
    const [pid = 0] = small.pids();
    const work = small.run(cropImage, await slowTask('dies'), signal);
    process.kill(pid, 'SIGKILL');
    await expect(work).rejects.toMatchObject({ name: 'RetryableError', code: 'MEDIA_TOOL_FAILED' });
    await expect(small.run(probeImage, await probeOf(), signal)).resolves.toMatchObject({ format: 'png' });
    await small.stop();
  });

  test('leaves no process behind when its owner is killed', async () => {
    const owner = `
      const { createImagePool } = await import(${JSON.stringify(new URL('./image-pool.ts', import.meta.url).href)});
      const { probeImage } = await import(${JSON.stringify(new URL('../operations/probe-image.ts', import.meta.url).href)});
      const { defaultMediaLimits } = await import(${JSON.stringify(new URL('../../core/limits.ts', import.meta.url).href)});
      const pool = createImagePool({ limits: defaultMediaLimits });
      const task = ${JSON.stringify(await probeOf())};
      await pool.run(probeImage, task, new AbortController().signal);
      process.stdout.write(String(pool.pids()[0]));
      setInterval(() => undefined, 1_000);
    `;
    const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
    const child = spawn(process.execPath, ['--import', tsx, '--input-type=module', '-e', owner]);
    const pid = await new Promise<number>((resolve) => child.stdout.once('data', (data) => resolve(Number(data))));
    expect(isRunning(pid)).toBe(true);
    child.kill('SIGKILL');
    // A process that only waits to be reaped by init counts as gone.
    const isGone = () => !isRunning(pid) || readFileSync(`/proc/${pid}/cmdline`, 'latin1') === '';
    while (!isGone()) await new Promise((resolve) => setImmediate(resolve));
  });
});
