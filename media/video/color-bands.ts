import type { FfmpegParts } from './ffmpeg-parts.ts';
import { planColors } from './video-colors.ts';
import type { VideoInfo } from './video-info.ts';

/** In pixels (2560 × 1600): a picture of so many is small beside what a worker may take. */
export const manyPixels = 4_096_000;

/** At most: a band less would hold little more. */
const maxBands = 16;
/** Colors are rounded in a pattern of so many rows: it goes on from band to band. */
const patternRows = 8;

/**
 * Into how many bands of rows a picture is cut, one on top of another, while its colors go through a table: in 16 bits a
 * large one takes as much as two of those that are decoded. 1 where it stays in one.
 */
export function colorBands({ width, height, flatHeight, color }: VideoInfo): number {
  // Rows that are made of others would be made of those of their band alone.
  if (planColors(color).table === null || width * height <= manyPixels || flatHeight !== color.height) return 1;
  for (let bands = maxBands; bands > 1; bands -= 1) if (flatHeight % (bands * patternRows) === 0) return bands;
  return 1;
}

/** As `colorBands`. The old builds have no filter that cuts a picture into bands: 1. */
export async function colorBandsWith(parts: FfmpegParts, info: VideoInfo): Promise<number> {
  const bands = colorBands(info);
  return bands > 1 && (await parts.lacking(['filter:untile'])).length > 0 ? 1 : bands;
}
