import { colorTable, type ColorPlan } from './video-colors.ts';
import type { Turn, VideoInfo } from './video-info.ts';

/** How a decoded picture becomes what a player shows. */
export interface FramePlan {
  /** Before it is turned. */
  readonly flatWidth: number;
  readonly flatHeight: number;
  readonly turn: Turn;
  /** How many bands of rows it is made in, one after another; 1: in one piece. */
  readonly bands: number;
  readonly color: ColorPlan;
  /** A .cube file; null where the matrix alone gives sRGB. */
  readonly colorTable: string | null;
}

/**
 * What has to be done to a frame, as data: the table of colors is computed here, once for each video. The upright picture
 * lies within `box` and is never larger than it is; without one it keeps its size, and may be made in bands.
 */
export function framePlan(
  { flatWidth, flatHeight, turn, width, height }: VideoInfo,
  color: ColorPlan,
  { box = { width, height }, bands = 1 }: { box?: { width: number; height: number } | undefined; bands?: number } = {},
): FramePlan {
  const scale = Math.min(1, box.width / width, box.height / height);
  const side = (length: number): number => Math.max(1, Math.round(length * scale));
  return {
    flatWidth: side(flatWidth),
    flatHeight: side(flatHeight),
    turn,
    bands,
    color,
    colorTable: color.table === null ? null : colorTable(color.table),
  };
}

/** Before a frame's start, in seconds: less than any frame lasts, more than times are rounded by. */
const margin = 0.0004;

/** Filters of ffmpeg that find a picture, report on it and make it sRGB with square pixels: upright, or in bands as it is stored. */
export function frameFilters(
  wanted: { readonly time: number } | { readonly number: number },
  { flatWidth, flatHeight, turn, bands, color }: FramePlan,
  tableName: string | null,
): string {
  const choice = 'time' in wanted ? `gte(t,${moment(wanted.time - margin)})` : `gte(n,${wanted.number})`;
  const scale = [
    `w=${flatWidth}`,
    `h=${flatHeight / bands}`,
    'flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp',
    ...(color.matrix === null ? [] : [`in_color_matrix=${color.matrix}`]),
    ...(color.matrix === null ? [] : [`in_range=${color.range === 'full' ? 'pc' : 'tv'}`]),
    'out_range=pc',
  ];
  return [
    `select='${choice}'`,
    'showinfo',
    ...(bands > 1 ? [`untile=1x${bands}`] : []),
    `scale=${scale.join(':')}`,
    // The steps of 8 bits would show in a table that spreads the dark ones.
    tableName === null ? 'format=rgb24' : `format=rgb48le,lut3d=file=${tableName}:interp=tetrahedral,format=rgb24`,
    ...(bands > 1 ? ['setpts=N'] : [turnFilters(turn), 'setpts=0']),
  ].join(',');
}

/** Filters that make a picture upright. */
export function turnFilters({ isTransposed, flipsX, flipsY }: Turn): string {
  return [
    ...(isTransposed ? ['transpose=dir=cclock_flip'] : []),
    ...(flipsX ? ['hflip'] : []),
    ...(flipsY ? ['vflip'] : []),
    'setsar=1',
  ].join(',');
}

/** Seconds as ffmpeg reads them, never as `1e-7`. */
export function moment(seconds: number): string {
  return seconds.toFixed(6);
}
