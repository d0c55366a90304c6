import { z } from 'zod';
import { TerminalError } from '../../core/errors/app-error.ts';

/** What an audio file says about itself. Times are in seconds. */
export interface AudioInfo {
  /** Of the track that is played. */
  readonly streamIndex: number;
  /** As ffprobe names it: `mp3`, `aac`, `pcm_s16le`. */
  readonly codec: string;
  readonly channels: number;
  /** Samples a second of one channel. */
  readonly sampleRate: number;
  /** Null where the file does not say; a guess where its format keeps no length (MP3, AAC). */
  readonly declaredLength: number | null;
  readonly streamCount: number;
}

const text = z.string().catch('').default('');
const positive = z.coerce.number().positive().nullable().catch(null).default(null);
const flag = z.coerce.number().catch(0).default(0);

const headSchema = z.object({
  format: z.object({ duration: positive, nb_streams: z.number().catch(0).default(0) }),
  streams: z
    .array(
      z.object({
        index: z.number().int(),
        codec_type: text,
        codec_name: text,
        sample_rate: positive,
        channels: positive,
        duration: positive,
        disposition: z.object({ default: flag }).prefault({}),
        tags: z.object({ enc_key_id: text }).prefault({}),
      }),
    )
    .default([]),
});

/** Options of ffprobe that list what audioInfo reads, and no tag of any length. */
export const showAudioHead: readonly string[] = [
  '-show_entries',
  'format=duration,nb_streams:stream=index,codec_type,codec_name,sample_rate,channels,duration:' +
    'stream_disposition=default:stream_tags=enc_key_id',
];

/** Options of ffprobe that list the packets of one track for createPacketSpan. */
export function showAudioPackets(streamIndex: number): readonly string[] {
  return ['-select_streams', String(streamIndex), '-show_entries', 'packet=pts_time,duration_time'];
}

/** Reads ffprobe's answer. Throws AUDIO_UNREADABLE where there is no sound in it, or none without a key. */
export function audioInfo(answer: unknown): AudioInfo {
  const parsed = headSchema.safeParse(answer);
  const tracks = parsed.data?.streams.filter(({ codec_type: type }) => type === 'audio') ?? [];
  const track = tracks.find(({ disposition }) => disposition.default !== 0) ?? tracks[0];
  if (parsed.data === undefined || track === undefined)
    throw unreadable('The file has no audio that can be read. Choose another one.');
  if (track.tags.enc_key_id !== '')
    throw unreadable('The audio file is encrypted (DRM). Use a copy without encryption.');
  const { sample_rate: sampleRate, channels, codec_name: codec } = track;
  if (sampleRate === null || channels === null || codec === '' || codec === 'unknown') {
    throw unreadable('The audio file is of an unknown kind. Save it as MP3 or FLAC.');
  }
  return {
    streamIndex: track.index,
    codec,
    channels: Math.round(channels),
    sampleRate: Math.round(sampleRate),
    declaredLength: track.duration ?? parsed.data.format.duration,
    streamCount: Math.max(parsed.data.format.nb_streams, parsed.data.streams.length),
  };
}

function unreadable(message: string): TerminalError {
  return new TerminalError('AUDIO_UNREADABLE', message);
}

interface PacketSpan {
  /** One line of ffprobe's list, `pts_time=…|duration_time=…`. */
  add(line: string): void;
  /** Seconds of sound that there are; null where there was none. */
  readonly length: number | null;
}

/** A clock that goes back by more than this, in seconds, begins anew: encoders let packets overlap by less. */
const overlap = 0.25;

/**
 * Measures how long the sound is that is there: from the first packet to the end of the last one, and where one sound follows
 * another in the same file (a chained Ogg), whose clock begins anew, that of all of them. Keeps three numbers, however many packets come.
 */
export function createPacketSpan(): PacketSpan {
  let first = Number.POSITIVE_INFINITY;
  let end = Number.NEGATIVE_INFINITY;
  let before = 0;
  return {
    add(line) {
      const fields = new Map(line.split('|').map((field) => field.split('=', 2) as [string, string]));
      const start = Number(fields.get('pts_time'));
      if (!Number.isFinite(start)) return;
      const duration = Number(fields.get('duration_time'));
      if (start < end - overlap) {
        before += end - first;
        first = start;
        end = start;
      }
      first = Math.min(first, start);
      end = Math.max(end, start + (Number.isFinite(duration) ? duration : 0));
    },
    get length() {
      return end > first ? before + end - first : null;
    },
  };
}
