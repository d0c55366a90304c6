import { describe, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { createFrameTaker, ffmpegBuilds } from '../../testing/frame-taker.ts';
import { makeClip, mediaPath } from '../../testing/media.ts';

/*
 * Wide gamuts and HDR: patches of known numbers, and what they are on a screen of
 * sRGB. Chromium 156 shows the same grays of the same clips, and the colors
 * within 6 steps.
 */

/** Y, Cb and Cr in 10 bits of the limited range. */
type Yuv = readonly [number, number, number];
type Patch = readonly [stored: Yuv, shown: readonly [number, number, number]];

const side = 16;

/** A clip of patches beside each other. */
function makePatches(name: string, stored: readonly Yuv[], transfer: string, bits: 8 | 10): Promise<string> {
  const plane = (channel: 0 | 1 | 2, size: number) =>
    stored
      .map((color, index) => `eq(floor(X/${size}),${index})*${Math.round(color[channel] / 2 ** (10 - bits))}`)
      .join('+');
  const format = bits === 10 ? 'yuv420p10le' : 'yuv420p';
  // The planes of colors are half as wide.
  const planes = `lum='${plane(0, side)}':cb='${plane(1, side / 2)}':cr='${plane(2, side / 2)}'`;
  const source = `nullsrc=s=${stored.length * side}x32:r=10:d=0.2,format=${format},geq=${planes}`;
  const tags = ['-colorspace', 'bt2020nc', '-color_primaries', 'bt2020', '-color_trc', transfer, '-color_range', 'tv'];
  const encoding = ['-c:v', 'libx264', '-preset', 'ultrafast', '-qp', '1', '-pix_fmt', format];
  return makeClip(`${name}.mp4`, '-f', 'lavfi', '-i', source, ...encoding, ...tags, '-f', 'mp4');
}

/** Grays from black to white, as Chromium shows them. */
const grays = (...shown: readonly number[]): readonly Patch[] =>
  [64, 200, 320, 440, 560, 680, 800, 940].map((luma, index) => {
    const value = shown[index] ?? Number.NaN;
    return [
      [luma, 512, 512],
      [value, value, value],
    ];
  });

/** By the matrix of BT.2020 and the light of its primaries; Chromium is up to 5 off in saturated blue. */
const wide = [
  [
    [400, 620, 420],
    [0, 112, 161],
  ],
  [
    [500, 420, 640],
    [213, 97, 69],
  ],
  [
    [300, 480, 560],
    [102, 58, 49],
  ],
  [
    [450, 560, 480],
    [83, 117, 141],
  ],
  [
    [350, 400, 560],
    [117, 78, 0],
  ],
  [
    [600, 540, 440],
    [85, 171, 172],
  ],
  [
    [700, 480, 540],
    [207, 180, 166],
  ],
  [
    [250, 560, 540],
    [73, 44, 83],
  ],
  ...grays(0, 39, 74, 109, 144, 179, 214, 255),
] satisfies readonly Patch[];

const hlg = [
  [
    [400, 620, 420],
    [0, 83, 122],
  ],
  [
    [500, 420, 640],
    [185, 73, 54],
  ],
  [
    [300, 480, 560],
    [71, 39, 32],
  ],
  [
    [450, 560, 480],
    [64, 88, 106],
  ],
  [
    [350, 400, 560],
    [84, 56, 0],
  ],
  [
    [600, 540, 440],
    [58, 146, 149],
  ],
  [
    [700, 480, 540],
    [206, 164, 145],
  ],
  [
    [250, 560, 540],
    [48, 26, 54],
  ],
  ...grays(0, 21, 52, 83, 115, 165, 218, 254),
] satisfies readonly Patch[];

const pq = [
  [
    [400, 620, 420],
    [0, 88, 211],
  ],
  [
    [500, 420, 640],
    [255, 0, 0],
  ],
  [
    [300, 480, 560],
    [72, 21, 15],
  ],
  [
    [450, 560, 480],
    [24, 106, 162],
  ],
  [
    [350, 400, 560],
    [98, 42, 0],
  ],
  [
    [600, 540, 440],
    [0, 221, 232],
  ],
  [
    [700, 480, 540],
    [255, 194, 153],
  ],
  [
    [250, 560, 540],
    [37, 11, 50],
  ],
  ...grays(0, 9, 41, 92, 175, 240, 255, 255),
] satisfies readonly Patch[];

const kinds: readonly (readonly [string, string, 8 | 10, string | null, readonly Patch[]])[] = [
  ['BT.2020 of 10 bits without HDR', 'bt2020-10', 10, null, wide],
  ['BT.2020 of 8 bits without HDR', 'bt709', 8, null, wide],
  ['HLG', 'arib-std-b67', 10, 'from HDR, tone-mapped', hlg],
  ['PQ', 'smpte2084', 10, 'from HDR, tone-mapped', pq],
];

describe.each(ffmpegBuilds)('with the ffmpeg %s', (_build, settings) => {
  const frames = createFrameTaker(settings);

  test.each(kinds)('%s is shown as a browser shows it', async (name, transfer, bits, note, patches) => {
    const clip = await makePatches(
      name.replaceAll(/\W/g, '-'),
      patches.map(([stored]) => stored),
      transfer,
      bits,
    );
    const frame = await frames.take(clip, { kind: 'time', ms: 0 }, mediaPath('patches.png'));
    expect(frame.note).toBe(note);
    const { data, info } = await sharp(frame.output).raw().toBuffer({ resolveWithObject: true });
    for (const [index, [stored, expected]] of patches.entries()) {
      const offset = ((info.height / 2) * info.width + index * side + side / 2) * info.channels;
      const shown = [...data.subarray(offset, offset + 3)];
      const furthest = Math.max(...shown.map((value, channel) => Math.abs(value - (expected[channel] ?? Number.NaN))));
      expect({ stored, shown, isClose: furthest <= 3 }).toEqual({ stored, shown, isClose: true });
    }
  });
});
