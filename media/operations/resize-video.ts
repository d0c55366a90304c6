import { z } from 'zod';
import { TerminalError } from '../../core/errors/app-error.ts';
import { programOperation } from '../operation.ts';
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
import { steadyRate } from '../video/steady-rate.ts';
import { scaledInto, targetBox, type Size } from '../video/target-box.ts';

const side = z.number().int().positive().nullable();

/** Which part is kept where a picture is cut, and where it lies in a larger box; shares of what is left over. */
const places = {
  center: [0.5, 0.5],
  top: [0.5, 0],
  bottom: [0.5, 1],
  left: [0, 0.5],
  right: [1, 0.5],
} as const;

/** A blurred picture behind is made in so small a size: nothing is lost by it, and it takes a tenth of the time. */
const blurredSide = 240;

/**
 * Writes a video in another size and shape, upright, with square pixels, in another frame rate where `frameRate` is
 * given. Sound stays as it is where MP4 takes it. Gives the size. Throws VIDEO_*.
 */
export const resizeVideo = programOperation({
  name: 'resize video',
  params: z.object({
    mode: z.enum(['fit', 'cover', 'pad', 'blur']),
    width: side,
    height: side,
    /** Width by height. */
    aspect: z.number().positive().nullable(),
    place: z.enum(['center', 'top', 'bottom', 'left', 'right']),
    /** Beside a padded picture: `#rrggbb`. */
    background: z.string().regex(/^#[0-9a-f]{6}$/i),
    /** Frames a second; null: as they are. */
    frameRate: z.number().positive().nullable(),
  }),
  async work({ input, output, signal, onProgress, ...wanted }, { ffmpeg, limits }) {
    const film = await describeFilm({ input, signal }, { ffmpeg, limits });
    const box = targetBox(film.info, wanted);
    const size = wanted.mode === 'fit' ? scaledInto(film.info, box, 'lie') : box;
    if (Math.max(size.width, size.height) > limits.maxVideoSide) {
      throw new TerminalError(
        'VIDEO_TOO_LARGE',
        `The video would have ${size.width} × ${size.height} pixels; up to ${limits.maxVideoSide} on a side are taken. Ask for fewer.`,
        { details: { ...size, maxSide: limits.maxVideoSide } },
      );
    }
    const upright = uprightFilters(film);
    const { frameRate } = wanted;
    const rate = frameRate === null ? await steadyRate(film, { input, signal }, ffmpeg) : String(frameRate);
    const resampled = frameRate === null ? [] : [`fps=${frameRate}`];
    await writeUpright(ffmpeg, {
      inputs: [filmInput(input, film)],
      filters: [
        `[0:${film.info.streamIndex}]${upright.filters}[upright]`,
        `[upright]${[shapeFilters(film.info, size, wanted), 'setsar=1', ...resampled, lastFilters(rate)].join(',')}[pictures]`,
      ].join(';'),
      files: upright.files,
      options: ['-map', '[pictures]', ...pictureOptions(rate), ...keptSound(film), ...mp4Options],
      output,
      maxBytes: limits.maxVideoBytes,
      length: film.length,
      onProgress,
      signal,
    });
    return { width: size.width, height: size.height };
  },
});

interface Shape {
  readonly mode: 'fit' | 'cover' | 'pad' | 'blur';
  readonly place: keyof typeof places;
  readonly background: string;
}

/** From the upright picture to one of the size `box`. */
function shapeFilters(picture: Size, box: Size, { mode, place, background }: Shape): string {
  if (mode === 'fit') return scale(box);
  if (mode === 'cover') {
    const covering = scaledInto(picture, box, 'cover');
    const { x, y } = offset({ width: covering.width - box.width, height: covering.height - box.height }, place);
    return `${scale(covering)},crop=${box.width}:${box.height}:${x}:${y}`;
  }
  const lying = scaledInto(picture, box, 'lie');
  const { x, y } = offset({ width: box.width - lying.width, height: box.height - lying.height }, place);
  if (mode === 'blur') {
    const small = scaledInto(box, { width: blurredSide, height: blurredSide }, 'lie');
    const around = scaledInto(picture, small, 'cover');
    return (
      `split[back][front];[back]${scale(around)},crop=${small.width}:${small.height},gblur=sigma=6,${scale(box)}[blurred];` +
      `[front]${scale(lying)}[sharp];[blurred][sharp]overlay=${x}:${y}`
    );
  }
  const pad = `pad=${box.width}:${box.height}:${x}:${y}:color=0x${background.slice(1)}`;
  // The filter turns colors into BT.601; in RGB they stay what they are, and grays are the same in both.
  return isGray(background)
    ? `${scale(lying)},${pad}`
    : `${scale(lying)}:in_color_matrix=bt709,format=gbrp,${pad},scale=out_color_matrix=bt709:out_range=tv,format=yuv420p`;
}

const scale = ({ width, height }: Size) => `scale=${width}:${height}:flags=bicubic`;

/** Even, as the colors of two by two pixels are one. */
function offset(room: Size, place: keyof typeof places): { x: number; y: number } {
  const [x, y] = places[place];
  const even = (value: number) => Math.floor(value / 2) * 2;
  return { x: even(room.width * x), y: even(room.height * y) };
}

function isGray(color: string): boolean {
  return color.slice(1, 3) === color.slice(3, 5) && color.slice(3, 5) === color.slice(5, 7);
}
