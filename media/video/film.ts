import { z } from 'zod';
import type { MediaLimits } from '../../core/limits.ts';
import type { Ffmpeg } from '../ffmpeg.ts';
import { colorBandsWith } from './color-bands.ts';
import { describeVideo, type DescribedVideo } from './extract-frame.ts';
import type { VideoPacket } from './packet-search.ts';
import { showHead } from './video-head.ts';

/** The track of sound that is played with a video. */
export interface FilmSound {
  readonly streamIndex: number;
  readonly codec: string;
  readonly channels: number;
  /** Samples a second of one channel. */
  readonly sampleRate: number;
  /** Bits a second; null where the file does not say. */
  readonly bitRate: number | null;
  /** When it begins, in seconds from the first picture; before it if negative. */
  readonly startsAt: number;
  /** As the file names it: `eng`. Empty where it does not. */
  readonly language: string;
}

/** What has to be known of a video before it is worked on. */
export interface Film extends DescribedVideo {
  /** As ffprobe names them, first one: `mov`, `matroska`, `avi`. */
  readonly container: string;
  readonly codec: string;
  readonly profile: string;
  /** Bits a second of the picture track; null where the file does not say. */
  readonly bitRate: number | null;
  /** Pictures are stored in another order than they are shown in. */
  readonly hasReordering: boolean;
  /** Pictures a second on average. */
  readonly frameRate: number;
  /** What the file says of its rate, as ratios such as `30000/1001`. */
  readonly declaredRates: readonly string[];
  /** Whether pictures last differently long; null where they were not all looked at. */
  readonly isRateVariable: boolean | null;
  /** How many bands a picture is cut into while a table changes its colors; 1: it stays in one. */
  readonly bands: number;
  /** Null where there is none that can be played. */
  readonly sound: FilmSound | null;
  readonly tracks: { readonly video: number; readonly audio: number; readonly subtitle: number };
}

const text = z.string().catch('').default('');
const positive = z.coerce.number().positive().nullable().catch(null).default(null);
const flag = z.coerce.number().catch(0).default(0);

const headSchema = z.object({
  format: z.object({ format_name: text, bit_rate: positive }).prefault({}),
  streams: z
    .array(
      z.object({
        index: z.number().int(),
        codec_type: text,
        codec_name: text,
        profile: text,
        has_b_frames: flag,
        avg_frame_rate: text,
        r_frame_rate: text,
        sample_rate: positive,
        channels: positive,
        bit_rate: positive,
        start_time: z.coerce.number().nullable().catch(null).default(null),
        disposition: z.object({ default: flag, attached_pic: flag, timed_thumbnails: flag }).prefault({}),
        tags: z.object({ language: text }).prefault({}),
      }),
    )
    .default([]),
});

type Stream = z.output<typeof headSchema>['streams'][number];

/** Counted with where a file says nothing of its rate. */
const usualRate = 25;

/** Times are rounded to a millisecond in some containers; frames that differ by more last differently long. */
const sameDuration = 0.0015;

/** Asks what a video is made of and holds it against the limits. Throws VIDEO_*. */
export async function describeFilm(
  source: { readonly input: string; readonly signal: AbortSignal },
  tools: { readonly ffmpeg: Ffmpeg; readonly limits: MediaLimits },
): Promise<Film> {
  const { ffmpeg } = tools;
  const described = await describeVideo(source, tools);
  // What describeVideo has asked already.
  const { format, streams } = headSchema.parse(await ffmpeg.probe({ ...source, show: showHead }));
  const picture = streams.find(({ index }) => index === described.info.streamIndex);
  const { packets, frameCount } = described.info;
  const ofType = (type: string) => streams.filter((stream) => stream.codec_type === type);
  const isCover = ({ disposition }: Stream) => disposition.attached_pic !== 0 || disposition.timed_thumbnails !== 0;
  return {
    ...described,
    container: format.format_name.split(',')[0] ?? '',
    codec: picture?.codec_name ?? '',
    profile: picture?.profile ?? '',
    bitRate: picture?.bit_rate ?? null,
    hasReordering: (picture?.has_b_frames ?? 0) > 0,
    frameRate:
      rateOf(packets) ??
      ratio(picture?.avg_frame_rate ?? '') ??
      (frameCount !== null && described.length > 0 ? frameCount / described.length : usualRate),
    declaredRates: [picture?.avg_frame_rate ?? '', picture?.r_frame_rate ?? ''].filter((rate) => ratio(rate) !== null),
    bands: await colorBandsWith(ffmpeg.parts, described.info),
    isRateVariable: packets === null ? null : isVariable(packets),
    sound: soundOf(ofType('audio'), described.info.firstPicture),
    tracks: {
      video: ofType('video').filter((stream) => !isCover(stream)).length,
      audio: ofType('audio').length,
      subtitle: ofType('subtitle').length,
    },
  };
}

/** The track that is marked as the one to play, else the first. */
function soundOf(tracks: readonly Stream[], firstPicture: number): FilmSound | null {
  const playable = tracks.filter(
    ({ sample_rate: rate, channels, codec_name: codec }) =>
      rate !== null && channels !== null && codec !== '' && codec !== 'unknown',
  );
  const track = playable.find(({ disposition }) => disposition.default !== 0) ?? playable[0];
  if (track === undefined) return null;
  return {
    streamIndex: track.index,
    codec: track.codec_name,
    channels: Math.round(track.channels ?? 0),
    sampleRate: Math.round(track.sample_rate ?? 0),
    bitRate: track.bit_rate,
    startsAt: (track.start_time ?? firstPicture) - firstPicture,
    language: track.tags.language === 'und' ? '' : track.tags.language,
  };
}

function timesOf(packets: readonly VideoPacket[]): number[] {
  return packets.map(({ time }) => time).toSorted((one, other) => one - other);
}

/** Counted from the first picture to the last: what a head says of a short clip is often a guess. */
function rateOf(packets: readonly VideoPacket[] | null): number | null {
  const times = timesOf(packets ?? []);
  const span = (times.at(-1) ?? 0) - (times[0] ?? 0);
  return span > 0 ? Math.round(((times.length - 1) / span) * 1_000) / 1_000 : null;
}

function isVariable(packets: readonly VideoPacket[]): boolean {
  const times = timesOf(packets);
  const steps = times.slice(1).map((time, index) => time - times[index]!);
  return steps.length > 0 && Math.max(...steps) - Math.min(...steps) > sameDuration;
}

/** `30000/1001`; null for `0/0`. */
function ratio(value: string): number | null {
  const [top = 0, bottom = 0] = value.split('/').map(Number);
  const result = top / bottom;
  return Number.isFinite(result) && result > 0 ? Math.round(result * 1_000) / 1_000 : null;
}
