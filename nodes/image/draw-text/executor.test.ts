import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { fontFolder } from '../../../media/image/text/fonts.ts';
import { installedFfmpeg } from '../../../testing/frame-taker.ts';
import { makePicture, makeTransparentPng, mediaPath } from '../../../testing/media.ts';
import { startNodeRuns, type NodeRuns } from '../../../testing/node-runs.ts';
import { rasterOf, writePng, type Raster } from '../../../testing/pixels.ts';
import { drawTextExecutor } from './executor.ts';

let runs: NodeRuns;
beforeAll(async () => {
  runs = await startNodeRuns();
});
afterAll(() => runs.stop());

const [width, height] = [400, 200];
const black = () => writePng(mediaPath('black.png'), width, height, () => [0, 0, 0]);

/** White letters alone, 40 pixels high, in a box of the whole image. */
const plain = {
  size: 20,
  outline: 0,
  bold: false,
  align: 'left',
  vertical: 'top',
  ...{ x_percent: 0, y_percent: 0, width_percent: 100, height_percent: 100 },
};

async function drawnFile(data: object, file?: string): Promise<string> {
  const image = await runs.assetOf(file ?? (await black()));
  return runs.fileOf((await runs.run(drawTextExecutor, { ...plain, ...data }, { image }))['output']);
}
const drawn = async (data: object, file?: string): Promise<Raster> => rasterOf(await drawnFile(data, file));

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Around all that is brighter than half. */
function inkOf(image: Raster): Box {
  const box = { left: image.width, top: image.height, right: -1, bottom: -1 };
  for (let y = 0; y < image.height; y += 1) {
    for (let x = 0; x < image.width; x += 1) {
      if (image.at(x, y)[0] < 128) continue;
      box.left = Math.min(box.left, x);
      box.right = Math.max(box.right, x);
      box.top = Math.min(box.top, y);
      box.bottom = Math.max(box.bottom, y);
    }
  }
  return box;
}

/** The same letters by another program that lays out and draws glyphs by itself. */
async function byFfmpeg(text: string, font: string, size: number): Promise<Box> {
  const file = mediaPath('drawtext.png');
  const filter = `drawtext=fontfile=${fontFolder()}/${font}.ttf:text='${text}':fontsize=${size}:fontcolor=white:x=20:y=20`;
  const source = ['-f', 'lavfi', '-i', `color=black:s=${width}x${height}`, '-vf', filter, '-frames:v', '1'];
  await promisify(execFile)(installedFfmpeg, ['-nostdin', '-v', 'error', '-y', ...source, file]);
  return inkOf(await rasterOf(file));
}

test.each([
  ['DejaVuSans', { family: 'sans' }],
  ['DejaVuSans-Bold', { family: 'sans', bold: true }],
  ['DejaVuSerif-Italic', { family: 'serif', italic: true }],
  ['DejaVuSansMono', { family: 'mono' }],
  ['DejaVuSansCondensed-BoldOblique', { family: 'condensed', bold: true, italic: true }],
])('letters of %s are as large as ffmpeg draws them', async (font, data) => {
  const [ours, theirs] = [inkOf(await drawn({ ...data, text: 'Hamburg' })), await byFfmpeg('Hamburg', font, 40)];
  expect(Math.abs(ours.right - ours.left - (theirs.right - theirs.left))).toBeLessThanOrEqual(4);
  expect(Math.abs(ours.bottom - ours.top - (theirs.bottom - theirs.top))).toBeLessThanOrEqual(1);
});

test('markup is drawn and not obeyed', async () => {
  const text = '<u>a</u> & <b>';
  const [ours, theirs] = [inkOf(await drawn({ text })), await byFfmpeg(text, 'DejaVuSans', 40)];
  expect(Math.abs(ours.right - ours.left - (theirs.right - theirs.left))).toBeLessThanOrEqual(6);
});

test('lines lie where the font puts them, whatever letters they have', async () => {
  const bottoms = [];
  for (const text of ['xxx', 'xÅx', 'xxx\nx']) bottoms.push(inkOf(await drawn({ text: text.split('\n')[0] })).bottom);
  expect(new Set(bottoms).size).toBe(1);
  const [one, two] = [inkOf(await drawn({ text: 'x' })), inkOf(await drawn({ text: 'x\nx' }))];
  const pitch = two.bottom - one.bottom;
  // What the font says of its lines: 1.164 times its size.
  expect(Math.abs(pitch - 40 * 1.164)).toBeLessThan(2);
  const wide = inkOf(await drawn({ text: 'x\nx', lineSpacing: 2 }));
  expect(wide.bottom - one.bottom).toBe(pitch + 40);
});

test.each([
  ['left', 'top'],
  ['center', 'middle'],
  ['right', 'bottom'],
])('aligned %s and %s it lies there in its box, and never outside', async (align, vertical) => {
  const box = { x_percent: 10, y_percent: 20, width_percent: 50, height_percent: 60 };
  const ink = inkOf(await drawn({ text: 'some words to wrap', size: 10, align, vertical, ...box }));
  expect([ink.left >= 40, ink.right < 240, ink.top >= 40, ink.bottom < 160]).toEqual([true, true, true, true]);
  const near = { left: ink.left - 40, right: 240 - ink.right, center: Math.abs(ink.left + ink.right - 280) }[align]!;
  expect(near).toBeLessThan(6);
  const high = { top: ink.top - 40, bottom: 160 - ink.bottom, middle: Math.abs(ink.top + ink.bottom - 200) }[vertical]!;
  expect(high).toBeLessThan(16);
});

describe('a long text', () => {
  const text = 'When in the course of human events it becomes necessary for one people';

  test('shrinks until it fits, and one that fits keeps its size', async () => {
    const ink = inkOf(await drawn({ text, size: 50 }));
    expect([ink.right < width, ink.bottom < height]).toEqual([true, true]);
    expect(inkOf(await drawn({ text: 'x', sizing: 'shrink' }))).toEqual(
      inkOf(await drawn({ text: 'x', sizing: 'fixed' })),
    );
  });

  test('fills its box as far as it goes', async () => {
    const ink = inkOf(await drawn({ text: 'Go', sizing: 'fill' }));
    // A capital is about 0.75 times as high as its font, and lines 1.164 times.
    expect(ink.bottom - ink.top).toBeGreaterThan((height / 1.164) * 0.72);
  });

  test('breaks within a word that is longer than a line', async () => {
    const ink = inkOf(await drawn({ text: 'Donaudampfschiffahrtsgesellschaft', sizing: 'fixed' }));
    expect([ink.right < width, ink.bottom > 60]).toEqual([true, true]);
  });

  test('that cannot fit, or is longer than any, is refused', async () => {
    const small = { width_percent: 5, height_percent: 5 };
    await expect(drawn({ text, ...small })).rejects.toMatchObject({
      code: 'NODE_DATA_INVALID',
      message:
        'The text does not fit into a box of 20 × 10 pixels, even with 6 pixels a letter. Make the box larger, or the text shorter.',
    });
    const image = await runs.assetOf(await black());
    await expect(runs.run(drawTextExecutor, plain, { image, text: 'x'.repeat(10_001) })).rejects.toMatchObject({
      code: 'NODE_DATA_INVALID',
      message: expect.stringContaining('up to 10000 are drawn'),
    });
  });
});

describe('from right to left', () => {
  test('letters go from right to left: the tall first one is the rightmost', async () => {
    // Lamed alone rises above the line.
    const image = await drawn({ text: 'לאאא' });
    const ink = inkOf(image);
    const topmost = Array.from({ length: width }, (_, x) => x).filter((x) => image.at(x, ink.top)[0] > 64);
    expect(Math.min(...topmost)).toBeGreaterThan((ink.left + ink.right) / 2);
  });

  test('left is left for every paragraph', async () => {
    const lefts = [];
    for (const text of ['HH', 'חח', 'HH\nחח', 'חח\nHH']) lefts.push(inkOf(await drawn({ text })).left);
    expect(Math.max(...lefts) - Math.min(...lefts)).toBeLessThanOrEqual(3);
    const right = inkOf(await drawn({ text: 'חח', align: 'right' }));
    expect(width - right.right).toBeLessThan(8);
  });

  test('Arabic letters are joined', async () => {
    const [joined, apart] = [inkOf(await drawn({ text: 'ببب' })), inkOf(await drawn({ text: 'ب\u200Cب\u200Cب' }))];
    expect(joined.right - joined.left).toBeLessThan((apart.right - apart.left) * 0.8);
  });
});

test('an outline reaches as far as it should, around corners as well', async () => {
  const data = { text: '█', align: 'center', vertical: 'middle', color: '#ffffff' };
  const letter = inkOf(await drawn(data));
  const around = await drawn({ ...data, outline: 25, outlineColor: '#ff0000' });
  const ink = inkOf(around);
  // A quarter of 40 pixels.
  expect([letter.left - ink.left, ink.right - letter.right, letter.top - ink.top]).toEqual([10, 10, 10]);
  expect(around.at(letter.left - 5, ((letter.top + letter.bottom) / 2) | 0)).toEqual([255, 0, 0, 255]);
  expect(around.at(((letter.left + letter.right) / 2) | 0, ((letter.top + letter.bottom) / 2) | 0)).toEqual([
    255, 255, 255, 255,
  ]);
  // Ten pixels away from the corner in both directions is farther than ten.
  expect(around.at(letter.left - 9, letter.top - 9)).toEqual([0, 0, 0, 255]);
  expect(around.at(letter.left - 6, letter.top - 6)).toEqual([255, 0, 0, 255]);
});

test('a background lies below the text, or in the whole box, and lets through what it should', async () => {
  const gray = await writePng(mediaPath('gray.png'), width, height, () => [100, 100, 100]);
  const box = { x_percent: 25, y_percent: 25, width_percent: 50, height_percent: 50, vertical: 'middle' };
  const data = { text: 'x', background: 'box', backgroundColor: '#ff000080', ...box };
  const whole = await drawn(data, gray);
  const mixed = [Math.round(100 + (155 * 128) / 255), Math.round(100 - (100 * 128) / 255)];
  expect(Math.abs(whole.at(102, 52)[0] - mixed[0]!)).toBeLessThanOrEqual(1);
  expect(Math.abs(whole.at(297, 147)[1] - mixed[1]!)).toBeLessThanOrEqual(1);
  expect(whole.at(98, 100)).toEqual([100, 100, 100, 255]);
  const around = await drawn({ ...data, background: 'text' }, gray);
  expect(around.at(102, 52)).toEqual([100, 100, 100, 255]);
  expect(Math.abs(around.at(102, 100)[1] - mixed[1]!)).toBeLessThanOrEqual(1);
});

test('the image keeps its format and what is transparent; nothing to draw leaves it as it is', async () => {
  const jpeg = await drawn({ text: 'Hi' }, await makePicture('jpeg', 160, 80));
  expect([jpeg.format, jpeg.width, jpeg.height]).toEqual(['jpeg', 160, 80]);
  const file = await makeTransparentPng(160, 80);
  const before = await rasterOf(file);
  const after = await drawn({ text: 'Hi', vertical: 'bottom' }, file);
  expect(after.at(159, 0)).toEqual(before.at(159, 0));
  expect((await drawn({ text: ' \n ' }, file)).data.equals(before.data)).toBe(true);
});

test('control characters, halves of characters and other ends of lines are no obstacle', async () => {
  const [odd, even] = [
    await drawn({ text: 'a\u0000b\u0007\r\nc\u2028d\u200D\uFE0F' }),
    await drawn({ text: 'ab\nc\nd' }),
  ];
  expect(odd.data.equals(even.data)).toBe(true);
  expect(inkOf(await drawn({ text: `x${'\uD83D'}x` })).right).toBeGreaterThan(0);
});

test('a character that no font has is named', async () => {
  await expect(drawn({ text: 'a\u0378b' })).rejects.toMatchObject({
    code: 'NODE_DATA_INVALID',
    message: expect.stringContaining('No font of this machine has \u0378.'),
  });
});

test('a connected text wins; the bytes are the same in every process', async () => {
  const image = await runs.assetOf(await black());
  const ours = await runs.run(drawTextExecutor, { text: 'field' }, { image, text: 'edge' });
  const other = await startNodeRuns();
  const theirs = await other.run(drawTextExecutor, { text: 'edge' }, { image: await other.assetOf(await black()) });
  const [one, two] = [
    await readFile(await runs.fileOf(ours['output'])),
    await readFile(await other.fileOf(theirs['output'])),
  ];
  await other.stop();
  expect(one.equals(two)).toBe(true);
});

test('nothing connected is refused', async () => {
  await expect(runs.run(drawTextExecutor, { text: 'x' })).rejects.toMatchObject({ code: 'INPUT_MISSING' });
});
