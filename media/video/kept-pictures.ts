import type { Ffmpeg } from '../ffmpeg.ts';
import type { Film } from './film.ts';
import { lastFilters, pictureOptions, uprightFilters, type FilmFilters } from './film-output.ts';
import { steadyRate } from './steady-rate.ts';

/** What MP4 takes as it is. */
const copied = ['h264', 'hevc'];

/** Options that take the pictures of input 0 along, copied where MP4 takes them, and the filters it takes otherwise. */
export async function keptPictures(
  film: Film,
  source: { readonly input: string; readonly signal: AbortSignal },
  ffmpeg: Ffmpeg,
): Promise<{
  readonly isCopied: boolean;
  readonly filters: readonly string[];
  readonly files: FilmFilters['files'];
  readonly options: readonly string[];
}> {
  const { info, codec } = film;
  if (copied.includes(codec) && !info.isCounted) {
    const tag = codec === 'hevc' ? ['-tag:v', 'hvc1'] : [];
    return {
      isCopied: true,
      filters: [],
      files: [],
      options: ['-map', `0:${info.streamIndex}`, '-c:v', 'copy', ...tag],
    };
  }
  const rate = await steadyRate(film, source, ffmpeg);
  const { filters, files } = uprightFilters(film);
  return {
    isCopied: false,
    filters: [`[0:${info.streamIndex}]${filters},${lastFilters(rate)}[pictures]`],
    files,
    options: ['-map', '[pictures]', ...pictureOptions(rate, film.info, [film])],
  };
}
