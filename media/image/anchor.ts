import type { Anchor } from '../../core/node-type/image-fields.ts';

/** Share of the room that is left over, before the thing: 0 at the left or top, 1 at the right or bottom. */
export function anchorShares(anchor: Anchor): { readonly x: number; readonly y: number } {
  const has = (side: string) => anchor.includes(side);
  return {
    x: has('left') ? 0 : has('right') ? 1 : 0.5,
    y: has('top') ? 0 : has('bottom') ? 1 : 0.5,
  };
}

/** The first pixel of a thing of length `inner` in a box of length `outer`; below zero where the thing is longer. */
export function placeIn(outer: number, inner: number, share: number): number {
  return Math.round((outer - inner) * share);
}

/** Whether anything shows through a color; anything that is no color does not. */
export function hasTransparency(color: string): boolean {
  return /^#[0-9a-f]{6}(?!ff)[0-9a-f]{2}$/i.test(color);
}
