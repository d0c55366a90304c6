/** How long a movement of the view takes, in milliseconds: none at all for who asked their system for less motion. */
export function motionMs(ms: number): number {
  return window.matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : ms;
}
