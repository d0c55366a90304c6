import { stat } from 'node:fs/promises';
import { TerminalError } from '../../core/errors/app-error.ts';
import type { MediaTools } from '../../core/node-type/executor.ts';
import type { Ffmpeg } from '../ffmpeg.ts';
import type { MediaLimits } from '../../core/limits.ts';
import {
  checkVideo,
  showInfo,
  showPackets,
  videoInfo,
  videoPackets,
  type VideoInfo,
  type VideoPacket,
} from './video-info.ts';

/*
 * The frame "shown at" a moment is the last one that starts at or before it.
 * With a variable frame rate that cannot be computed: the packets around the
 * moment say where frames start, and ffmpeg then jumps to exactly that start.
 * AVI keeps no presentation times: with B-frames its answer can be one frame off.
 */

export type FramePosition = Parameters<MediaTools['extractFrame']>[0]['at'];

/**
 * Up to this size all packets are listed along with the description, which
 * saves a second ffprobe; a clip of 10 s in 1080p is smaller.
 */
const wholeListBytes = 8 * 1_048_576;

/**
 * Seconds of packets after the moment that are looked at: frames that are
 * shown earlier may be stored later, by some frames. Also how far before the
 * end the last frame is looked for.
 */
const lookAround = 10;

/** Before a frame's start, in seconds: less than any frame lasts, more than times are rounded by. */
const seekMargin = 0.0005;

/** Times are printed with six decimals. */
const timeRounding = 0.000_002;

/** A recording that was cut off may end in frames that cannot be decoded; so many are passed over. */
const maxLastFrames = 4;

export async function extractFrame(
  { input, output, at, signal }: { input: string; output: string; at: FramePosition; signal: AbortSignal },
  { ffmpeg, limits }: { ffmpeg: Ffmpeg; limits: MediaLimits },
): Promise<void> {
  const video = await describeVideo({ input, signal }, ffmpeg);
  checkVideo(video.info, limits);
  const seconds = momentOf(at, video.info);
  const packets = video.packets ?? (await packetsAround(seconds, video.info, { input, signal }, ffmpeg));
  for (const { time } of framesToTry(packets, seconds, video.info)) {
    const atSeconds = Math.max(0, time - video.info.startTime - seekMargin);
    await ffmpeg.writeFrame({ input, output, atSeconds, isAnamorphic: video.info.isAnamorphic, signal });
    if (await hasContent(output)) return;
  }
  throw new TerminalError('VIDEO_UNREADABLE', 'No frame could be decoded at this moment. The video may be damaged.');
}

/**
 * Describes a video; `packets` is there where all of them were listed. A
 * container that does not say how long it is gets its duration from them.
 */
export async function describeVideo(
  { input, signal }: { input: string; signal: AbortSignal },
  ffmpeg: Ffmpeg,
): Promise<{ info: VideoInfo; packets: VideoPacket[] | null }> {
  const { size } = await stat(input);
  if (size <= wholeListBytes) {
    const answer = await ffmpeg.probe({ input, show: [...showInfo, ...showPackets()], signal });
    const packets = videoPackets(answer);
    return { info: withDuration(videoInfo(answer), packets), packets };
  }
  const info = videoInfo(await ffmpeg.probe({ input, show: showInfo, signal }));
  if (info.duration > 0) return { info, packets: null };
  const packets = videoPackets(await ffmpeg.probe({ input, show: showPackets(), signal }));
  return { info: withDuration(info, packets), packets };
}

function withDuration(info: VideoInfo, packets: readonly VideoPacket[]): VideoInfo {
  const last = packets.at(-1);
  if (info.duration > 0 || last === undefined) return info;
  return { ...info, duration: last.time + last.duration - info.startTime };
}

/** Seconds from the start, or null for the last frame. Throws TIMESTAMP_OUT_OF_RANGE. */
function momentOf(at: FramePosition, info: VideoInfo): number | null {
  if (at.kind === 'last') return null;
  const seconds = at.kind === 'time' ? at.ms / 1_000 : at.value * info.duration;
  // A millisecond of grace: durations are rounded when they are shown, and people copy what they see.
  if (seconds < 0 || seconds > info.duration + 0.001) {
    throw new TerminalError(
      'TIMESTAMP_OUT_OF_RANGE',
      `The video ends at ${trimmed(info.duration)} s, so there is no frame at ${trimmed(seconds)} s.`,
      { details: { durationMs: Math.round(info.duration * 1_000), requestedMs: Math.round(seconds * 1_000) } },
    );
  }
  return seconds;
}

async function packetsAround(
  seconds: number | null,
  info: VideoInfo,
  { input, signal }: { input: string; signal: AbortSignal },
  ffmpeg: Ffmpeg,
): Promise<VideoPacket[]> {
  const from = info.startTime + Math.max(0, seconds ?? info.duration - lookAround);
  // The list starts at the key frame before `from`.
  const interval = seconds === null ? `${from.toFixed(6)}%` : `${from.toFixed(6)}%${(from + lookAround).toFixed(6)}`;
  const packets = videoPackets(await ffmpeg.probe({ input, show: showPackets(interval), signal }));
  if (packets.length > 0) return packets;
  return videoPackets(await ffmpeg.probe({ input, show: showPackets(), signal }));
}

/** The frame to take first, then what stands in for it. */
function framesToTry(packets: readonly VideoPacket[], seconds: number | null, info: VideoInfo): VideoPacket[] {
  if (seconds === null) return packets.slice(-maxLastFrames).reverse();
  const moment = info.startTime + seconds + timeRounding;
  const shown = packets.findLast(({ time }) => time <= moment) ?? packets[0];
  return shown === undefined ? [] : [shown];
}

async function hasContent(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => null);
  return found !== null && found.size > 0;
}

/** At most three decimals, no zeros at the end. */
function trimmed(seconds: number): string {
  return String(Number(seconds.toFixed(3)));
}
