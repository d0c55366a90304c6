import { TerminalError } from '../../core/errors/app-error.ts';
import type { MediaLimits } from '../../core/limits.ts';
import type { VideoInfo } from './video-info.ts';

/** Throws VIDEO_TOO_LONG or VIDEO_TOO_LARGE for a video beyond the limits. `length` is null where it is not known. */
export function checkVideo(info: VideoInfo, length: number | null, limits: MediaLimits): void {
  const { maxVideoMs, maxVideoSide, maxVideoFps, maxVideoStreams } = limits;
  if (length !== null && length * 1_000 > maxVideoMs) {
    throw new TerminalError(
      'VIDEO_TOO_LONG',
      `The video takes ${Math.round(length)} s; up to ${maxVideoMs / 1_000} s are taken. Cut it.`,
    );
  }
  if (Math.max(info.width, info.height) > maxVideoSide) {
    throw new TerminalError(
      'VIDEO_TOO_LARGE',
      `The video has ${info.width} × ${info.height} pixels; up to ${maxVideoSide} on a side are taken. Make it smaller.`,
    );
  }
  // Frames that are there are counted: what a file says of its rate is often a guess. A second more lets short clips pass.
  if (length !== null && info.frameCount !== null && info.frameCount > maxVideoFps * (length + 1)) {
    throw new TerminalError(
      'VIDEO_TOO_LARGE',
      `The video has ${Math.round(info.frameCount / length)} frames a second; up to ${maxVideoFps} are taken. Save it with fewer.`,
    );
  }
  if (info.streamCount > maxVideoStreams) {
    throw new TerminalError(
      'VIDEO_TOO_LARGE',
      `The video has ${info.streamCount} streams; up to ${maxVideoStreams} are taken. Save it with fewer.`,
    );
  }
}
