import { rm, stat } from 'node:fs/promises';
import { TerminalError } from '../../core/errors/app-error.ts';
import type { Ffmpeg, PictureRequest } from '../ffmpeg.ts';
import type { MediaLimits } from '../../core/limits.ts';
import type { DecodedPicture, DecodeLog } from './decode-log.ts';
import { colorBandsWith } from './color-bands.ts';
import { decoderOptions } from './encoder-memory.ts';
import { framePlan, type FramePlan } from './frame-filters.ts';
import { createPacketSearch, readPacket, type FoundPicture, type PacketSearch } from './packet-search.ts';
import { copyPlainPng } from './plain-png.ts';
import { planColors } from './video-colors.ts';
import { checkVideo } from './check-video.ts';
import { showHead, showPackets } from './video-head.ts';
import { videoInfo, type VideoInfo } from './video-info.ts';

/*
 * The frame "shown at" a moment is the last one that starts at or before it.
 * With a variable frame rate that cannot be computed: the packets around the
 * moment say where frames start and where decoding has to begin. ffmpeg then
 * reports which picture it gave; what it says is not what was asked for, or
 * not sound, is tried again from further ahead. Seconds count from the first
 * picture, whatever the file's own clock says.
 */

/** Which frame: the one that is shown after so many milliseconds, at a fraction of the length (0 to 1), or the last. */
export type FramePosition =
  | { readonly kind: 'time'; readonly ms: number }
  | { readonly kind: 'fraction'; readonly value: number }
  | { readonly kind: 'last' };

/** What one has to know about a frame to take it for what it is. */
export interface FrameFacts {
  /** That it was made of HDR video, or stands in for a damaged one; null where there is nothing to say. */
  readonly note: string | null;
}

/** What was found out about a video. */
export interface DescribedVideo {
  readonly info: VideoInfo;
  /** Seconds from the first picture to the end of what is there. */
  readonly length: number;
}

interface Tools {
  readonly ffmpeg: Ffmpeg;
  readonly limits: MediaLimits;
}

/** Seconds before the moment that are listed first; where that does not reach a key frame, more, then all. */
const looksBack = [1, 15];

/** Seconds after the moment that are listed: frames that are shown earlier may be stored later, by some frames. */
const lookAhead = 10;

/** Seconds before the end where the last frame is looked for first. */
const lastSeconds = 10;

/** How much earlier decoding begins when a picture did not come out of the key frame before it. */
const stepBack = 10;

/** Two times that differ by less than this are one. */
const sameTime = 0.0005;

/** Pictures beyond the wanted one that may be decoded in search of a sound one. */
const surveyAhead = 100;

/** Decoded pixels that one frame may cost: ten minutes of 1080p at 50 frames a second, minutes of work. */
const maxDecodedPixels = 62e9;

/** Frames a second that are counted with where nobody has counted them. */
const usualRate = 60;

/**
 * Asks for the head, holds it against the limits and measures the length where
 * the file does not say it. Throws VIDEO_*.
 */
export async function describeVideo(
  { input, signal }: { input: string; signal: AbortSignal },
  { ffmpeg, limits }: Tools,
): Promise<DescribedVideo> {
  const info = videoInfo(await ffmpeg.probe({ input, show: showHead, signal }));
  const length = info.end === null || info.isEndDoubtful ? null : Math.max(0, info.end - info.firstPicture);
  checkVideo(info, length, limits);
  if (length !== null) return { info, length };
  const measured = Math.max(0, (await measuredEnd(info, { input, signal }, ffmpeg)) - info.firstPicture);
  checkVideo(info, measured, limits);
  return { info, length: measured };
}

interface FrameRequest {
  readonly input: string;
  readonly output: string;
  readonly at: FramePosition;
  /** The picture is made smaller to lie in it, in pixels. Default: it keeps its size. */
  readonly box?: { readonly width: number; readonly height: number };
  readonly signal: AbortSignal;
}

/**
 * Writes the frame as a PNG that shows what a browser shows. Throws
 * TIMESTAMP_OUT_OF_RANGE and VIDEO_*; says in its answer what one has to know
 * about the picture.
 */
export async function extractFrame(
  { input, output, at, box, signal }: FrameRequest,
  tools: Tools,
): Promise<FrameFacts> {
  const video = await describeVideo({ input, signal }, tools);
  const { info } = video;
  const seconds = secondsOf(at, video);
  const found = await findPicture(seconds, video, { input, signal }, tools.ffmpeg);
  const color = planColors(info.color);
  // What is made smaller is small before its colors change.
  const bands = box === undefined ? await colorBandsWith(tools.ffmpeg.parts, info) : 1;
  const plan = framePlan(info, color, { box, bands });
  const frame: Frame = { input, output: `${output}.colored`, info, plan, signal };
  try {
    const time = info.isCounted ? await takeByNumber(found, frame, tools) : await takeByTime(found, frame, tools);
    await copyPlainPng(frame.output, output);
    return { note: noteOf(info, color.isHdr, found.picture.time, time) };
  } finally {
    await rm(frame.output, { force: true });
  }
}

interface Frame {
  readonly input: string;
  readonly output: string;
  readonly info: VideoInfo;
  readonly plan: FramePlan;
  readonly signal: AbortSignal;
}

/** Seconds from the first picture; null for the last frame. Throws TIMESTAMP_OUT_OF_RANGE. */
export function secondsOf(at: FramePosition, { length }: DescribedVideo): number | null {
  if (at.kind === 'last') return null;
  const seconds = at.kind === 'time' ? at.ms / 1_000 : at.value * length;
  // A millisecond of grace: durations are rounded when they are shown, and people copy what they see.
  if (seconds < 0 || seconds > length + 0.001) {
    throw new TerminalError(
      'TIMESTAMP_OUT_OF_RANGE',
      `The video ends at ${trimmed(length)} s, so there is no frame at ${trimmed(seconds)} s. Choose a moment before that.`,
      { details: { durationMs: Math.round(length * 1_000), requestedMs: Math.round(seconds * 1_000) } },
    );
  }
  return seconds;
}

interface Found {
  readonly picture: FoundPicture;
  /** How many pictures are shown up to this one, where all were listed. */
  readonly number: number;
}

/** Finds out when the frame starts that is shown at a moment, and where decoding has to begin for it; null: the last one. */
export async function findPicture(
  seconds: number | null,
  { info, length }: DescribedVideo,
  source: { input: string; signal: AbortSignal },
  ffmpeg: Ffmpeg,
): Promise<Found> {
  const moment = seconds === null ? Number.POSITIVE_INFINITY : info.firstPicture + seconds;
  const near = seconds === null ? info.firstPicture + length - lastSeconds : moment;
  const to = seconds === null ? '' : (moment + lookAhead).toFixed(6);
  // Frames that are known by their number have to be counted from the first one.
  for (const back of info.isCounted || info.packets !== null ? [] : looksBack) {
    const from = near - back;
    if (from <= info.firstPicture) break;
    const picture = (await search(moment, `${from.toFixed(6)}%${to}`, info, source, ffmpeg)).picture();
    if (picture !== null && picture.start !== null && picture.time <= moment) return { picture, number: 0 };
  }
  const all = await search(moment, `%${to}`, info, source, ffmpeg);
  const picture = all.picture();
  if (picture !== null) return { picture, number: Math.max(1, all.shown) };
  throw new TerminalError(
    'VIDEO_UNREADABLE',
    'The video has no readable frames. It may be damaged. Save it again, or use another.',
  );
}

async function search(
  moment: number,
  interval: string,
  info: VideoInfo,
  source: { input: string; signal: AbortSignal },
  ffmpeg: Ffmpeg,
): Promise<PacketSearch> {
  const found = createPacketSearch(moment);
  if (info.packets !== null) {
    // The head of a short clip has them all: no program is asked for what is known.
    for (const packet of info.packets) found.add(packet);
    return found;
  }
  const onLine = (line: string) => {
    const packet = readPacket(line);
    if (packet !== null) found.add(packet);
  };
  await ffmpeg.list({ ...source, show: showPackets(info.streamIndex, interval), onLine });
  return found;
}

/** When the last picture ends; the end that the file names may be a length instead, or missing. */
async function measuredEnd(
  info: VideoInfo,
  source: { input: string; signal: AbortSignal },
  ffmpeg: Ffmpeg,
): Promise<number> {
  const { end, firstPicture } = info;
  const near = end === null ? null : Math.max(end, firstPicture) - lastSeconds;
  const measure = async (interval: string) =>
    (await search(Number.POSITIVE_INFINITY, interval, info, source, ffmpeg)).end;
  const measured =
    (near === null || near <= firstPicture ? null : await measure(`${near.toFixed(6)}%`)) ?? (await measure('%'));
  if (measured === null) return end ?? firstPicture;
  // Sound may go on after the pictures; an end that lies before them is a length.
  return end !== null && end > measured ? end : measured;
}

/** Takes a frame by its time. Gives the time of the one that was taken. */
async function takeByTime({ picture }: Found, frame: Frame, { ffmpeg }: Tools): Promise<number> {
  const { info, plan, input, output, signal } = frame;
  const { time, start } = picture;
  const source = { input, streamIndex: info.streamIndex, options: decoderOptions({ info }), signal };
  checkCost((start?.packetsBefore ?? 0) + 1, info);
  for (const from of startsFor(picture, info)) {
    const request: PictureRequest = { ...source, from, wanted: { time } };
    const log = await ffmpeg.writePicture({ ...request, output, plan });
    if (isPicture(log, time) && !log.hasComplaints && (await hasContent(output))) return time;
  }
  // The decoder complained, or gave another picture: the nearest sound one is taken.
  for (const from of startsFor(picture, info)) {
    const pictures = Math.ceil((time - (from ?? info.firstPicture)) * usualRate) + surveyAhead;
    checkCost(pictures, info);
    const log = await ffmpeg.decode({ ...source, from, pictures });
    const nearest = nearestSound(log.pictures, time);
    if (nearest === null) continue;
    const taken = await ffmpeg.writePicture({ ...source, from, wanted: { time: nearest }, output, plan });
    if (isPicture(taken, nearest) && (await hasContent(output))) return nearest;
  }
  throw new TerminalError(
    'VIDEO_UNREADABLE',
    `No frame near ${trimmed(time - info.firstPicture)} s can be decoded. The video is damaged there; choose another moment.`,
  );
}

/** Where decoding begins: at the key frame, then further ahead, then at the beginning where that is near enough. */
function startsFor({ time, start }: FoundPicture, info: VideoInfo): (number | null)[] {
  const begin = info.firstPicture;
  const starts = start === null ? [null] : [start.time, start.time - stepBack];
  const kept = starts.map((from) => (from === null || from <= begin + sameTime ? null : from));
  if ((time - begin) * usualRate * info.flatWidth * info.flatHeight <= maxDecodedPixels) kept.push(null);
  return [...new Set(kept)];
}

/** Takes a frame of a container without presentation times: the decoder knows their order, so they are counted. */
async function takeByNumber({ picture, number }: Found, frame: Frame, { ffmpeg }: Tools): Promise<number> {
  const { info, plan, input, output, signal } = frame;
  checkCost(number, info);
  const source = { input, streamIndex: info.streamIndex, options: decoderOptions({ info }), from: null, signal };
  const log = await ffmpeg.writePicture({ ...source, wanted: { number: number - 1 }, output, plan });
  if (log.pictures.length > 0 && !log.hasComplaints && (await hasContent(output))) return picture.time;
  const { pictures } = await ffmpeg.decode({ ...source, pictures: number });
  // The last sound one that is not later than the wanted one.
  const nearest = pictures.findLastIndex(({ isSound }, index) => isSound && index < number);
  if (nearest >= 0) {
    await ffmpeg.writePicture({ ...source, wanted: { number: nearest }, output, plan });
    const missed = number - 1 - nearest;
    const length = (picture.time - info.firstPicture) / Math.max(1, number - 1);
    if (await hasContent(output)) return picture.time - missed * length;
  }
  throw new TerminalError(
    'VIDEO_UNREADABLE',
    'No frame could be decoded at this moment. The video may be damaged. Choose another moment, or save it again.',
  );
}

function checkCost(pictures: number, { flatWidth, flatHeight }: VideoInfo): void {
  if (pictures * flatWidth * flatHeight <= maxDecodedPixels) return;
  throw new TerminalError(
    'VIDEO_TOO_LARGE',
    `${pictures} frames of ${flatWidth} × ${flatHeight} pixels would have to be decoded for this frame. ` +
      'Save the video with more key frames, or make it smaller.',
  );
}

function isPicture({ pictures }: DecodeLog, time: number): boolean {
  const first = pictures[0]?.time ?? null;
  return first !== null && Math.abs(first - time) < sameTime;
}

/** The last one up to the time; where there is none, the first one after it. */
function nearestSound(pictures: readonly DecodedPicture[], time: number): number | null {
  const sound = pictures.flatMap(({ time: at, isSound }) => (isSound && at !== null ? [at] : []));
  return sound.findLast((at) => at <= time + sameTime) ?? sound[0] ?? null;
}

function noteOf(info: VideoInfo, isHdr: boolean, wanted: number, taken: number): string | null {
  const notes = [
    ...(info.isDolbyVisionOnly ? ['Dolby Vision, colors not exact'] : isHdr ? ['from HDR, tone-mapped'] : []),
    ...(Math.abs(taken - wanted) < sameTime
      ? []
      : [`at ${trimmed(taken - info.firstPicture)} s, as the wanted frame is damaged`]),
  ];
  return notes.length > 0 ? notes.join('; ') : null;
}

async function hasContent(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => null);
  return found !== null && found.size > 0;
}

/** At most three decimals, no zeros at the end. */
function trimmed(seconds: number): string {
  return String(Number(seconds.toFixed(3)));
}
