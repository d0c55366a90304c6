import { createBinaries } from '../../media/video/binaries.ts';
import { findUnpackedFfmpeg } from '../../embedded/ffmpeg-package.ts';
import { runCommand } from '../../embedded/run-command.ts';
import type { CliConfig } from '../config.ts';

/** An ffmpeg or ffprobe that was found and answers. */
export interface VideoTool {
  readonly path: string;
  readonly version: string;
  /** An old build of an installer package: fine for own videos, not for those of strangers. */
  readonly isPackaged: boolean;
}

/**
 * The settings with the ffmpeg that "heddle ffmpeg" has unpacked, where neither a setting nor PATH has one; programs that are
 * started with them use it as well.
 */
export async function withUnpackedFfmpeg(config: CliConfig): Promise<CliConfig> {
  if (config.ffmpegPath !== undefined || config.ffprobePath !== undefined) return config;
  const found = await createBinaries({ searchPath: config.searchPath })
    .find('ffmpeg')
    .catch(() => null);
  if (found !== null && found.source !== 'package') return config;
  const unpacked = await findUnpackedFfmpeg(config.cacheDir);
  if (unpacked === null) return config;
  const { ffmpeg, ffprobe } = unpacked;
  const environment = { ...config.environment, FFMPEG_PATH: ffmpeg, FFPROBE_PATH: ffprobe };
  return { ...config, ffmpegPath: ffmpeg, ffprobePath: ffprobe, environment };
}

/** Printing a version is instant, but the first look at a large program on a slow disk is not. */
const versionTimeoutMs = 10_000;

/** Which ffmpeg or ffprobe is used; null when there is none that runs. */
export async function findVideoTool(config: CliConfig, name: 'ffmpeg' | 'ffprobe'): Promise<VideoTool | null> {
  const { ffmpegPath, ffprobePath, searchPath } = config;
  try {
    const found = await createBinaries({ ffmpegPath, ffprobePath, searchPath }).find(name);
    const shown = await runCommand(found.path, ['-version'], { timeoutMs: versionTimeoutMs });
    const version = /version (\S+)/.exec(shown.stdout)?.[1];
    if (shown.code !== 0 || version === undefined) return null;
    return { path: found.path, version, isPackaged: found.source === 'package' };
  } catch {
    return null;
  }
}
