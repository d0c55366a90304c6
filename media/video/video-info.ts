import { z } from 'zod';
import { TerminalError } from '../../core/errors/app-error.ts';
import type { MediaLimits } from '../../core/limits.ts';

/** What there is to know about a video without decoding it. Times are in seconds. */
export interface VideoInfo {
  /** Of the upright picture with square pixels. */
  readonly width: number;
  readonly height: number;
  /** Zero where the container does not say (recordings straight from a browser). */
  readonly duration: number;
  /** The moment on the container's clock that counts as 0. */
  readonly startTime: number;
  readonly isAnamorphic: boolean;
  /** Average; 0 where unknown. */
  readonly fps: number;
  readonly streamCount: number;
}

export interface VideoPacket {
  /** Presentation time on the container's clock. */
  readonly time: number;
  readonly duration: number;
}

const seconds = z.coerce.number().catch(0);

const probeSchema = z.object({
  format: z.object({ duration: seconds.default(0), start_time: seconds.default(0), nb_streams: z.number().default(0) }),
  streams: z.array(
    z.object({
      width: z.number().default(0),
      height: z.number().default(0),
      sample_aspect_ratio: z.string().default(''),
      avg_frame_rate: z.string().default(''),
      tags: z.object({ rotate: seconds.default(0) }).prefault({}),
      side_data_list: z.array(z.object({ rotation: z.number().optional() })).default([]),
    }),
  ),
});

const packetsSchema = z.object({
  packets: z
    .array(
      z.object({
        pts_time: z.string().optional(),
        dts_time: z.string().optional(),
        duration_time: seconds.default(0),
        flags: z.string().default(''),
      }),
    )
    .default([]),
});

/** Options of ffprobe that list what videoInfo reads. */
export const showInfo = ['-show_format', '-show_streams'] as const;

/** Options of ffprobe that list what videoPackets reads, for all of the file or an interval such as `10%20`. */
export function showPackets(interval?: string): string[] {
  return [
    '-show_entries',
    'packet=pts_time,dts_time,duration_time,flags',
    ...(interval === undefined ? [] : ['-read_intervals', interval]),
  ];
}

/** Reads ffprobe's answer. Throws VIDEO_UNREADABLE where there is no picture in it. */
export function videoInfo(answer: unknown): VideoInfo {
  const parsed = probeSchema.safeParse(answer);
  const video = parsed.data?.streams[0];
  if (!parsed.success || video === undefined || video.width <= 0 || video.height <= 0) {
    throw new TerminalError('VIDEO_UNREADABLE', 'The file has no video track that can be read.');
  }
  const pixelAspect = ratio(video.sample_aspect_ratio, ':') || 1;
  const width = Math.max(1, Math.round(video.width * pixelAspect));
  const rotation = video.side_data_list.find((item) => item.rotation !== undefined)?.rotation ?? video.tags.rotate;
  const isTurned = Math.abs(Math.round(rotation / 90)) % 2 === 1;
  return {
    width: isTurned ? video.height : width,
    height: isTurned ? width : video.height,
    duration: Math.max(0, parsed.data.format.duration),
    startTime: parsed.data.format.start_time,
    isAnamorphic: pixelAspect !== 1,
    fps: ratio(video.avg_frame_rate, '/'),
    streamCount: parsed.data.format.nb_streams,
  };
}

/** The packets that are shown, in the order they are shown. */
export function videoPackets(answer: unknown): VideoPacket[] {
  const { packets } = packetsSchema.parse(answer);
  return packets
    .filter(({ flags }) => !flags.includes('D'))
    .map(({ pts_time: pts, dts_time: dts, duration_time: duration }) => ({ time: Number(pts ?? dts), duration }))
    .filter(({ time }) => Number.isFinite(time))
    .sort((a, b) => a.time - b.time);
}

/** Throws VIDEO_TOO_LONG or VIDEO_TOO_LARGE for a video beyond the limits. */
export function checkVideo(info: VideoInfo, limits: MediaLimits): void {
  const { maxVideoMs, maxVideoSide, maxVideoFps, maxVideoStreams } = limits;
  if (info.duration * 1_000 > maxVideoMs) {
    throw new TerminalError(
      'VIDEO_TOO_LONG',
      `The video takes ${Math.round(info.duration)} s; up to ${maxVideoMs / 1_000} s are taken. Cut it.`,
    );
  }
  if (Math.max(info.width, info.height) > maxVideoSide) {
    throw new TerminalError(
      'VIDEO_TOO_LARGE',
      `The video has ${info.width} × ${info.height} pixels; up to ${maxVideoSide} on a side are taken.`,
    );
  }
  // Cameras are not exact: 60 frames a second are recorded as 59.94 or 60.2.
  if (info.fps > maxVideoFps + 1) {
    throw new TerminalError(
      'VIDEO_TOO_LARGE',
      `The video has ${Math.round(info.fps)} frames a second; up to ${maxVideoFps} are taken.`,
    );
  }
  if (info.streamCount > maxVideoStreams) {
    throw new TerminalError(
      'VIDEO_TOO_LARGE',
      `The video has ${info.streamCount} streams; up to ${maxVideoStreams} are taken.`,
    );
  }
}

/** Zero for `0:1`, `0/0` and what is not a ratio. */
function ratio(text: string, separator: string): number {
  const [top = 0, bottom = 0] = text.split(separator).map(Number);
  const value = top / bottom;
  return Number.isFinite(value) ? value : 0;
}
