import { shapeFilters, type Shape } from './shape-filters.ts';
import type { Size } from './target-box.ts';
import { joinedPictures, type Transition } from './transitions.ts';

/* Filters that make a film of still pictures: each is put into the box, moved over if asked for, and held for its frames. */

/** A picture, and for how long it is the one that is shown. */
export interface Slide extends Size {
  readonly frames: number;
}

/** What happens within a picture while it is shown. */
export type Motion = 'none' | 'in' | 'out' | 'right' | 'left';

export interface SlideShape extends Omit<Shape, 'place'> {
  readonly box: Size;
  /** Frames a second. */
  readonly rate: number;
  /** Frames that a transition takes; 0: none. */
  readonly fade: number;
  readonly transition: Transition;
  /** Of each picture in turn. */
  readonly motions: readonly Motion[];
}

/** How much larger a picture is that is zoomed in on: enough to be seen, little enough not to lose its edges. */
const zoom = 0.12;

/** A moving picture is cut from one so many times larger than the film: what is cut begins at whole pixels, which would jump. */
export const oversampling = 3;

/** Gives out `[pictures]`; input i is picture i, in RGB, of one frame at that rate. A transition takes place while the next picture begins. */
export function slideFilters(slides: readonly Slide[], shape: SlideShape): string[] {
  const overlap = shape.transition === 'black' ? 0 : shape.fade;
  // The one before stays below the next until that has come.
  const frames = slides.map(({ frames: own }, index) => own + (index < slides.length - 1 ? overlap : 0));
  const parts = slides.map((slide, index) => {
    const motion = shape.motions[index % shape.motions.length] ?? 'none';
    return slideFilter({ ...slide, frames: frames[index]! }, index, motion, shape);
  });
  return [...parts, ...joinedPictures(frames, shape.fade, shape.transition)];
}

function slideFilter(slide: Slide, index: number, motion: Motion, { box, rate, ...shape }: SlideShape): string {
  const factor = motion === 'none' ? 1 : oversampling;
  const large = { width: box.width * factor, height: box.height * factor };
  const isSameShape = Math.abs(slide.width / slide.height - box.width / box.height) < 0.005;
  const fitted = shapeFilters(
    slide,
    large,
    { mode: isSameShape ? 'fit' : shape.mode, background: shape.background, place: 'center' },
    `slide${index}`,
  );
  const held = `tpad=stop_mode=clone:stop=${slide.frames},trim=end_frame=${slide.frames},settb=1/${rate},setpts=N`;
  return [
    `[${index}:0]scale=out_color_matrix=bt709:out_range=tv,format=yuv444p`,
    fitted,
    'setsar=1',
    ...(motion === 'none' ? [] : [movedBy(motion, slide.frames, box, rate)]),
    `${held},format=yuv420p[part${index}]`,
  ].join(',');
}

function movedBy(motion: Exclude<Motion, 'none'>, frames: number, { width, height }: Size, rate: number): string {
  const share = frames > 1 ? `on/${frames - 1}` : '0';
  const rest = `(1-${share})`;
  const z = { in: `1+${zoom}*${share}`, out: `1+${zoom}*${rest}`, right: `1+${zoom}`, left: `1+${zoom}` }[motion];
  const across = { in: '0.5', out: '0.5', right: share, left: rest }[motion];
  const x = `(iw-iw/zoom)*${across}`;
  return `zoompan=z='${z}':x='${x}':y='(ih-ih/zoom)/2':d=${frames}:s=${width}x${height}:fps=${rate}`;
}
