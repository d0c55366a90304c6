/** The longest wait that is honoured: past ten minutes a person should look. */
const longestMs = 10 * 60_000;

/**
 * The value of an HTTP header `Retry-After`, seconds or a date, in milliseconds
 * from `now`; undefined where it is missing or unreadable. At most 10 minutes.
 */
export function parseRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const text = header.trim();
  if (/^\d+(?:\.\d+)?$/.test(text)) return bounded(Number(text) * 1000);
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : bounded(date - now);
}

/**
 * A protobuf duration as in `google.rpc.RetryInfo.retryDelay`, such as `"54s"`
 * or `"1.5s"`, in milliseconds; undefined where it is none. At most 10 minutes.
 */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)s$/.exec(text.trim());
  return match === null ? undefined : bounded(Number(match[1]) * 1000);
}

function bounded(ms: number): number {
  return Math.min(Math.max(Math.ceil(ms), 0), longestMs);
}
