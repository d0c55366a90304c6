import { readEvery } from '../../core/triggers/every.ts';

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** More times of a day than these are read better as fields. */
const mostTimes = 4;

/** A field of cron: every value, every so many, or those that are named. Null: something that is not put into words. */
type Field =
  | { readonly kind: 'all' }
  | { readonly kind: 'step'; readonly step: number }
  | { readonly kind: 'range'; readonly from: number; readonly to: number }
  | { readonly kind: 'some'; readonly values: readonly number[] };

/**
 * A schedule as people say it, such as "Every Monday at 9:00"; null for what is seldom enough to be read as cron. The words
 * hold in the time zone of the schedule.
 */
export function scheduleWords(text: string): string | null {
  const every = /^every\s+(.+)$/i.exec(text.trim());
  if (every !== null) {
    return typeof readEvery(text) === 'string' ? null : `Every ${every[1]!.toLowerCase().replaceAll(/\s+/g, ' ')}`;
  }
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 5) return null;
  const [minute, hour, day, month, weekday] = [
    readField(fields[0]!, 0, 59),
    readField(fields[1]!, 0, 23),
    readField(fields[2]!, 1, 31),
    readField(fields[3]!, 1, 12, months),
    readField(fields[4]!, 0, 7, weekdays),
  ];
  if (minute === null || hour === null || day === null || month === null || weekday === null) return null;
  const times = timeWords(minute, hour);
  const days = dayWords(day, weekday, month);
  if (times === null || days === null) return null;
  // "Every 15 minutes, Monday to Friday" and "Every weekday at 9:00".
  return times.isFrequent ? `${times.words}${days.along}` : `${days.before} ${times.words}`;
}

/** Null: no field of cron that has words here. */
function readField(text: string, least: number, most: number, names: readonly string[] = []): Field | null {
  const valueOf = (word: string): number | null => {
    const named = names.findIndex((name) => name.slice(0, 3).toLowerCase() === word.toLowerCase());
    const value = named === -1 ? (/^\d{1,2}$/.test(word) ? Number(word) : -1) : named + least;
    return value >= least && value <= most ? value : null;
  };
  if (text === '*') return { kind: 'all' };
  const step = /^\*\/(\d{1,2})$/.exec(text);
  // Steps that do not go into the whole begin anew in the middle of nowhere.
  if (step !== null) {
    const size = Number(step[1]);
    return size > 0 && (most + 1 - least) % size === 0 ? { kind: 'step', step: size } : null;
  }
  const range = /^(\w{1,3})-(\w{1,3})$/.exec(text);
  if (range !== null) {
    const [from, to] = [valueOf(range[1]!), valueOf(range[2]!)];
    return from === null || to === null || from >= to ? null : { kind: 'range', from, to };
  }
  const values = text.split(',').map(valueOf);
  return values.some((value) => value === null)
    ? null
    : { kind: 'some', values: [...new Set(values as number[])].toSorted((one, other) => one - other) };
}

function timeWords(minute: Field, hour: Field): { readonly words: string; readonly isFrequent: boolean } | null {
  const within =
    hour.kind === 'range' ? ` from ${clock(hour.from, 0)} to ${clock(hour.to, 59)}` : hour.kind === 'all' ? '' : null;
  if (minute.kind === 'all' || minute.kind === 'step') {
    if (within === null) return null;
    const often = minute.kind === 'all' || minute.step === 1 ? 'Every minute' : `Every ${minute.step} minutes`;
    return { words: `${often}${within}`, isFrequent: true };
  }
  if (minute.kind !== 'some') return null;
  if (hour.kind === 'some') {
    const times = hour.values.flatMap((at) => minute.values.map((past) => clock(at, past)));
    return times.length > mostTimes ? null : { words: `at ${listed(times)}`, isFrequent: false };
  }
  if (minute.values.length > 1) return null;
  const [past = 0] = minute.values;
  const often = hour.kind === 'step' && hour.step > 1 ? `Every ${hour.step} hours` : 'Every hour';
  const begins = past === 0 ? '' : `, ${past} ${past === 1 ? 'minute' : 'minutes'} past`;
  const until = hour.kind === 'range' ? ` from ${clock(hour.from, past)} to ${clock(hour.to, past)}` : '';
  return { words: `${often}${hour.kind === 'range' ? until : begins}`, isFrequent: true };
}

/** `before`: what a sentence with a time begins with. `along`: what follows where it happens often. */
function dayWords(
  day: Field,
  weekday: Field,
  month: Field,
): { readonly before: string; readonly along: string } | null {
  if (month.kind !== 'all' && month.kind !== 'some') return null;
  const named = month.kind === 'all' ? null : listed(month.values.map((at) => months[at - 1]!));
  const within = named === null ? '' : ` in ${named}`;
  // Where both are given, cron means either: nobody reads that out of a sentence.
  if (day.kind !== 'all' && weekday.kind !== 'all') return null;
  if (day.kind === 'some') {
    const words = `the ${listed(day.values.map(ordinal))} of ${named ?? 'the month'}`;
    return { before: `On ${words}`, along: `, on ${words}` };
  }
  if (day.kind !== 'all') return null;
  if (weekday.kind === 'all') return { before: `Every day${within}`, along: within };
  if (weekday.kind === 'range') {
    if (weekday.from === 1 && weekday.to === 5)
      return { before: `Every weekday${within}`, along: `, Monday to Friday${within}` };
    const words = `${weekdays[weekday.from % 7]} to ${weekdays[weekday.to % 7]}`;
    return { before: `${words}${within}`, along: `, ${words}${within}` };
  }
  if (weekday.kind !== 'some') return null;
  const names = listed([...new Set(weekday.values.map((at) => weekdays[at % 7]!))]);
  return { before: `Every ${names}${within}`, along: `, on ${names}${within}` };
}

function clock(hour: number, minute: number): string {
  return `${hour}:${String(minute).padStart(2, '0')}`;
}

function ordinal(day: number): string {
  const ending = day > 10 && day < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][day % 10] ?? 'th');
  return `${day}${ending}`;
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/**
 * A moment to the second, with its weekday: `Mon, Dec 7, 2026, 9:00:00 AM`. Defaults: the time zone and the language of the
 * reader.
 */
export function momentWords(
  at: string,
  { timeZone, locale }: { readonly timeZone?: string | undefined; readonly locale?: string } = {},
): string {
  return new Date(at).toLocaleString(locale, {
    weekday: 'short',
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    second: '2-digit',
    timeZone,
  });
}
