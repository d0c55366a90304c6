import { colorTable, planColors } from './video-colors.ts';
import { decoderOptions, encoderOptions, type PictureSize } from './encoder-memory.ts';
import { moment } from './frame-filters.ts';
import type { Ffmpeg } from '../ffmpeg.ts';
import { videoSubject } from '../subjects.ts';
import type { WriteInput, WriteRequest } from '../write-request.ts';
import type { Film } from './film.ts';
import { showAsStored } from './upright-mp4.ts';

/*
 * How videos are read and written anew. What comes out is what a player shows: upright, square pixels, 8 bits in BT.709
 * (HDR is mapped to it), with the first picture at second 0, as H.264 and AAC in MP4, which everything plays. Frames
 * keep their times, also where they last differently long.
 */

/** Reads a film from `from` on, in seconds from its first picture. */
export function filmInput(file: string, { info }: Pick<Film, 'info'>, from = 0): WriteInput {
  // AVI has no clock: its pictures are known by their number, and the first one is where it begins.
  const seek = info.isCounted ? (from > 0 ? ['-ss', moment(from)] : []) : seekTo(info.firstPicture + from);
  return { file, subject: videoSubject, options: ['-noautorotate', ...decoderOptions({ info }), ...seek] };
}

function seekTo(time: number): string[] {
  return ['-seek_timestamp', '1', '-ss', moment(time)];
}

/** Writes an MP4 whose pictures the filters have made upright. */
export async function writeUpright(ffmpeg: Ffmpeg, request: WriteRequest): Promise<void> {
  await ffmpeg.write(request);
  await showAsStored(request.output);
}

/** Filters, and the files they read. */
export interface FilmFilters {
  readonly filters: string;
  readonly files: NonNullable<WriteRequest['files']>;
}

/** Filters that make pictures upright, with square pixels, in BT.709. `name` tells tables of several films apart. */
export function uprightFilters({ info, bands }: Pick<Film, 'info' | 'bands'>, name = 'film'): FilmFilters {
  const { flatWidth, flatHeight, turn } = info;
  const { matrix, range, table } = planColors(info.color);
  const exact = 'flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp';
  const from = matrix === null ? [] : [`in_color_matrix=${matrix}`, `in_range=${range === 'full' ? 'pc' : 'tv'}`];
  const to = 'out_color_matrix=bt709:out_range=tv';
  const size = [`w=${flatWidth}`, `h=${flatHeight / bands}`, exact, ...from].join(':');
  const file = `${name}.cube`;
  return {
    filters: [
      // What turns the picture is done here, and must not be done again by players.
      'sidedata=mode=delete:type=DISPLAYMATRIX',
      ...(table === null
        ? [`scale=${size}:${to}`]
        : [
            ...(bands > 1 ? [`untile=1x${bands}`] : []),
            `scale=${size}:out_range=pc`,
            'format=rgb48le',
            `lut3d=file=${file}:interp=tetrahedral`,
            `scale=${exact}:${to}`,
          ]),
      'format=yuv420p',
      ...(bands > 1 ? [`tile=1x${bands}`] : []),
      ...(turn.isTransposed ? ['transpose=dir=cclock_flip'] : []),
      ...(turn.flipsX ? ['hflip'] : []),
      ...(turn.flipsY ? ['vflip'] : []),
      'setsar=1',
    ].join(','),
    files: table === null ? [] : [{ name: file, text: colorTable(table) }],
  };
}

/** Divides evenly into frames of every usual rate, 24,000 / 1,001 among them. */
export const timescale = '120000';

/**
 * Pictures of a size, made of `films`, as H.264: hardly told from the source, in about the time it takes to play it on one
 * core. At `rate`, or with the times they have where that is null.
 */
export function pictureOptions(rate: string | null, size: PictureSize, films: readonly Pick<Film, 'info'>[]): string[] {
  return [
    ...['-c:v', 'libx264', '-preset', 'veryfast', ...encoderOptions(size, films), '-pix_fmt', 'yuv420p'],
    ...['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-color_range', 'tv'],
    ...(rate === null ? ['-vsync', 'vfr', '-enc_time_base:v', `1:${timescale}`] : ['-vsync', 'cfr', '-r', rate]),
    ...['-video_track_timescale', timescale],
  ];
}

/**
 * The last of the filters. H.264 has even sides: at most one row and one column go. Without a rate nothing says how long
 * the last picture lasts: it comes twice, and the second one ends the first.
 */
export function lastFilters(rate: string | null): string {
  const evenSides = 'crop=trunc(iw/2)*2:trunc(ih/2)*2:0:0';
  return rate === null ? `${evenSides},tpad=stop_mode=clone:stop=1` : evenSides;
}

/** Bits a second of one channel: speech and music are hardly told from the source. */
const bitsPerChannel = 96_000;

/** Sound as AAC, in at most two channels and a rate that players take. */
export function filmSoundOptions({ channels, sampleRate }: { channels: number; sampleRate: number }): string[] {
  const kept = Math.min(2, channels);
  return [
    '-c:a',
    'aac',
    '-ac',
    String(kept),
    '-ar',
    String(sampleRate > 44_100 ? 48_000 : 44_100),
    '-b:a',
    String(kept * bitsPerChannel),
  ];
}

/** MP4 whose head comes first, so that a player begins before all is there. */
export const mp4Options: readonly string[] = ['-sn', '-dn', '-movflags', '+faststart', '-f', 'mp4'];

/** Makes a sound begin with the first picture: what came before goes, what is missing is silence. */
export const inStep = 'aresample=async=1:first_pts=0';

/** Sound in MP4 that players take as it is. */
const soundsOfMp4 = ['aac', 'mp3'];

/**
 * Options that take the sound of input 0 along, unchanged where MP4 takes it and it is in step with the pictures;
 * nothing where there is none.
 */
export function keptSound(film: Pick<Film, 'sound'>): string[] {
  const { sound } = film;
  if (sound === null) return ['-an'];
  const map = ['-map', `0:${sound.streamIndex}`];
  if (soundsOfMp4.includes(sound.codec) && Math.abs(sound.startsAt) < 1) return [...map, '-c:a', 'copy'];
  return [...map, '-af', inStep, ...filmSoundOptions(sound)];
}
