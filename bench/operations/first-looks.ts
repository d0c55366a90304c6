import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createMedia } from '../../media/media.ts';
import { extractAudio } from '../../media/operations/extract-audio.ts';
import { trimAudio } from '../../media/operations/trim-audio.ts';
import type { Binaries } from '../../media/video/binaries.ts';
import type { Finding } from '../findings.ts';
import { median, milliseconds } from '../statistics.ts';
import type { Material } from './programs.ts';

const { signal } = new AbortController();

/**
 * What it costs to look at a file for the first time: the same operation on a copy that nobody has seen, less the time that it
 * takes the next time. Whoever uses ffmpeg alone looks at files, too, or knows what is in them.
 */
export async function firstLooks(
  binaries: Binaries,
  { folder, film, talk }: Material,
  turns: number,
): Promise<Finding[]> {
  const media = createMedia({ binaries, imagePool: { size: 1 } });
  const output = join(folder, 'looked-at');
  const sound = (input: string) =>
    media.run(extractAudio, { input, output, format: 'original', bitRate: 128_000, signal });
  const beginning = (input: string) =>
    media.run(trimAudio, {
      ...{ input, output, from: { kind: 'time', ms: 0 }, to: { kind: 'time', ms: 100 }, signal },
      ...{ format: 'wav', bitRate: 128_000 },
    });
  try {
    return [
      await firstLook('first look at a minute of 1080p', film, sound, turns),
      await firstLook('first look at two minutes of sound', talk, beginning, turns),
    ];
  } finally {
    await media.stop();
    await rm(output, { force: true });
  }

  async function firstLook(
    name: string,
    file: string,
    work: (input: string) => Promise<unknown>,
    count: number,
  ): Promise<Finding> {
    const costs: number[] = [];
    for (let turn = 0; turn <= count; turn += 1) {
      const copy = join(folder, `copy-${turn}`);
      await copyFile(file, copy);
      const firstMs = await milliseconds(() => work(copy));
      const nextMs = await milliseconds(() => work(copy));
      await rm(copy);
      if (turn > 0) costs.push(firstMs - nextMs);
    }
    return { name, value: median(costs), unit: 'ms', turns: costs };
  }
}
