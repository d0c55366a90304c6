/** `every 13 hours`: so many units of real time, counted from a start. */
export interface Every {
  readonly ms: number;
}

const unitMs: Readonly<Record<string, number>> = {
  s: 1_000,
  sec: 1_000,
  second: 1_000,
  m: 60_000,
  min: 60_000,
  minute: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
  w: 604_800_000,
  week: 604_800_000,
};

/** A year: whoever wants it less often writes a date. */
const longestMs = 366 * 86_400_000;

const form = /^every\s+(?:(\d{1,9})\s*)?([a-z]+?)s?$/i;

/** Whether a text is meant as an interval and not as cron. */
export function isEvery(text: string): boolean {
  return /^every\b/i.test(text.trim());
}

/** Reads `every 15 minutes`, `every 13h`, `every second`; what is wrong with it is given as text. */
export function readEvery(text: string): Every | string {
  const match = form.exec(text.trim());
  const perUnit = match === null ? undefined : unitMs[match[2]!.toLowerCase()];
  if (match === null || perUnit === undefined) {
    return 'Write "every", a number and seconds, minutes, hours, days or weeks, such as "every 15 minutes".';
  }
  const ms = Number(match[1] ?? 1) * perUnit;
  if (ms < 1_000) return 'Once a second is the most: write "every 1 second" or more.';
  return ms > longestMs ? 'Once a year is the least: write "every 366 days" or less.' : { ms };
}
