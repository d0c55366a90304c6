import { describe, expect, test } from '@jest/globals';
import { countingClips, momentsOf, numberShown, type CountingClip } from '../../testing/counting-clips.ts';
import { createFrameTaker, ffmpegBuilds, installedFfmpeg } from '../../testing/frame-taker.ts';
import { mediaPath } from '../../testing/media.ts';
import type { FramePosition } from '../../core/node-type/timestamp.ts';

/*
 * Frames of counting clips of each kind: of each clip one at its start, middle
 * or end, and the last one. `npm run proof -- frames` takes each frame at each.
 */

const clips = countingClips(14);
const made = new Map<CountingClip, Promise<string>>();

/** A clip of which nothing but the rate is of interest. */
const isPlain = ({ name }: CountingClip) => / at \d/.test(name);

/** Both builds of ffmpeg are given the same file. */
function fileOf(clip: CountingClip): Promise<string> {
  const file = mediaPath(`counting-${clips.indexOf(clip)}.${clip.extension}`);
  const making = made.get(clip) ?? clip.make(installedFfmpeg, file).then(() => file);
  made.set(clip, making);
  return making;
}

describe.each(ffmpegBuilds)('with the ffmpeg %s', (_name, settings) => {
  const frames = createFrameTaker(settings);

  test.each(clips.map((clip, index) => [clip.name, clip, index] as const))(
    '%s: a frame is the one of its moment',
    async (_kind, clip, index) => {
      const input = await fileOf(clip);
      // A B-frame, or one beside a key frame of a group of eight or twelve; and the last one, where there is more to it than a rate.
      const number = index % 2 === 0 ? clip.first + 1 + (index % 4) : clip.last - 2 - (index % 4);
      const ms = Object.values(momentsOf(clip, number))[index % 3] ?? Number.NaN;
      const wanted: readonly (readonly [FramePosition, number])[] = [
        [{ kind: 'time', ms }, number],
        ...(isPlain(clip) ? [] : [[{ kind: 'last' }, clip.last] as const]),
      ];
      for (const [at, expected] of wanted) {
        const { output, note } = await frames.take(input, at, mediaPath('position.png'));
        expect({ at, number: await numberShown(output), note }).toEqual({ at, number: expected, note: null });
      }
    },
  );

  test('a clip whose header ends before its last picture is as long as its pictures', async () => {
    const clip = clips.find(({ name }) => name === 'MP4 at a variable rate')!;
    // Its header says 856 ms, as the muxer counts from a time of decoding to another.
    expect(await frames.measure(await fileOf(clip))).toMatchObject({ durationMs: 886 });
  });
});
