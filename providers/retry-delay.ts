/** A wait that is longer is as good as for ever, and keeps sums and timers sane. */
const longestMs = 365 * 24 * 60 * 60_000;

/**
 * The value of an HTTP header `Retry-After`, seconds, a duration such as `5s`, or a date, in milliseconds
 * from `now`; undefined where it is missing or unreadable.
 */
export function parseRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const text = header.trim();
  if (/^\d+(?:\.\d+)?$/.test(text)) return bounded(Number(text) * 1000);
  const ms = parseGoDuration(text);
  if (ms !== null) return bounded(ms);
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : bounded(date - now);
}

const goUnitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  µs: 1e-3,
  us: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** A duration as Go writes it, such as `6m0s` or `120ms`, in milliseconds; null where it is none. */
export function parseGoDuration(text: string): number | null {
  if (!/^\s*(?:\d+(?:\.\d+)?(?:ns|µs|us|ms|s|m|h|d))+\s*$/.test(text)) return null;
  let ms = 0;
  for (const [, number = '', unitName = ''] of text.matchAll(/(\d+(?:\.\d+)?)(ns|µs|us|ms|s|m|h|d)/g))
    ms += Number(number) * (goUnitMs[unitName] ?? 0);
  return ms;
}

/** The wait that the headers of an answer ask for, in milliseconds; undefined where they name none. */
export function retryAfterOf(headers: Headers, now: number): number | undefined {
  // Azure and OpenAI say it in milliseconds, too, which is the finer of the two.
  const ms = headers.get('retry-after-ms')?.trim() ?? '';
  if (/^\d+(?:\.\d+)?$/.test(ms)) return bounded(Number(ms));
  return parseRetryAfter(headers.get('retry-after'), now);
}

/**
 * A protobuf duration as in `google.rpc.RetryInfo.retryDelay`, such as `"54s"`
 * or `"1.5s"`, in milliseconds; undefined where it is none.
 */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)s$/.exec(text.trim());
  return match === null ? undefined : bounded(Number(match[1]) * 1000);
}

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  millisecond: 1,
  s: 1000,
  sec: 1000,
  second: 1000,
  m: 60_000,
  min: 60_000,
  minute: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
};

const unit = '(?:milliseconds?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|h|days?|d)';
const amount = `\\d+(?:\\.\\d+)?\\s*${unit}(?![a-z])`;
/** `2m59.56s` has no blank between its parts, so a part may also end where the next one begins. */
const wait = new RegExp(
  `\\b(?:try again|retry|retrying|wait|available|come back)\\b[^.!?\\d]{0,40}((?:\\d+(?:\\.\\d+)?\\s*${unit}[\\s,]*(?:and\\s+)?)*${amount})`,
  'i',
);

/** The wait that a sentence such as "Please try again in 2m59.56s." asks for, in milliseconds; undefined where it names none. */
export function parseWaitInWords(words: string): number | undefined {
  const found = wait.exec(words.slice(0, 2000))?.[1];
  if (found === undefined) return undefined;
  let ms = 0;
  for (const [, number = '', name = ''] of found.matchAll(new RegExp(`(\\d+(?:\\.\\d+)?)\\s*(${unit})`, 'gi'))) {
    const key = name.toLowerCase();
    ms += Number(number) * (unitMs[key] ?? unitMs[key.replace(/s$/, '')] ?? 0);
  }
  return bounded(ms);
}

function bounded(ms: number): number {
  return Math.min(Math.max(Math.ceil(ms), 0), longestMs);
}
