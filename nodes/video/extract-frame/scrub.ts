import type { FramePosition } from '../../../core/node-type/timestamp.ts';

/** A moment in seconds from the first picture of a video that is `durationS` long. */
export function secondsOf(at: FramePosition, durationS: number): number {
  if (at.kind === 'time') return at.ms / 1_000;
  return at.kind === 'last' ? durationS : at.value * durationS;
}

/** Writes a moment the way the timestamp was written before: percent stays percent. Exact to the millisecond. */
export function timestampAt(seconds: number, durationS: number, like: string): string {
  if (like.trim().endsWith('%')) return durationS > 0 ? `${trimmed((seconds / durationS) * 100, 3)}%` : '0%';
  return trimmed(seconds, 3);
}

/** Before the end, in seconds: less than any frame lasts. */
const endMargin = 0.001;

/** Where a player has to be to show the moment; its clock is the file's, and at its very end it may show nothing. */
export function playerTimeOf(seconds: number, lengthS: number, clockStartS: number): number {
  return clockStartS + Math.min(seconds, Math.max(0, lengthS - endMargin));
}

function trimmed(value: number, decimals: number): string {
  return String(Number(value.toFixed(decimals)));
}
