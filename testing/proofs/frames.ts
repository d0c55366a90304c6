import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FramePosition } from '../../core/node-type/timestamp.ts';
import { countingClips, momentsOf, numberShown, type CountingClip } from '../counting-clips.ts';
import { createFrameTaker, ffmpegBuilds, installedFfmpeg } from '../frame-taker.ts';
import type { Proof } from './proof.ts';

/** Frames that are taken at once. */
const atOnce = 2;

interface Position {
  readonly at: FramePosition;
  readonly number: number;
  readonly name: string;
}

/** Each frame at its start, middle and end, the last one by name, and halfway. */
function positionsOf(clip: CountingClip): Position[] {
  const numbers = Array.from({ length: clip.last - clip.first + 1 }, (_, index) => clip.first + index);
  const moments = numbers.flatMap((number) =>
    Object.entries(momentsOf(clip, number)).map(([part, ms]) => ({
      at: { kind: 'time', ms } as const,
      number,
      name: `${part} of ${number} (${ms} ms)`,
    })),
  );
  return [...moments, { at: { kind: 'last' }, number: clip.last, name: 'the last frame' }];
}

/** Takes each frame of a counting clip of each kind at each of its moments, with each build of ffmpeg. */
export const proveFrames: Proof = async ({ times, print }) => {
  const folder = await mkdtemp(join(tmpdir(), 'heddle-proof-frames-'));
  const problems: string[] = [];
  let taken = 0;
  try {
    for (const clip of countingClips(times)) {
      const input = join(folder, `clip.${clip.extension}`);
      await clip.make(installedFfmpeg, input);
      for (const [build, settings] of ffmpegBuilds) {
        const frames = createFrameTaker(settings);
        const waiting = positionsOf(clip);
        const wrong: string[] = [];
        taken += waiting.length;
        const lane = async (index: number) => {
          for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
            const found = await take(frames, input, join(folder, `frame-${index}.png`), next.at);
            if (found !== String(next.number)) wrong.push(`${clip.name}, ffmpeg ${build}: ${next.name} shows ${found}`);
          }
        };
        await Promise.all(Array.from({ length: atOnce }, (_, index) => lane(index)));
        print(`${wrong.length === 0 ? 'ok   ' : 'WRONG'} ${clip.name}, ffmpeg ${build}: ${wrong.length} wrong`);
        problems.push(...wrong);
      }
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  print(`${taken} frames were taken.`);
  return problems;
};

type FrameTaker = ReturnType<typeof createFrameTaker>;

/** What the frame shows, in words. */
async function take(frames: FrameTaker, input: string, output: string, at: FramePosition): Promise<string> {
  try {
    const { note } = await frames.take(input, at, output);
    return `${(await numberShown(output)) ?? 'no number'}${note === null ? '' : ` (${note})`}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
