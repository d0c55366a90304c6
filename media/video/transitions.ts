/*
 * Filters that put pictures one after the other, each `[part0]`, `[part1]` … a stream of counted frames of one size and
 * rate. A transition is made of what every build of ffmpeg has (xfade is missing in older ones): each stream is split
 * into head, middle and tail, and the head of one is laid over the tail of the one before it.
 */

/** How one picture takes the place of another: it becomes visible on it, pushes in from the right, or comes after black. */
export type Transition = 'fade' | 'slide' | 'black';

/** Whether others come before the first of them and after the last one, elsewhere. */
export interface OpenEnds {
  readonly continues: boolean;
  readonly goesOn: boolean;
}

/** How parts are put one after the other. */
export interface Joint {
  /** Frames a second, also as a ratio such as `30000/1001`. */
  readonly rate: string;
  /** Frames that neighbors have in common, but with `black`; 0: no transition. */
  readonly fade: number;
  /** Default: `fade`. */
  readonly transition?: Transition;
  /** Default: there are no others. */
  readonly ends?: OpenEnds;
}

/** Gives out `[pictures]`. `frames` are those of each part. */
export function joinedPictures(frames: readonly number[], { rate, fade, transition = 'fade', ends }: Joint): string[] {
  const { filters, pieces } =
    fade === 0
      ? { filters: [], pieces: frames.map((_count, index) => `[part${index}]`) }
      : transition === 'black'
        ? throughBlack(frames, fade, ends ?? { continues: false, goesOn: false })
        : overlapping(frames, fade, transition);
  return [...filters, oneAfterTheOther(pieces, rate)];
}

interface Pieces {
  readonly filters: readonly string[];
  /** What comes one after the other. */
  readonly pieces: readonly string[];
}

/** Frames are counted anew: a piece of a single one has no length, so that the next would begin at the same time. */
function oneAfterTheOther(pieces: readonly string[], rate: string): string {
  if (pieces.length === 1) return `${pieces.join('')}null[pictures]`;
  const [top, bottom = '1'] = rate.split('/');
  return `${pieces.join('')}concat=n=${pieces.length}:v=1:a=0,settb=${bottom}/${top},setpts=N[pictures]`;
}

function throughBlack(frames: readonly number[], fade: number, { continues, goesOn }: OpenEnds): Pieces {
  const last = frames.length - 1;
  // Half of it before the next picture begins, half of it after that.
  const [out, back] = [Math.floor(fade / 2), Math.ceil(fade / 2)];
  const dimmed = frames.map((count, index) => {
    const ends = [
      ...(index > 0 || continues ? [`fade=t=in:start_frame=0:nb_frames=${back}`] : []),
      ...((index < last || goesOn) && out > 0 ? [`fade=t=out:start_frame=${count - out}:nb_frames=${out}`] : []),
    ];
    return `[part${index}]${ends.length === 0 ? 'null' : ends.join(',')}[dimmed${index}]`;
  });
  return { filters: dimmed, pieces: frames.map((_count, index) => `[dimmed${index}]`) };
}

function overlapping(frames: readonly number[], fade: number, transition: 'fade' | 'slide'): Pieces {
  const last = frames.length - 1;
  const pieces: string[] = [];
  const filters = frames.flatMap((count, index) => {
    const [hasHead, hasTail] = [index > 0, index < last];
    const [from, to] = [hasHead ? fade : 0, count - (hasTail ? fade : 0)];
    // Of the end of a picture that is shown elsewhere nothing is left beside the transition.
    const hasMiddle = to > from;
    const names = [
      ...(hasHead ? [`[head${index}]`] : []),
      ...(hasMiddle ? [`[whole${index}]`] : []),
      ...(hasTail ? [`[end${index}]`] : []),
    ];
    pieces.push(...(hasHead ? [`[joint${index}]`] : []), ...(hasMiddle ? [`[middle${index}]`] : []));
    return [
      `[part${index}]split=${names.length}${names.join('')}`,
      ...(hasMiddle
        ? [`[whole${index}]trim=start_frame=${from}:end_frame=${to},setpts=PTS-STARTPTS[middle${index}]`]
        : []),
      ...(hasTail ? [`[end${index}]trim=start_frame=${count - fade},setpts=PTS-STARTPTS[tail${index}]`] : []),
      ...(hasHead ? jointOf(index, fade, transition) : []),
    ];
  });
  return { filters, pieces };
}

function jointOf(index: number, fade: number, transition: 'fade' | 'slide'): string[] {
  const head = `[head${index}]trim=end_frame=${fade},setpts=PTS-STARTPTS`;
  const [tail, coming, joint] = [`[tail${index - 1}]`, `[coming${index}]`, `[joint${index}]`];
  if (transition === 'slide') {
    return [`${head}${coming}`, `${tail}${coming}overlay=x='trunc(W*(1-(n+1)/${fade + 1})/2)*2':format=yuv420${joint}`];
  }
  return [
    `${head},format=yuva420p,fade=t=in:start_frame=0:nb_frames=${fade}:alpha=1${coming}`,
    `${tail}${coming}overlay=format=yuv420${joint}`,
  ];
}
