/*
 * Filters that put pictures one after the other, each `[part0]`, `[part1]` … a stream of counted frames of one size and
 * rate. A transition is made of what every build of ffmpeg has (xfade is missing in older ones): each stream is split
 * into head, middle and tail, and the head of one is laid over the tail of the one before it.
 */

/** How one picture takes the place of another: it becomes visible on it, pushes in from the right, or comes after black. */
export type Transition = 'fade' | 'slide' | 'black';

/** Gives out `[pictures]`. `frames` are those of each part; neighbors have `fade` of them in common, but with `black`. */
export function joinedPictures(frames: readonly number[], fade: number, transition: Transition = 'fade'): string[] {
  if (frames.length === 1) return ['[part0]null[pictures]'];
  if (fade === 0) return [oneAfterTheOther(frames.map((_count, index) => `[part${index}]`))];
  return transition === 'black' ? throughBlack(frames, fade) : overlapping(frames, fade, transition);
}

function oneAfterTheOther(parts: readonly string[]): string {
  return `${parts.join('')}concat=n=${parts.length}:v=1:a=0[pictures]`;
}

function throughBlack(frames: readonly number[], fade: number): string[] {
  const last = frames.length - 1;
  // Half of it before the next picture begins, half of it after that.
  const [out, back] = [Math.floor(fade / 2), Math.ceil(fade / 2)];
  const dimmed = frames.map((count, index) => {
    const ends = [
      ...(index > 0 ? [`fade=t=in:start_frame=0:nb_frames=${back}`] : []),
      ...(index < last && out > 0 ? [`fade=t=out:start_frame=${count - out}:nb_frames=${out}`] : []),
    ];
    return `[part${index}]${ends.length === 0 ? 'null' : ends.join(',')}[dimmed${index}]`;
  });
  return [...dimmed, oneAfterTheOther(frames.map((_count, index) => `[dimmed${index}]`))];
}

function overlapping(frames: readonly number[], fade: number, transition: 'fade' | 'slide'): string[] {
  const last = frames.length - 1;
  const pieces: string[] = [];
  const filters = frames.flatMap((count, index) => {
    const [hasHead, hasTail] = [index > 0, index < last];
    const names = [...(hasHead ? [`[head${index}]`] : []), `[whole${index}]`, ...(hasTail ? [`[end${index}]`] : [])];
    const middle = `trim=start_frame=${hasHead ? fade : 0}:end_frame=${count - (hasTail ? fade : 0)}`;
    pieces.push(...(hasHead ? [`[joint${index}]`] : []), `[middle${index}]`);
    return [
      `[part${index}]split=${names.length}${names.join('')}`,
      `[whole${index}]${middle},setpts=PTS-STARTPTS[middle${index}]`,
      ...(hasTail ? [`[end${index}]trim=start_frame=${count - fade},setpts=PTS-STARTPTS[tail${index}]`] : []),
      ...(hasHead ? jointOf(index, fade, transition) : []),
    ];
  });
  return [...filters, oneAfterTheOther(pieces)];
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
