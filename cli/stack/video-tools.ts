import { createBinaries } from '../../media/video/binaries.ts';
import { runCommand } from '../../embedded/run-command.ts';
import type { CliConfig } from '../config.ts';

/** An ffmpeg or ffprobe that was found and answers. */
export interface VideoTool {
  readonly path: string;
  readonly version: string;
  /** An old build of an installer package: fine for own videos, not for those of strangers. */
  readonly isPackaged: boolean;
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
