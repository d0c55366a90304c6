import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import sharp from 'sharp';
import { defaultMediaLimits } from '../core/limits.ts';
import { createFfmpeg } from '../media/ffmpeg.ts';
import { createBinaries, type BinarySettings } from '../media/video/binaries.ts';
import { readVideoPrograms } from './config.ts';
import type { FramePosition } from '../core/node-type/timestamp.ts';
import { describeVideo, extractFrame } from '../media/video/extract-frame.ts';

const searchPath = '/usr/local/bin:/usr/bin:/bin';
const require = createRequire(import.meta.url);
const pathOf = (name: string) => (require(name) as { path: string }).path;

/** The binaries of the installer packages: always there where the tests run. */
export const installedFfmpeg: string = pathOf('@ffmpeg-installer/ffmpeg');
export const installedFfprobe: string = pathOf('@ffprobe-installer/ffprobe');

/** The ffmpeg of the system where there is one, and always the one of the installer packages. */
export const ffmpegBuilds: readonly (readonly [string, BinarySettings])[] = [
  ...(existsSync('/usr/bin/ffmpeg') && existsSync('/usr/bin/ffprobe')
    ? [['of the system', { searchPath }] as const]
    : []),
  ['of the installer packages', { searchPath, ffmpegPath: installedFfmpeg, ffprobePath: installedFfprobe }],
];

const wanted = readVideoPrograms();
/**
 * Where it does not matter which build is used: each operation is proven with every one in media/, and this one starts in a
 * tenth of the time that others take. FFMPEG_PATH and FFPROBE_PATH of whoever runs the tests go first.
 */
export const anyBuild: BinarySettings & { readonly ffmpegPath: string; readonly ffprobePath: string } = {
  searchPath,
  ffmpegPath: wanted.ffmpegPath ?? installedFfmpeg,
  ffprobePath: wanted.ffprobePath ?? installedFfprobe,
};
/** The same for programs that are started with an environment. */
export const anyBuildInEnvironment = { FFMPEG_PATH: anyBuild.ffmpegPath, FFPROBE_PATH: anyBuild.ffprobePath };

export interface TakenFrame {
  readonly output: string;
  readonly note: string | null;
  readonly width: number;
  readonly height: number;
}

/** Takes frames and measures of files, with the product's own code and one build of the programs. */
export function createFrameTaker(settings: BinarySettings) {
  const { signal } = new AbortController();
  const tools = { ffmpeg: createFfmpeg({ binaries: createBinaries(settings) }), limits: defaultMediaLimits };

  return {
    async take(input: string, at: FramePosition, output: string): Promise<TakenFrame> {
      const { note } = await extractFrame({ input, output, at, signal }, tools);
      const { width, height } = await sharp(output).metadata();
      return { output, note, width, height };
    },
    async measure(input: string): Promise<{ width: number; height: number; durationMs: number }> {
      const { info, length } = await describeVideo({ input, signal }, tools);
      return { width: info.width, height: info.height, durationMs: Math.round(length * 1_000) };
    },
  };
}
