import { crossfadedSounds } from '../audio/crossfade.ts';
import type { Film } from './film.ts';
import { inStep, uprightFilters, type FilmFilters } from './film-output.ts';
import { shapeFilters, type Shape } from './shape-filters.ts';
import { scaledInto, type Size } from './target-box.ts';
import { joinedPictures } from './transitions.ts';

/*
 * Filters that put films one after the other. Every part is counted in frames of one rate, pictures and sound alike, so
 * that nothing drifts: what a film lacks at its end is its last picture and silence.
 */

/** A film that is to be joined. */
export interface JoinPart {
  readonly film: Film;
  /** How many it takes of the result, crossfades included. */
  readonly frames: number;
}

interface JoinShape extends Omit<Shape, 'place'> {
  readonly box: Size;
  /** Frames a second, as a ratio such as `30000/1001`. */
  readonly rate: string;
  /** Frames that neighbors have in common; 0: none. */
  readonly fade: number;
}

/** In samples a second. */
const soundRate = 48_000;
const commonSound = `aformat=sample_fmts=fltp:sample_rates=${soundRate}:channel_layouts=stereo`;

/** Gives out `[pictures]`, and `[sound]` where any of the parts has some. Input i is part i. */
export function joinFilters(
  parts: readonly JoinPart[],
  shape: JoinShape,
): FilmFilters & { readonly hasSound: boolean } {
  const hasSound = parts.some(({ film }) => film.sound !== null);
  const made = parts.map((part, index) => pictureFilters(part, index, shape));
  return {
    hasSound,
    files: made.flatMap(({ files }) => files),
    filters: [
      ...made.map(({ filters }) => filters),
      ...joinedPictures(
        parts.map(({ frames }) => frames),
        shape,
      ),
      ...(hasSound ? soundFilters(parts, shape) : []),
    ].join(';'),
  };
}

/** A part as `[part0]`: upright, in the common size and rate, with as many frames as it takes. */
function pictureFilters({ film, frames }: JoinPart, index: number, { box, rate, ...shape }: JoinShape): FilmFilters {
  const { filters, files } = uprightFilters(film, `film${index}`);
  const lying = scaledInto(film.info, box, 'lie');
  const mode = lying.width === box.width && lying.height === box.height ? 'fit' : shape.mode;
  const fitted = shapeFilters(film.info, box, { ...shape, mode, place: 'center' }, String(index));
  // fps comes before anything that counts: without it pictures of two rates are joined into a stream of millions a second.
  const counted = `fps=${rate}:start_time=0,tpad=stop_mode=clone:stop=${frames},trim=end_frame=${frames},setpts=PTS-STARTPTS`;
  return {
    filters: `[${index}:${film.info.streamIndex}]${filters},${fitted},setsar=1,${counted},format=yuv420p[part${index}]`,
    files,
  };
}

function soundFilters(parts: readonly JoinPart[], { rate, fade }: JoinShape): string[] {
  const [top = 0, bottom = 1] = rate.split('/').map(Number);
  const samples = (frames: number) => Math.round((frames * bottom * soundRate) / top);
  let from = 0;
  const sounds = parts.map(({ film, frames }, index) => {
    // Rounded where it begins and ends in the whole, so that rounding never adds up.
    const count = samples(from + frames) - samples(from);
    from += frames - fade;
    const source =
      film.sound === null
        ? `anullsrc=r=${soundRate}:cl=stereo,${commonSound}`
        : `[${index}:${film.sound.streamIndex}]${inStep},${commonSound},apad`;
    const label = `sound${index}`;
    return { label, samples: count, filters: `${source},atrim=end_sample=${count},asetpts=PTS-STARTPTS[${label}]` };
  });
  const made = sounds.map(({ filters }) => filters);
  if (parts.length === 1) return [...made, '[sound0]anull[sound]'];
  if (fade > 0) return [...made, ...crossfadedSounds(sounds, samples(fade), 'sound')];
  const all = sounds.map(({ label }) => `[${label}]`).join('');
  return [...made, `${all}concat=n=${parts.length}:v=0:a=1[sound]`];
}
