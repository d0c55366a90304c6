import { readTimestamp } from '../../core/node-type/timestamp.ts';

/** A part of something that plays, in seconds. */
export interface TimeSpan {
  readonly from: number;
  readonly to: number;
}

/** Which of its ends. */
export type SpanEnd = 'from' | 'to';

/** Shorter than a frame of 25 a second is nothing that can be kept. */
const leastSpan = 0.04;

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));
const tidy = (value: number) => Math.round(value * 1_000) / 1_000;

/** What two timestamps mean for something of that length; one that cannot be read counts as the beginning or the end. */
export function spanOf(written: { readonly from: unknown; readonly to: unknown }, lengthS: number): TimeSpan {
  const secondsOf = (text: unknown, other: number) => {
    const { at } = readTimestamp(typeof text === 'string' ? text : '');
    if (at === null) return other;
    return at.kind === 'last' ? lengthS : at.kind === 'time' ? at.ms / 1_000 : at.value * lengthS;
  };
  const from = clamp(secondsOf(written.from, 0), 0, lengthS);
  return { from, to: clamp(secondsOf(written.to, lengthS), from, lengthS) };
}

/** The span with one of its ends at another moment; the other end stays, and keeps its distance. */
export function withEnd({ from, to }: TimeSpan, end: SpanEnd, seconds: number, lengthS: number): TimeSpan {
  return end === 'from'
    ? { from: tidy(clamp(seconds, 0, Math.max(0, to - leastSpan))), to }
    : { from, to: tidy(clamp(seconds, Math.min(lengthS, from + leastSpan), lengthS)) };
}

/** As a timestamp: the end of all is `100%`, so that it stays the end of another file. */
export function writtenAs(seconds: number, lengthS: number): string {
  return seconds >= lengthS - 0.0005 ? '100%' : String(tidy(seconds));
}
