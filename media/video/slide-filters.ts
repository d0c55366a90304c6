import type { SlideGroup, SlidePart } from './slide-groups.ts';
import type { Size } from './target-box.ts';
import { joinedPictures, type Transition } from './transitions.ts';

/* Filters that make a film of still pictures: each is moved over if that is asked for, and held for its frames. */

/** What happens within a picture while it is shown. */
export type Motion = 'none' | 'in' | 'out' | 'right' | 'left';

/** What a film of pictures looks like, whatever they are. */
export interface SlideShape {
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
const oversampling = 2;

/** Pixels: larger a picture is not made to be cut from, as it takes 100 MB. */
const longestSide = 7_680;

/**
 * Gives out `[pictures]` of a group; input 0 has those of its parts in RGB, of one size and shape, at that rate. A transition
 * takes place while the next picture begins.
 */
export function slideFilters(group: SlideGroup, shape: SlideShape): string[] {
  const { box, rate, fade, transition, motions } = shape;
  const { parts: slides } = group;
  const isMoved = motions.some((motion) => motion !== 'none');
  const factor = isMoved
    ? Math.max(1, Math.min(oversampling, Math.floor(longestSide / Math.max(box.width, box.height))))
    : 1;
  const size = `${box.width * factor}:${box.height * factor}`;
  const names = slides.map((_part, index) => `[picture${index}]`).join('');
  // Each branch takes its one picture and drops the others as they come by, so one at a time is there.
  const all = `[0:0]scale=${size}:flags=bicubic:out_color_matrix=bt709:out_range=tv,format=yuv444p,setsar=1,split=${slides.length}${names}`;
  const parts = slides.map((part, index) =>
    slideFilter(part, index, motions[part.picture % motions.length] ?? 'none', shape),
  );
  const frames = slides.map(({ count }) => count);
  return [all, ...parts, ...joinedPictures(frames, { rate: String(rate), fade, transition, ends: group })];
}

function slideFilter(part: SlidePart, index: number, motion: Motion, { box, rate }: SlideShape): string {
  const { of: frames, from, count } = part;
  const shown = `${from === 0 ? '' : `start_frame=${from}:`}end_frame=${from + count}`;
  return [
    `[picture${index}]trim=start_frame=${index}:end_frame=${index + 1},setpts=PTS-STARTPTS`,
    ...(motion === 'none' ? [] : [movedBy(motion, frames, box, rate)]),
    `tpad=stop_mode=clone:stop=${frames},trim=${shown},settb=1/${rate},setpts=N,format=yuv420p[part${index}]`,
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
