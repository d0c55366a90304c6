/*
 * The one grammar of a moment in a video. The editor of a node, the check
 * before a run and the run itself read timestamps with it:
 *
 *   timestamp = seconds | clock | percent
 *   seconds   = 12 | 12.5 | .5
 *   clock     = [hours:]minutes:seconds   1:02.5, 1:02:03; minutes and seconds are below 60
 *   percent   = 50% | 12.5 %              of the length; 100% is the last frame
 *
 * Blanks around it do not count. There is no sign, no unit and no comma.
 */

/** A moment in a video; `last` is the last frame, a `fraction` (0 to 1) counts from the length of the video. */
export type FramePosition =
  | { readonly kind: 'time'; readonly ms: number }
  | { readonly kind: 'fraction'; readonly value: number }
  | { readonly kind: 'last' };

/** What a text is as a timestamp: a moment, or why it is none. */
export type TimestampReading =
  { readonly at: FramePosition; readonly problem: null } | { readonly at: null; readonly problem: TimestampProblem };

/** Why a text does not name a moment in a video. */
export interface TimestampProblem {
  readonly code: 'TIMESTAMP_INVALID' | 'TIMESTAMP_OUT_OF_RANGE';
  /** A whole sentence or two: what is wrong and what to write instead. */
  readonly message: string;
}

/** The forms in one line, for placeholders. */
export const timestampExamples = '12.5, 1:02.5 or 50%';

const percentPattern = /^(\d+(?:\.\d+)?|\.\d+)\s*%$/;
const secondsPattern = /^(\d+(?:\.\d+)?|\.\d+)$/;
const clockPattern = /^(?:(\d+):)?(\d{1,2}):(\d{1,2}(?:\.\d+)?)$/;

/**
 * Reads a timestamp as people write it. A percentage above 100 is out of range
 * in every video; whether a time is shows only when the video is opened.
 */
export function readTimestamp(text: string): TimestampReading {
  const trimmed = text.trim();
  const percent = percentPattern.exec(trimmed);
  if (percent !== null) return fraction(Number(percent[1]) / 100, trimmed);
  const seconds = secondsPattern.exec(trimmed);
  if (seconds !== null) return time(Number(seconds[1]));
  const [matched, hours = '0', minutes = '', rest = ''] = clockPattern.exec(trimmed) ?? [];
  if (matched !== undefined && Number(minutes) < 60 && Number(rest) < 60) {
    return time((Number(hours) * 60 + Number(minutes)) * 60 + Number(rest));
  }
  return wrong(
    'TIMESTAMP_INVALID',
    trimmed === ''
      ? 'The timestamp is empty. Write seconds (12.5), minutes and seconds (1:02.5) or a percentage (50%).'
      : `"${trimmed}" is not a timestamp. Write seconds (12.5), minutes and seconds (1:02.5) or a percentage (50%).`,
  );
}

function fraction(value: number, written: string): TimestampReading {
  if (value > 1) return wrong('TIMESTAMP_OUT_OF_RANGE', `${written} is past the end of the video. Write at most 100%.`);
  return { at: value === 1 ? { kind: 'last' } : { kind: 'fraction', value }, problem: null };
}

function time(seconds: number): TimestampReading {
  // A tenth of a microsecond is far below any frame; it undoes 0.1 + 0.2 = 0.30000000000000004.
  return { at: { kind: 'time', ms: Math.round(seconds * 1e7) / 1e4 }, problem: null };
}

function wrong(code: TimestampProblem['code'], message: string): TimestampReading {
  return { at: null, problem: { code, message } };
}
