import { Cron } from 'croner';
import { FindingsError } from '../../core/errors/findings-error.ts';
import { isEvery, readEvery } from '../../core/triggers/every.ts';

/** When something is due, as a person writes it down. */
export interface ScheduleText {
  /** Cron of five fields, or `every 15 minutes`. */
  readonly cron: string;
  /** IANA name, such as `Europe/Berlin`; an interval does not look at it. */
  readonly timeZone: string;
  /** The instant that an interval counts from, and before which nothing is due. */
  readonly startAt: Date;
}

/** The instants of a schedule. */
export interface Schedule {
  /** The first `count` of them after `instant`; fewer where there are no more. */
  after(instant: Date, count: number): readonly Date[];
}

/**
 * Reads a schedule. Cron is held against the clock on the wall of its zone: a time that does not exist there is due at the
 * next one that does, one that comes twice is due once, the first time. What has `*` for its hours goes by real time.
 *
 * Throws FindingsError with `cron` or `timeZone` as the path.
 */
export function readSchedule({ cron, timeZone, startAt }: ScheduleText): Schedule {
  const text = cron.trim();
  if (isEvery(text)) {
    const every = readEvery(text);
    if (typeof every === 'string') throw wrong('cron', every);
    return everyFrom(startAt.getTime(), every.ms);
  }
  const zone = canonicalZone(timeZone);
  const pattern = asLists(text);
  const cronOf = () =>
    new Cron(pattern, { mode: '5-part', timezone: zone, paused: true, fixedTimeRule: 'no-wildcard' });
  const first = firstOf(cronOf, startAt);
  if (first === null) throw wrong('cron', `No day fits "${text}". Change the day or the month.`);
  // Asked for one moment before the start, that moment itself counts.
  const earliest = new Date(startAt.getTime() - 1);
  return {
    after: (instant, count) => cronOf().nextRuns(count, instant < earliest ? earliest : instant),
  };
}

/** The name of a zone as the tables of this machine have it. Throws FindingsError. */
export function canonicalZone(timeZone: string): string {
  try {
    // Fixed offsets are no zones: they do not know of daylight saving.
    if (/^[+-]|^(?:GMT|UTC)[+-]\d/i.test(timeZone)) throw new RangeError(timeZone);
    return new Intl.DateTimeFormat('en-US', { timeZone }).resolvedOptions().timeZone;
  } catch {
    const shown = timeZone.slice(0, 60);
    throw wrong('timeZone', `There is no time zone "${shown}". Name one like "Europe/Berlin" or "UTC".`);
  }
}

function firstOf(cronOf: () => Cron, startAt: Date): Date | null {
  try {
    return cronOf().nextRun(startAt);
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^Cron\w+: /, '').replace(/\.$/, '') : String(error);
    throw wrong(
      'cron',
      `The schedule cannot be read: ${reason}. Write minute, hour, day, month and weekday, such as "0 9 * * MON".`,
    );
  }
}

function everyFrom(start: number, ms: number): Schedule {
  return {
    after: (instant, count) => {
      const passed = Math.floor((instant.getTime() - start) / ms);
      const next = Math.max(0, passed + 1);
      return Array.from({ length: count }, (_, index) => new Date(start + (next + index) * ms));
    },
  };
}

/*
 * The library holds lists and ranges against the clock on the wall, and lets wildcards and steps go by real time. Where the
 * hours are named, all of it is meant by the wall: steps are written out as lists.
 */
function asLists(text: string): string {
  const fields = text.split(/\s+/);
  const [minute, hour, ...days] = fields;
  if (fields.length !== 5 || minute === undefined || hour === undefined) return text;
  if (hour === '*' || hour === '?' || hour === '*/1') return text;
  return [writtenOut(minute, 59), writtenOut(hour, 23), ...days].join(' ');
}

function writtenOut(field: string, last: number): string {
  return field
    .split(',')
    .map((part) => {
      const match = /^(?:\*|\?|(\d{1,2})-(\d{1,2}))(?:\/(\d{1,2}))?$/.exec(part);
      if (match === null) return part;
      const [from, to, step] = [Number(match[1] ?? 0), Number(match[2] ?? last), Number(match[3] ?? 1)];
      // What is out of range is left for the library to refuse.
      if (step < 1 || step > last || from > to || to > last) return part;
      const values: number[] = [];
      for (let value = from; value <= to; value += step) values.push(value);
      return values.join(',');
    })
    .join(',');
}

function wrong(path: 'cron' | 'timeZone', message: string): FindingsError {
  return new FindingsError('SCHEDULE_INVALID', message, [{ code: 'SCHEDULE_INVALID', message, path }]);
}
