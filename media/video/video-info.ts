import type { z } from 'zod';
import { TerminalError } from '../../core/errors/app-error.ts';
import { shownPacket, type VideoPacket } from './packet-search.ts';
import type { ColorTags } from './video-colors.ts';
import { headPackets, headSchema, type Stream } from './video-head.ts';

/** What there is to know about a video without decoding it. Times are in seconds on the file's own clock. */
export interface VideoInfo {
  /** Of the picture track that a browser shows. */
  readonly streamIndex: number;
  /** Of the stored picture with square pixels, before it is turned. */
  readonly flatWidth: number;
  readonly flatHeight: number;
  readonly turn: Turn;
  /** Of the upright picture with square pixels. */
  readonly width: number;
  readonly height: number;
  /** When the first picture is shown. What people call second 0. */
  readonly firstPicture: number;
  /** When the last picture or sound ends; null where the file does not say. */
  readonly end: number | null;
  /** Whether `end` may be a length: some programs write one into Matroska, some the other. */
  readonly isEndDoubtful: boolean;
  /** The container keeps no presentation times (AVI): pictures are known by their number alone. */
  readonly isCounted: boolean;
  /** Null where the file does not say. */
  readonly frameCount: number | null;
  readonly streamCount: number;
  readonly color: ColorTags;
  /** All packets of the track in the order they are stored, where the file has so few; null otherwise. */
  readonly packets: readonly VideoPacket[] | null;
  /** Dolby Vision without a layer that other decoders understand. */
  readonly isDolbyVisionOnly: boolean;
}

/** How the stored picture becomes upright: first mirrored at its main diagonal, then along each side. */
export interface Turn {
  readonly isTransposed: boolean;
  readonly flipsX: boolean;
  readonly flipsY: boolean;
}

/** Reads ffprobe's answer. Throws VIDEO_UNREADABLE where there is no picture in it, or none without a key. */
export function videoInfo(answer: unknown): VideoInfo {
  const parsed = headSchema.safeParse(answer);
  if (!parsed.success)
    throw new TerminalError(
      'VIDEO_UNREADABLE',
      'The file has no video track that can be read. Save it again, or use another.',
    );
  const { format, streams, packets } = parsed.data;
  const video = shownTrack(streams);
  const isEncrypted =
    video.tags.enc_key_id !== '' ||
    packets.some(
      ({ stream_index: index, side_data_list: sideData }) =>
        index === video.index && sideData.some(({ side_data_type: type }) => type.startsWith('Encryption')),
    );
  if (isEncrypted) {
    throw new TerminalError(
      'VIDEO_UNREADABLE',
      'The video is encrypted (DRM), so its frames cannot be read. Use an unencrypted copy.',
    );
  }
  const aspect = ratio(video.sample_aspect_ratio) || 1;
  // A side only ever grows, as in a browser.
  const flatWidth = aspect > 1 ? Math.max(1, Math.round(video.width * aspect)) : video.width;
  const flatHeight = aspect < 1 ? Math.max(1, Math.round(video.height / aspect)) : video.height;
  const turn = turnOf(video);
  const times = packets
    .filter(({ stream_index: index, flags }) => index === video.index && !flags.includes('D'))
    .flatMap(({ pts_time: pts, dts_time: dts }) => pts ?? dts ?? []);
  const firstPicture = times.length > 0 ? Math.min(...times) : (video.start_time ?? format.start_time ?? 0);
  const isMatroska = format.format_name.startsWith('matroska');
  const known = packets.length < headPackets ? shownPackets(packets, video.index) : null;
  const dolbyVision = video.side_data_list.find(({ dv_profile: profile }) => profile !== null);
  return {
    streamIndex: video.index,
    flatWidth,
    flatHeight,
    turn,
    width: turn.isTransposed ? flatHeight : flatWidth,
    height: turn.isTransposed ? flatWidth : flatHeight,
    firstPicture,
    end: withPictures(isMatroska ? positive(format.duration) : endOf(streams, format.duration, firstPicture), known),
    isEndDoubtful: isMatroska && firstPicture >= doubtfulStart,
    isCounted: format.format_name === 'avi',
    frameCount: video.nb_frames,
    streamCount: Math.max(format.nb_streams, streams.length),
    color: {
      matrix: video.color_space,
      range: video.color_range,
      primaries: video.color_primaries,
      transfer: video.color_transfer,
      pixelFormat: video.pix_fmt,
      codec: video.codec_name,
      height: video.height,
    },
    packets: known,
    isDolbyVisionOnly: dolbyVision?.dv_profile === 5 || dolbyVision?.dv_bl_signal_compatibility_id === 0,
  };
}

function shownPackets(packets: z.output<typeof headSchema>['packets'], streamIndex: number): readonly VideoPacket[] {
  return packets
    .filter(({ stream_index: index }) => index === streamIndex)
    .flatMap(
      ({ pts_time: pts, dts_time: dts, duration_time: duration, size, flags }) =>
        shownPacket({ pts, dts, duration, isEmpty: size === '0', flags }) ?? [],
    );
}

/** Muxers that did not know how long the last frames are end before those: a picture that is there is within the video. */
function withPictures(end: number | null, packets: readonly VideoPacket[] | null): number | null {
  if (end === null || packets === null) return end;
  return packets.reduce((latest, { time }) => Math.max(latest, time), end);
}

/** A clock that starts later than this, in seconds, is no delay of a codec: whether `duration` counts it is then asked. */
const doubtfulStart = 1;

/** The track that is marked as the one to show, else the first; covers and stills for chapters are none. */
function shownTrack(streams: readonly Stream[]): Stream {
  const pictures = streams.filter(({ codec_type: type }) => type === 'video');
  const tracks = pictures.filter(
    ({ disposition }) => disposition.attached_pic === 0 && disposition.timed_thumbnails === 0,
  );
  const track = tracks.find(({ disposition }) => disposition.default !== 0) ?? tracks[0];
  if (track !== undefined && track.width > 0 && track.height > 0) return track;
  const hasSound = streams.some(({ codec_type: type }) => type === 'audio');
  const message =
    track !== undefined || !hasSound
      ? 'The file has no video track that can be read. Save it again, or use another.'
      : `The file holds audio ${pictures.length > 0 ? 'and a cover image' : 'alone'}, no video.`;
  throw new TerminalError('VIDEO_UNREADABLE', message, {
    details: { holds: track === undefined && hasSound ? 'audio' : null },
  });
}

/** The end by the tracks; an edit list may show less of them than is stored, and then the file's length counts. */
function endOf(streams: readonly Stream[], fileLength: number | null, firstPicture: number): number | null {
  const ends = streams
    .filter(({ codec_type: type }) => type === 'video' || type === 'audio')
    .flatMap(({ start_time: start, duration }) => (duration === null ? [] : [(start ?? 0) + duration]));
  const byTracks = ends.length > 0 ? Math.max(...ends) : null;
  const byFile = positive(fileLength) === null ? null : firstPicture + (fileLength ?? 0);
  if (byTracks === null || byTracks <= firstPicture) return byFile;
  return byFile === null ? byTracks : Math.min(byTracks, byFile);
}

/** The matrix maps a stored point (x, y) to (a·x + c·y, b·x + d·y); only quarter turns and mirrors are shown by players. */
function turnOf({ side_data_list: sideData, tags }: Stream): Turn {
  const matrix = sideData.find(({ displaymatrix }) => displaymatrix !== '')?.displaymatrix;
  if (matrix === undefined) {
    // Old files name a clockwise turn instead.
    const quarters = (((Math.round((tags.rotate ?? 0) / 90) % 4) + 4) % 4) as 0 | 1 | 2 | 3;
    return { isTransposed: quarters % 2 === 1, flipsX: quarters === 1 || quarters === 2, flipsY: quarters >= 2 };
  }
  const rows = matrix
    .split('\n')
    .filter((line) => line.includes(':'))
    .map((line) =>
      line
        .slice(line.indexOf(':') + 1)
        .trim()
        .split(/\s+/)
        .map(Number),
    );
  const [a = 0, b = 0] = rows[0] ?? [];
  const [c = 0, d = 0] = rows[1] ?? [];
  const isTransposed = Math.abs(b) + Math.abs(c) > Math.abs(a) + Math.abs(d);
  return isTransposed ? { isTransposed, flipsX: c < 0, flipsY: b < 0 } : { isTransposed, flipsX: a < 0, flipsY: d < 0 };
}

function positive(value: number | null): number | null {
  return value !== null && value > 0 ? value : null;
}

/** Zero for `0:1`, `N/A` and what is not a ratio. */
function ratio(value: string): number {
  const [top = 0, bottom = 0] = value.split(':').map(Number);
  const result = top / bottom;
  return Number.isFinite(result) ? result : 0;
}
