import { z } from 'zod';
import { programOperation } from '../operation.ts';
import { describeFilm } from '../video/film.ts';
import {
  filmInput,
  filmSoundOptions,
  inStep,
  lastFilters,
  mp4Options,
  pictureOptions,
  uprightFilters,
  writeUpright,
} from '../video/film-output.ts';
import { steadyRate } from '../video/steady-rate.ts';

/** What atempo takes in one step, in all versions. */
const tempoRange = { least: 0.5, most: 2 };

/**
 * Plays a video faster or slower, with voices as high as they were. Pictures come at the rate they had: faster leaves
 * some out, slower repeats some; where they last differently long, all of them stay. Throws VIDEO_*.
 */
export const speedVideo = programOperation({
  name: 'speed video',
  params: z.object({ factor: z.number().min(0.1).max(10), keepsSound: z.boolean() }),
  async work({ input, output, factor, keepsSound, signal, onProgress }, { ffmpeg, limits }) {
    const film = await describeFilm({ input, signal }, { ffmpeg, limits });
    const rate = await steadyRate(film, { input, signal }, ffmpeg);
    const upright = uprightFilters(film);
    const sound = keepsSound ? film.sound : null;
    // Before the times change: old versions of ffmpeg count frames wrongly after that.
    const resampled = rate === null ? '' : `fps=${rate}/${factor},`;
    const tempo = [inStep, ...tempoSteps(factor).map((step) => `atempo=${step}`)].join(',');
    await writeUpright(ffmpeg, {
      inputs: [filmInput(input, film)],
      filters: `[0:${film.info.streamIndex}]${upright.filters},${resampled}settb=AVTB,setpts=PTS/${factor},${lastFilters(rate)}[pictures]`,
      files: upright.files,
      options: [
        ...['-map', '[pictures]', ...pictureOptions(rate, film.info, [film])],
        ...(sound === null ? [] : ['-map', `0:${sound.streamIndex}`, '-af', tempo, ...filmSoundOptions(sound)]),
        ...mp4Options,
      ],
      output,
      maxBytes: limits.maxVideoBytes,
      length: film.length / factor,
      onProgress,
      signal,
    });
  },
});

/** Steps that make the factor together, each of which the filter takes. */
function tempoSteps(factor: number): number[] {
  const { least, most } = tempoRange;
  if (factor > most) return [most, ...tempoSteps(factor / most)];
  if (factor < least) return [least, ...tempoSteps(factor / least)];
  return [Number(factor.toFixed(6))];
}
