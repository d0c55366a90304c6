import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { TerminalError } from '../../core/errors/app-error.ts';
import { colorSchema } from '../../core/node-type/image-fields.ts';
import { fontFamilies } from '../../core/node-type/text-fields.ts';
import { fontOf, type Face } from '../image/text/fonts.ts';
import { programOperation } from '../operation.ts';
import { srtSubject } from '../subjects.ts';
import { cuesAsAss, cuesAsSrt } from '../subtitles/write-cues.ts';
import { describeFilm } from '../video/film.ts';
import {
  filmInput,
  keptSound,
  lastFilters,
  mp4Options,
  pictureOptions,
  uprightFilters,
  writeUpright,
} from '../video/film-output.ts';
import { keptPictures } from '../video/kept-pictures.ts';
import { steadyRate } from '../video/steady-rate.ts';

const share = z.number().min(0).max(1);

const params = z.object({
  cues: z.array(z.object({ from: z.number().nonnegative(), to: z.number().nonnegative(), text: z.string() })),
  how: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('burn'),
      family: z.enum(fontFamilies),
      isBold: z.boolean(),
      /** Shares of the height of the video. */
      size: share,
      margin: share,
      color: colorSchema,
      /** Of the font size. */
      outline: share,
      outlineColor: colorSchema,
      hasBox: z.boolean(),
      boxColor: colorSchema,
      place: z.enum(['top', 'middle', 'bottom']),
    }),
    z.object({
      kind: z.literal('track'),
      /** ISO 639-2: `eng`. */
      language: z.string().regex(/^[a-z]{3}$/),
    }),
  ]),
});
type Burn = Extract<z.output<typeof params>['how'], { kind: 'burn' }>;

/**
 * Gives a video subtitles: drawn into its pictures, which needs libass in ffmpeg (MEDIA_TOOL_MISSING), or as a track of
 * text that players show on demand; pictures and sound are copied then where MP4 takes them. Cues after the end of the
 * video are left out. Throws NODE_DATA_INVALID where none is left, and VIDEO_*.
 */
export const subtitleVideo = programOperation({
  name: 'subtitle video',
  params,
  async work({ input, output, cues, how, signal, onProgress }, { ffmpeg, limits }) {
    const film = await describeFilm({ input, signal }, { ffmpeg, limits });
    const shown = cues
      .filter(({ from }) => from < film.length)
      .map((cue) => ({ ...cue, to: Math.min(cue.to, film.length) }));
    if (shown.length === 0) throw noneLeft(film.length, cues[0]?.from ?? null);
    const common = { output, maxBytes: limits.maxVideoBytes, length: film.length, onProgress, signal };
    if (how.kind === 'track') {
      const file = `${output}.srt`;
      try {
        await writeFile(file, cuesAsSrt(shown));
        const pictures = await keptPictures(film, { input, signal }, ffmpeg);
        const work = {
          ...common,
          inputs: [filmInput(input, film), { file, subject: srtSubject, options: ['-f', 'srt'] }],
          ...(pictures.filters.length > 0 && { filters: pictures.filters.join(';') }),
          files: pictures.files,
          options: [
            ...[...pictures.options, ...keptSound(film), '-map', '1:0', '-c:s', 'mov_text'],
            ...['-metadata:s:s:0', `language=${how.language}`, '-disposition:s:0', 'default'],
            ...mp4Options.filter((option) => option !== '-sn'),
          ],
        };
        if (pictures.isCopied) await ffmpeg.write(work);
        else await writeUpright(ffmpeg, work);
      } finally {
        await rm(file, { force: true });
      }
      return { cues: shown.length, isCopied: true };
    }
    const rate = await steadyRate(film, { input, signal }, ffmpeg);
    const upright = uprightFilters(film);
    const name = 'cues.ass';
    const text = cuesAsAss(shown, { ...how, font: fontOf(faceOf(how, false)).name.replace(/ Bold$/, '') }, film.info);
    const folder = `${output}.fonts`;
    try {
      await copyFonts(how, folder);
      await writeUpright(ffmpeg, {
        ...common,
        inputs: [filmInput(input, film)],
        // Both names are bare: ffmpeg runs where they lie, so that nothing in a path is taken for a part of the filter.
        filters: `[0:${film.info.streamIndex}]${upright.filters},ass=filename=${name}:fontsdir=${basename(folder)},${lastFilters(rate)}[pictures]`,
        files: [...upright.files, { name, text }],
        options: ['-map', '[pictures]', ...pictureOptions(rate, film.info, [film]), ...keptSound(film), ...mp4Options],
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    return { cues: shown.length, isCopied: false };
  },
});

function faceOf({ family, isBold }: Burn, isItalic: boolean): Face {
  return { family, isBold, isItalic };
}

/** Upright and italic, so that nothing is taken from elsewhere. */
async function copyFonts(how: Burn, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const isBold of [false, true]) {
    for (const isItalic of [false, true]) {
      const { file } = fontOf(faceOf({ ...how, isBold }, isItalic));
      await copyFile(file, join(folder, basename(file)));
    }
  }
}

function noneLeft(seconds: number, first: number | null): TerminalError {
  const reason =
    first === null
      ? 'There are no subtitles.'
      : `The subtitles begin at ${first.toFixed(1)} s, after the end of the video at ${seconds.toFixed(1)} s.`;
  return new TerminalError('NODE_DATA_INVALID', `${reason} Connect those of this video.`, {
    details: { handle: 'subtitles' },
  });
}
