import { TerminalError } from '../../core/errors/app-error.ts';

/** A moment in a video; `last` is the last frame, a `fraction` counts from the length of the video. */
export type FramePosition =
  | { readonly kind: 'time'; readonly ms: number }
  | { readonly kind: 'fraction'; readonly value: number }
  | { readonly kind: 'last' };

const percentPattern = /^(\d+(?:\.\d+)?|\.\d+)\s*%$/;
const secondsPattern = /^(\d+(?:\.\d+)?|\.\d+)$/;
const clockPattern = /^(?:(\d+):)?(\d{1,2}):(\d{1,2}(?:\.\d+)?)$/;

/**
 * Reads a timestamp as people write it: seconds (`12.5`), minutes or hours
 * before them (`0:12.5`, `1:02:03.5`), or percent (`50%`). `100%` is the last
 * frame. Whether the video is long enough shows only when it is opened.
 * Throws TIMESTAMP_INVALID.
 */
export function parseTimestamp(text: string): FramePosition {
  const trimmed = text.trim();
  const percent = percentPattern.exec(trimmed);
  if (percent !== null) {
    const value = Number(percent[1]) / 100;
    return value === 1 ? { kind: 'last' } : { kind: 'fraction', value };
  }
  const seconds = secondsPattern.exec(trimmed);
  if (seconds !== null) return time(Number(seconds[1]));
  const [matched, hours = '0', minutes = '', rest = ''] = clockPattern.exec(trimmed) ?? [];
  // Beyond 59 the part to the left is meant; only the leftmost part may be larger.
  const isMinutesSound = Number(minutes) < 60;
  if (matched !== undefined && isMinutesSound && Number(rest) < 60) {
    return time((Number(hours) * 60 + Number(minutes)) * 60 + Number(rest));
  }
  throw new TerminalError(
    'TIMESTAMP_INVALID',
    `"${text}" is not a timestamp. Write seconds (12.5), minutes:seconds (0:12.5), hours:minutes:seconds or percent (50%).`,
    { details: { timestamp: text } },
  );
}

function time(seconds: number): FramePosition {
  // A tenth of a microsecond is far below any frame; it undoes 0.1 + 0.2 = 0.30000000000000004.
  return { kind: 'time', ms: Math.round(seconds * 1e7) / 1e4 };
}
