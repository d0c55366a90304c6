import { describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { createFrameTaker, ffmpegBuilds, installedFfprobe } from '../../testing/frame-taker.ts';
import { isClose, makeClip, mediaPath, pixelAt, quarterColors, quarters } from '../../testing/media.ts';

/*
 * H.264 and HEVC have a message about how a picture is to be turned (display
 * orientation, SEI 47). ffmpeg obeys it, its versions not alike; Chromium does
 * not. The display matrix of the file is what counts.
 */

const input = async () => {
  const still = mediaPath('still.png');
  await quarters(72, 48).png().toFile(still);
  return ['-loop', '1', '-t', '0.2', '-r', '10', '-i', still, '-pix_fmt', 'yuv420p'];
};

/** A clip of H.264 whose message asks for a turn and, where wanted, mirrors. */
async function withH264Message(name: string, message: string): Promise<string> {
  const marked = ['-bsf:v', `h264_metadata=display_orientation=insert:${message}`];
  return makeClip(`${name}.mp4`, ...(await input()), '-c:v', 'libx264', '-qp', '10', ...marked, '-f', 'mp4');
}

/** The message for HEVC: a turn to the left in 1 / 65536 of a circle, that holds for what follows. No filter writes it. */
function hevcMessage(turn: number, mirrors: '00' | '10' | '01'): Buffer {
  const bits = `0${mirrors}${turn.toString(2).padStart(16, '0')}11`.padEnd(24, '0');
  const payload = [0, 8, 16].map((from) => Number.parseInt(bits.slice(from, from + 8), 2));
  return Buffer.from([0, 0, 0, 1, 39 << 1, 1, 47, payload.length, ...payload, 0x80]);
}

async function withHevcMessage(name: string, turn: number, mirrors: '00' | '10' | '01'): Promise<string> {
  const encoding = ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none:qp=10'];
  const stream = await readFile(await makeClip(`${name}.plain.hevc`, ...(await input()), ...encoding, '-f', 'hevc'));
  const parts: Buffer[] = [];
  let from = 0;
  for (let at = stream.indexOf('000001', 0, 'hex'); at >= 0; at = stream.indexOf('000001', at + 3, 'hex')) {
    const type = ((stream[at + 3] ?? 0) >> 1) & 63;
    const isFirstSlice = type < 32 && ((stream[at + 5] ?? 0) & 0x80) !== 0;
    if (!isFirstSlice) continue;
    parts.push(stream.subarray(from, at), hevcMessage(turn, mirrors).subarray(1));
    from = at;
  }
  const marked = mediaPath(`${name}.hevc`);
  await writeFile(marked, Buffer.concat([...parts, stream.subarray(from)]));
  return makeClip(`${name}.mp4`, '-i', marked, '-c', 'copy', '-tag:v', 'hvc1', '-f', 'mp4');
}

/** Writes a quarter turn to the right into the matrix of the only track. */
async function turned(clip: string, name: string): Promise<string> {
  const content = await readFile(clip);
  const matrix = content.indexOf('tkhd') + 44;
  for (const [index, value] of [0, 1, 0, -1, 0, 0].entries()) content.writeInt32BE(value * 65_536, matrix + index * 4);
  const file = mediaPath(name);
  await writeFile(file, content);
  return file;
}

const clips: readonly (readonly [string, () => Promise<string>])[] = [
  ['of H.264 that asks for a quarter turn', () => withH264Message('h264-quarter', 'rotate=90')],
  ['of H.264 that asks for a mirror', () => withH264Message('h264-mirror', 'rotate=0:flip=horizontal')],
  ['of HEVC that asks for a quarter turn', () => withHevcMessage('hevc-quarter', 0x40_00, '00')],
  ['of HEVC that asks for a mirror', () => withHevcMessage('hevc-mirror', 0, '01')],
];

test.each(clips)('the message %s is there for a decoder', async (_name, make) => {
  const shown = ['-v', 'error', '-show_frames', '-show_entries', 'frame_side_data=displaymatrix', await make()];
  const { stdout } = await promisify(execFile)(installedFfprobe, shown);
  expect(stdout).toContain('displaymatrix=');
});

describe.each(ffmpegBuilds)('with the ffmpeg %s', (_build, settings) => {
  const frames = createFrameTaker(settings);

  async function cornersOf(file: string) {
    const { output, width, height } = await frames.take(file, { kind: 'last' }, mediaPath('orientation.png'));
    const at = async (x: number, y: number) => {
      const pixel = await pixelAt(output, Math.floor(width * x), Math.floor(height * y));
      return Object.entries(quarterColors).find(([, color]) => isClose(pixel, color))?.[0];
    };
    const corners = [await at(0.25, 0.25), await at(0.75, 0.25), await at(0.25, 0.75), await at(0.75, 0.75)];
    return { width, height, corners };
  }

  test.each(clips)('a message %s turns nothing, as in a browser', async (_name, make) => {
    const file = await make();
    expect(await cornersOf(file)).toEqual({
      width: 72,
      height: 48,
      corners: ['topLeft', 'topRight', 'bottomLeft', 'bottomRight'],
    });
    expect(await frames.measure(file)).toMatchObject({ width: 72, height: 48 });
  });

  test.each(clips)('beside a message %s the matrix of the file counts', async (name, make) => {
    const file = await turned(await make(), `${name.replaceAll(/\W/g, '-')}.mp4`);
    expect(await cornersOf(file)).toEqual({
      width: 48,
      height: 72,
      corners: ['bottomLeft', 'topLeft', 'bottomRight', 'topRight'],
    });
    expect(await frames.measure(file)).toMatchObject({ width: 48, height: 72 });
  });
});
