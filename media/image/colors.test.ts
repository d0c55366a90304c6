import { afterAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { defaultMediaLimits } from '../../core/limits.ts';
import { installedFfmpeg } from '../../testing/frame-taker.ts';
import { makeP3Jpeg, mediaPath } from '../../testing/media.ts';
import {
  cHRM,
  chunk,
  chunkNames,
  cICP,
  gAMA,
  handMadePng,
  iCCP,
  packed,
  spoiled,
  sRGB,
  words,
} from '../../testing/png.ts';
import { cropImage } from '../operations/crop-image.ts';
import { fitImage } from '../operations/fit-image.ts';
import { probeImage } from '../operations/probe-image.ts';
import { thumbnailImage } from '../operations/thumbnail-image.ts';
import { createImagePool } from './image-pool.ts';

/*
 * Colors as Chromium 156 shows them: each value here was read from a canvas on which it had drawn the same file.
 */

const pool = createImagePool({ limits: defaultMediaLimits, size: 1 });
const { signal } = new AbortController();
let files = 0;

afterAll(() => pool.stop());

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

type Task = 'thumbnail' | 'model copy' | 'crop';

async function make(input: string, task: Task, box = { x: 0, y: 0, width: 100, height: 100 }): Promise<string> {
  const output = mediaPath(`color-${(files += 1)}`);
  if (task === 'thumbnail') await pool.run(thumbnailImage, { input, output, width: 320 }, signal);
  else if (task === 'crop') await pool.run(cropImage, { input, output, area: { unit: 'percent', ...box } }, signal);
  else await pool.run(fitImage, { input, output, maxSide: 1_000, maxBytes: 1_000_000 }, signal);
  return output;
}

async function file(content: Buffer): Promise<string> {
  const name = mediaPath(`colors-${(files += 1)}`);
  await writeFile(name, content);
  return name;
}

/** The pixels of the first row. */
async function firstRow(name: string): Promise<number[][]> {
  const { data, info } = await sharp(name)
    .ensureAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return Array.from({ length: info.width }, (_, x) => [...data.subarray(x * 4, x * 4 + 4)]);
}

/** Within three steps, what is not seen but for its alpha. */
function expectNear(actual: readonly number[] | undefined, expected: readonly number[], what = ''): void {
  const [r, g, b, a = 255] = expected;
  const wanted = [r, g, b, a];
  const isNear = actual?.every((value, at) => (a === 0 && at < 3) || Math.abs(value - (wanted[at] ?? -1)) <= 3);
  expect({ what, actual, wanted, isNear }).toEqual({ what, actual, wanted, isNear: true });
}

/** Every pixel of a thumbnail of these numbers, as RGB with equal channels or as given. */
async function expectShown(png: Buffer, shown: readonly (number | readonly number[])[]): Promise<void> {
  const input = await file(png);
  for (const task of ['thumbnail', 'model copy'] as const) {
    const pixels = await firstRow(await make(input, task));
    for (const [at, value] of shown.entries()) {
      const wanted = typeof value === 'number' ? [value, value, value] : value;
      expectNear(pixels[at], wanted, `${task}, pixel ${at}`);
    }
  }
}

const greys = [15, 64, 128, 200];
const colors = [...greys.map((grey) => [grey, grey, grey]), [185, 71, 43], [30, 90, 200]];
const unchanged = colors;
const row = Uint8Array.from(colors.flat());
const image = (...before: Buffer[]) => handMadePng({ rows: [row, row], width: colors.length, before });
const linear = [69, 137, 188, 229, [221, 144, 114], [96, 160, 229]];
const displayP3 = [15, 64, 128, 200, [200, 60, 29], [0, 92, 207]];

describe('an image is shown in the colors of a browser', () => {
  test.each<[string, string, Task, readonly number[]]>([
    ['png-8bit-p3-thumbnail', 'png-8bit-p3.png', 'thumbnail', [200, 60, 30]],
    ['png-16bit-p3-thumbnail', 'png-16bit-p3.png', 'thumbnail', [200, 60, 30]],
    ['png-16bit-p3 to a model', 'png-16bit-p3.png', 'model copy', [200, 60, 30]],
    ['png-cicp-p3-thumbnail', 'png-cicp-p3.png', 'thumbnail', [200, 60, 30]],
    ['png-cicp-p3 to a model', 'png-cicp-p3.png', 'model copy', [200, 60, 30]],
    ['png-gamma-1-thumbnail', 'png-gamma-1.png', 'thumbnail', [137, 137, 137]],
    ['png-gamma-1 to a model', 'png-gamma-1.png', 'model copy', [137, 137, 137]],
    ['avif-nclx-p3-thumbnail', 'avif-nclx-p3.avif', 'thumbnail', [200, 60, 30]],
    ['avif-nclx-p3 to a model', 'avif-nclx-p3.avif', 'model copy', [200, 60, 30]],
    ['apng-hidden-default', 'apng-hidden-default.png', 'thumbnail', [30, 180, 40]],
    ['apng-hidden-default in a crop', 'apng-hidden-default.png', 'crop', [30, 180, 40]],
  ])('%s', async (_id, name, task, expected) => {
    expectNear((await firstRow(await make(fixture(name), task)))[0], expected);
  });

  test.each<[string, Buffer[], (number | number[])[]]>([
    ['nothing is said', [], unchanged],
    ['gAMA 1', [gAMA(1)], linear],
    ['gAMA 1 / 1.8', [gAMA(0.555_55)], [16, 81, 146, 210, [197, 89, 57], [40, 109, 210]]],
    ['gAMA within 5 % of 1 / 2.2 is taken for sRGB', [gAMA(0.435)], unchanged],
    ['gAMA beyond that is not', [gAMA(0.43)], [5, 56, 124, 199, [183, 64, 34], [20, 84, 199]]],
    [
      'with cHRM every gAMA counts',
      [gAMA(0.454_55), cHRM(0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)],
      [6, 62, 129, 201, [186, 69, 39], [24, 90, 201]],
    ],
    ['cHRM alone says nothing', [cHRM(0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06)], unchanged],
    [
      'primaries that cannot be take gAMA with them',
      [gAMA(1), cHRM(0.3127, 0.329, 1.2, 0.33, 0.3, 0.6, 0.15, 0.06)],
      unchanged,
    ],
    ['sRGB is stronger than gAMA', [gAMA(1), sRGB()], unchanged],
    ['an unknown intent is no sRGB', [sRGB(9), gAMA(1)], linear],
    ['gAMA 0 says nothing', [gAMA(0)], unchanged],
    ['of two the first counts', [gAMA(1), gAMA(0.454_55)], linear],
    ['a wrong checksum makes it absent', [spoiled(gAMA(1))], unchanged],
    ['cICP of Display P3', [cICP(12, 13)], displayP3],
    ['cICP is stronger than gAMA', [gAMA(1), cICP(12, 13)], displayP3],
    ['cICP that leaves things open is absent', [cICP(2, 2), gAMA(1)], linear],
    ['cICP of a part of the range is absent', [cICP(12, 13, 0, 0)], unchanged],
    ['BT.709 is shown as a screen does (BT.1886)', [cICP(1, 1)], [3, 54, 121, 197, [181, 61, 31], [18, 81, 197]]],
    ['BT.2020', [cICP(9, 13)], [15, 64, 128, 200, [227, 27, 28], [0, 93, 209]]],
    ['SMPTE 170M', [cICP(6, 13)], [15, 64, 128, 200, [181, 73, 43], [39, 92, 198]]],
    ['PQ', [cICP(9, 16)], [1, 30, 132, 255, [255, 0, 0], [0, 21, 255]]],
    [
      'PQ that says 400 cd/m2',
      [cICP(9, 16), chunk('cLLI', words(4_000_000, 1_000_000))],
      [1, 39, 163, 255, [255, 0, 0], [0, 21, 255]],
    ],
    [
      'PQ that says 4,000 cd/m2',
      [cICP(9, 16), chunk('cLLI', words(40_000_000, 1_000_000))],
      [1, 30, 132, 232, [255, 0, 0], [0, 18, 243]],
    ],
    ['HLG', [cICP(9, 18)], [2, 43, 99, 202, [196, 0, 17], [0, 69, 182]]],
    [
      'HLG that says 400 cd/m2',
      [cICP(9, 18), chunk('cLLI', words(4_000_000, 1_000_000))],
      [4, 55, 123, 242, [240, 0, 23], [0, 86, 223]],
    ],
    ['a broken profile is absent', [iCCP(Buffer.alloc(200, 7)), gAMA(1)], linear],
  ])('PNG: %s', (_what, before, shown) => expectShown(image(...before), shown));

  test('PNG: a profile is stronger than gAMA, and cICP than a profile', async () => {
    const { icc = Buffer.alloc(0) } = await sharp(await makeP3Jpeg()).metadata();
    await expectShown(image(iCCP(icc), gAMA(1)), [15, 64, 128, 200, [200, 60, 30], [0, 92, 207]]);
    await expectShown(image(iCCP(icc), cICP(9, 13)), [15, 64, 128, 200, [227, 27, 28], [0, 93, 209]]);
  });

  test('PNG: grey, palettes and alpha have gamma too', async () => {
    const bytes = Uint8Array.from(greys);
    await expectShown(handMadePng({ rows: [bytes], width: 4, colorType: 0, before: [gAMA(1)] }), [69, 137, 188, 229]);
    const palette = chunk('PLTE', Uint8Array.from(colors.flat()));
    const indexed = { rows: [Uint8Array.of(0, 1, 2, 3)], width: 4, colorType: 3 };
    await expectShown(handMadePng({ ...indexed, before: [gAMA(1), palette] }), [69, 137, 188, 229]);
    await expectShown(handMadePng({ ...indexed, before: [palette, cICP(1, 8)] }), greys);
    const half = Uint8Array.from(greys.flatMap((grey) => [grey, grey, grey, 128]));
    await expectShown(
      handMadePng({ rows: [half], width: 4, colorType: 6, before: [gAMA(1)] }),
      [69, 137, 188, 229].map((grey) => [grey, grey, grey, 128]),
    );
  });

  test('PNG: of 16 bits the upper eight count', () => {
    const values = [0x02_ff, 0x0b_80, 0x0b_ff, 0x40_80];
    const bytes = Uint8Array.from(values.flatMap((value) => [value >> 8, value & 255]));
    return expectShown(
      handMadePng({ rows: [bytes], width: 4, colorType: 0, depth: 16, before: [gAMA(1)] }),
      [22, 59, 59, 137],
    );
  });

  test('PNG: a transparent grey that the pixels cannot have hides nothing', () => {
    const before = [chunk('tRNS', Uint8Array.of(0, 0xff))];
    return expectShown(
      handMadePng({ rows: [Uint8Array.of(0b1010_0000)], width: 4, colorType: 0, depth: 1, before }),
      [255, 0, 255, 0],
    );
  });

  test('APNG: a small first frame stands alone on its canvas', async () => {
    const frame = packed([Uint8Array.of(0, 200, 0, 0, 200, 0)]);
    const red = Uint8Array.from(Array.from({ length: 4 }, () => [250, 0, 0]).flat());
    const png = handMadePng({
      rows: [red, red],
      width: 4,
      before: [chunk('acTL', words(1, 0))],
      after: [
        chunk('fcTL', Buffer.concat([words(0, 2, 1, 1, 0), Uint8Array.of(0, 1, 0, 10, 0, 0)])),
        chunk('fdAT', Buffer.concat([words(1), frame])),
      ],
    });
    const clear = [0, 0, 0, 0];
    await expectShown(png, [clear, [0, 200, 0], [0, 200, 0], clear]);
  });

  test('CMYK without a profile loses to each ink its share of the light', async () => {
    const inks = Buffer.from(Array.from({ length: 16 * 16 }, () => [225, 25, 55, 25]).flat());
    const input = mediaPath('inks.jpg');
    await sharp(inks, { raw: { width: 16, height: 16, channels: 4 } })
      .pipelineColourspace('cmyk')
      .toColourspace('cmyk')
      .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
      .toFile(input);
    const { space, icc } = await sharp(input).metadata();
    expect({ space, icc }).toEqual({ space: 'cmyk', icc: undefined });
    const [c, m, y, k] = await sharp(input).pipelineColourspace('cmyk').toColourspace('cmyk').raw().toBuffer();
    const rest = 255 - (k ?? 0);
    const expected = [c, m, y].map((ink) => Math.round(((255 - (ink ?? 0)) * rest) / 255));
    for (const task of ['thumbnail', 'model copy', 'crop'] as const) {
      expectNear((await firstRow(await make(input, task)))[0], expected, task);
    }
  });

  test('a profile for greys is used for greys of 8 and of 16 bits', async () => {
    const profile = linearGreyProfile();
    const bytes = Uint8Array.from(greys);
    await expectShown(
      handMadePng({ rows: [bytes], width: 4, colorType: 0, before: [iCCP(profile)] }),
      [69, 137, 188, 229],
    );
    const deep = Uint8Array.from(greys.flatMap((grey) => [grey, 0]));
    await expectShown(
      handMadePng({ rows: [deep], width: 4, colorType: 0, depth: 16, before: [iCCP(profile)] }),
      [69, 137, 188, 229],
    );
    // For colors it cannot be used.
    await expectShown(image(iCCP(profile), gAMA(1)), unchanged);
  });
});

describe('a crop keeps', () => {
  test('png-gamma-1-crop: gAMA', async () => {
    const output = await make(fixture('png-gamma-1.png'), 'crop');
    expect(chunkNames(await readFile(output))).toContain('gAMA');
    // Programs that know profiles only are told the same.
    expectNear((await firstRow(output))[0], [137, 137, 137]);
    expectNear((await firstRow(await make(output, 'thumbnail')))[0], [137, 137, 137]);
  });

  test('png-cicp-p3-crop: cICP, and whatever else says how the numbers are meant', async () => {
    const output = await make(fixture('png-cicp-p3.png'), 'crop');
    expect(chunkNames(await readFile(output))).toContain('cICP');
    expectNear((await firstRow(output))[0], [200, 60, 30]);
    expectNear((await firstRow(await make(output, 'thumbnail')))[0], [200, 60, 30]);
    const marks = [cICP(9, 16), chunk('cLLI', words(4_000_000, 1_000_000)), gAMA(1), sRGB()];
    const names = chunkNames(await readFile(await make(await file(image(...marks)), 'crop')));
    expect(names.filter((name) => /^(cICP|cLLI|gAMA|sRGB)$/.test(name)).toSorted()).toEqual([
      'cICP',
      'cLLI',
      'gAMA',
      'sRGB',
    ]);
  });

  test('png-8bit-p3-crop, png-16bit-p3-crop: the profile and the depth', async () => {
    for (const [name, depth] of [
      ['png-8bit-p3.png', 'uchar'],
      ['png-16bit-p3.png', 'ushort'],
    ] as const) {
      const output = await make(fixture(name), 'crop', { x: 0, y: 0, width: 50, height: 50 });
      const [before, after] = [await sharp(fixture(name)).metadata(), await sharp(output).metadata()];
      expect(after).toMatchObject({ width: 16, height: 16, depth });
      expect(after.icc?.equals(before.icc ?? Buffer.alloc(0))).toBe(true);
    }
  });

  test('avif-nclx-p3-crop: the nclx property', async () => {
    const output = await make(fixture('avif-nclx-p3.avif'), 'crop', { x: 0, y: 0, width: 50, height: 50 });
    for (const shown of [output, await make(output, 'thumbnail')])
      expectNear((await firstRow(shown))[0], [200, 60, 30]);
    expect((await readFile(output)).toString('latin1')).toContain('colrnclx\0\x0c\0\x0d');
  });

  test.each<8 | 10 | 12>([8, 10, 12])(
    '%i bits of an AVIF, with its nclx property, also of a large one',
    async (bitdepth) => {
      const input = mediaPath(`deep-${bitdepth}.avif`);
      // Larger than what is encoded without loss: the encoder then writes no property of its own.
      await sharp({ create: { width: 200, height: 200, channels: 3, background: '#b9472b' } })
        .avif({ bitdepth, lossless: true })
        .toFile(input);
      const bytes = await readFile(input);
      const at = bytes.indexOf('colrnclx', 0, 'latin1');
      bytes.writeUInt16BE(12, at + 8);
      await writeFile(input, bytes);
      const output = await make(input, 'crop');
      expect((await sharp(output).metadata()).bitsPerSample).toBe(bitdepth);
      expect((await readFile(output)).toString('latin1')).toContain('colrnclx\0\x0c\0\x0d');
      for (const name of [input, output])
        expectNear((await firstRow(await make(name, 'thumbnail')))[0], [200, 60, 30], name);
    },
  );

  test('a profile for greys on greys', async () => {
    const bytes = Uint8Array.from(greys);
    const input = await file(
      handMadePng({ rows: [bytes], width: 4, colorType: 0, before: [iCCP(linearGreyProfile())] }),
    );
    const { space, icc } = await sharp(await make(input, 'crop')).metadata();
    expect({ space, hasProfile: icc !== undefined }).toEqual({ space: 'b-w', hasProfile: true });
  });

  test.each([
    ['yuvj420p', '4:2:0'],
    ['yuvj422p', '4:4:4'],
    ['yuvj440p', '4:4:4'],
    ['yuvj444p', '4:4:4'],
  ])('the colors of a %s JPEG no coarser than they were', async (format, subsampling) => {
    const input = mediaPath(`${format}.jpg`);
    execFileSync(installedFfmpeg, [
      '-v',
      'error',
      '-y',
      '-f',
      'lavfi',
      '-i',
      'testsrc=s=320x240',
      '-frames:v',
      '1',
      '-pix_fmt',
      format,
      input,
    ]);
    expect((await sharp(await make(input, 'crop')).metadata()).chromaSubsampling).toBe(subsampling);
  });
});

describe('of an animation', () => {
  test('gif-first-frame-small-upload, gif-first-frame-small-crop: the first frame stands alone on the canvas', async () => {
    const input = fixture('gif-first-frame-small.gif');
    expect(await pool.run(probeImage, { input, decode: true }, signal)).toMatchObject({ width: 40, height: 30 });
    const output = await make(input, 'crop', { x: 0, y: 0, width: 50, height: 50 });
    const { data, info } = await sharp(output).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([20, 15]);
    const at = (x: number, y: number) => [...data.subarray((y * 20 + x) * 4, (y * 20 + x) * 4 + 4)];
    expectNear(at(2, 1), [0, 0, 0, 0]);
    expectNear(at(10, 9), [220, 30, 30]);
  });

  test('avif-animated: the first image is shown', async () => {
    const input = fixture('avif-animated.avif');
    expect(await pool.run(probeImage, { input, decode: true }, signal)).toMatchObject({
      format: 'avif',
      width: 64,
      height: 96,
    });
    await make(input, 'thumbnail');
  });
});

describe('an image is upright and as large as its file says', () => {
  test.each([
    ['avif-major-mif1-upload', 'avif-major-mif1.avif', 160, 120],
    ['avif-major-MA1B-upload', 'avif-major-MA1B.avif', 160, 120],
    ['webp-exif-6', 'webp-exif-6.webp', 120, 160],
    ['avif-clap', 'avif-clap.avif', 80, 60],
  ])('%s', async (_id, name, width, height) => {
    const input = fixture(name);
    expect(await pool.run(probeImage, { input, decode: true }, signal)).toMatchObject({ width, height });
    expect(await sharp(await make(input, 'thumbnail')).metadata()).toMatchObject({ width, height });
    expect(await sharp(await make(input, 'crop')).metadata()).toMatchObject({ width, height });
  });

  test.each(['mif1', 'MA1B'])('avif-major-%s-crop', async (brand) => {
    const output = await make(fixture(`avif-major-${brand}.avif`), 'crop', { x: 0, y: 0, width: 50, height: 50 });
    const { data, info } = await sharp(output).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([80, 60]);
    expectNear([...data.subarray((42 * 80 + 40) * 4, (42 * 80 + 40) * 4 + 4)], [220, 30, 30]);
  });
});

/** An ICC profile (version 2) for greys that are light itself. */
function linearGreyProfile(): Buffer {
  const tag = (name: string, type: string, data: Buffer) => ({
    name,
    data: Buffer.concat([Buffer.from(`${type}\0\0\0\0`, 'latin1'), data]),
  });
  const text = (type: string) =>
    tag(
      type,
      type === 'desc' ? 'desc' : 'text',
      type === 'desc' ? Buffer.concat([words(2), Buffer.from('x\0'), Buffer.alloc(78)]) : Buffer.from('x\0\0\0'),
    );
  const tags = [
    text('desc'),
    text('cprt'),
    tag('wtpt', 'XYZ ', words(0xf6_d6, 0x1_00_00, 0xd3_2d)),
    tag('kTRC', 'curv', words(0)),
  ];
  const table: Buffer[] = [words(tags.length)];
  const bodies: Buffer[] = [];
  let at = 128 + 4 + 12 * tags.length;
  for (const { name, data } of tags) {
    const padded = Buffer.concat([data, Buffer.alloc((4 - (data.length % 4)) % 4)]);
    table.push(Buffer.from(name, 'latin1'), words(at, data.length));
    bodies.push(padded);
    at += padded.length;
  }
  const header = Buffer.alloc(128);
  header.writeUInt32BE(at, 0);
  header.writeUInt32BE(0x02_40_00_00, 8);
  header.write('mntrGRAYXYZ ', 12, 'latin1');
  header.write('acsp', 36, 'latin1');
  words(0xf6_d6, 0x1_00_00, 0xd3_2d).copy(header, 68);
  return Buffer.concat([header, ...table, ...bodies]);
}
