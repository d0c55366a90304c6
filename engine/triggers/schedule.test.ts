import { describe, expect, test } from '@jest/globals';
import { DateTime } from 'luxon';
import { FindingsError } from '../../core/errors/findings-error.ts';
import { readSchedule } from './schedule.ts';

const startAt = new Date('2026-01-01T00:00:00Z');
const read = (cron: string, timeZone = 'UTC', from = startAt) => readSchedule({ cron, timeZone, startAt: from });
const iso = (dates: readonly Date[]) => dates.map((date) => date.toISOString());

const minuteMs = 60_000;

/**
 * The instants of a daily rule between two instants by another library, minute by minute of real time: what the clock on
 * the wall passes over is due when it goes on, and what it shows a second time is not.
 */
function byTheWall(hours: readonly number[], minutes: readonly number[], timeZone: string, from: Date, to: Date) {
  const fits = (wall: DateTime) => hours.includes(wall.hour) && minutes.includes(wall.minute);
  const wallOf = (ms: number) =>
    DateTime.fromMillis(ms, { zone: timeZone }).setZone('utc', { keepLocalTime: true }) as DateTime;
  const due: string[] = [];
  const seen = new Set<number>();
  for (let ms = from.getTime(), before = wallOf(ms - minuteMs).toMillis(); ms <= to.getTime(); ms += minuteMs) {
    const wall = wallOf(ms).toMillis();
    let isDue = false;
    for (let passed = Math.min(before + minuteMs, wall); passed <= wall; passed += minuteMs) {
      isDue ||= fits(DateTime.fromMillis(passed, { zone: 'utc' })) && !seen.has(passed);
      seen.add(passed);
    }
    if (isDue) due.push(new Date(ms).toISOString());
    before = wall;
  }
  return due;
}

/** The first hours of a change of the clock, and how long around it is looked at. */
const changes: readonly [zone: string, at: string][] = [
  ['Europe/Berlin', '2027-03-28T01:00:00Z'],
  ['Europe/Berlin', '2027-10-31T01:00:00Z'],
  ['America/New_York', '2027-03-14T07:00:00Z'],
  ['America/New_York', '2027-11-07T06:00:00Z'],
  ['Australia/Lord_Howe', '2027-10-02T15:30:00Z'],
  ['Australia/Lord_Howe', '2027-04-03T15:00:00Z'],
  ['Africa/Casablanca', '2027-02-07T02:00:00Z'],
  ['Africa/Casablanca', '2027-03-14T02:00:00Z'],
  ['America/Sao_Paulo', '2027-10-16T03:00:00Z'],
];

const rules: readonly [cron: string, hours: readonly number[], minutes: readonly number[]][] = [
  ['30 2 * * *', [2], [30]],
  ['0 3 * * *', [3], [0]],
  ['15,45 1-3 * * *', [1, 2, 3], [15, 45]],
  ['*/20 2 * * *', [2], [0, 20, 40]],
  ['10-50/20 */2 * * *', Array.from({ length: 12 }, (_, index) => index * 2), [10, 30, 50]],
  ['* 2 * * *', [2], Array.from({ length: 60 }, (_, index) => index)],
];

describe('cron on the clock of the wall', () => {
  test.each(changes)('is due as another library reckons, around the change in %s at %s', (zone, at) => {
    const from = new Date(Date.parse(at) - 30 * 3_600_000);
    const to = new Date(Date.parse(at) + 30 * 3_600_000);
    for (const [cron, hours, minutes] of rules) {
      const expected = byTheWall(hours, minutes, zone, from, to);
      const found = read(cron, zone).after(new Date(from.getTime() - 1), expected.length + 1);
      expect([cron, ...iso(found.filter((instant) => instant <= to))]).toEqual([cron, ...expected]);
      // The same whether it is asked from before or step by step.
      let last = new Date(from.getTime() - 1);
      const steps = expected.map(() => (last = read(cron, zone).after(last, 1)[0]!).toISOString());
      expect([cron, ...steps]).toEqual([cron, ...expected]);
    }
  });

  test('with any hour it goes by real time over both changes', () => {
    for (const at of ['2027-03-28T00:30:00Z', '2027-10-31T00:30:00Z']) {
      const found = read('*/30 * * * *', 'Europe/Berlin').after(new Date(at), 6);
      expect(found.map((instant) => instant.getTime() - Date.parse(at))).toEqual(
        [1, 2, 3, 4, 5, 6].map((count) => count * 30 * minuteMs),
      );
    }
  });

  test('a time that is passed over, and one that comes twice, each once', () => {
    const berlin = read('30 2 * * *', 'Europe/Berlin');
    expect(iso(berlin.after(new Date('2027-03-27T12:00:00Z'), 2))).toEqual([
      '2027-03-28T01:00:00.000Z',
      '2027-03-29T00:30:00.000Z',
    ]);
    expect(iso(berlin.after(new Date('2027-10-30T12:00:00Z'), 2))).toEqual([
      '2027-10-31T00:30:00.000Z',
      '2027-11-01T01:30:00.000Z',
    ]);
  });

  test('counts weekdays and days of the month as either-or, and takes names', () => {
    expect(iso(read('0 9 * * MON').after(new Date('2026-11-30T09:00:00Z'), 2))).toEqual([
      '2026-12-07T09:00:00.000Z',
      '2026-12-14T09:00:00.000Z',
    ]);
    expect(iso(read('0 9 1,15 * MON').after(new Date('2027-10-02T12:00:00Z'), 3))).toEqual([
      '2027-10-04T09:00:00.000Z',
      '2027-10-11T09:00:00.000Z',
      '2027-10-15T09:00:00.000Z',
    ]);
  });

  test('is not due before its start, and may be at it', () => {
    const late = read('0 12 * * *', 'UTC', new Date('2027-05-01T12:00:00Z'));
    expect(iso(late.after(startAt, 2))).toEqual(['2027-05-01T12:00:00.000Z', '2027-05-02T12:00:00.000Z']);
  });
});

describe('an interval', () => {
  test('counts from its start in real time, not by the hours of a day', () => {
    const every = read('every 13 hours', 'UTC', new Date('2027-03-27T20:00:00.250Z'));
    expect(iso(every.after(startAt, 1))).toEqual(['2027-03-27T20:00:00.250Z']);
    expect(iso(every.after(new Date('2027-03-27T20:00:00.250Z'), 3))).toEqual([
      '2027-03-28T09:00:00.250Z',
      '2027-03-28T22:00:00.250Z',
      '2027-03-29T11:00:00.250Z',
    ]);
  });

  test.each([
    ['every second', 1_000],
    ['every 90s', 90_000],
    ['Every 5 minutes', 300_000],
    ['every 2 days', 172_800_000],
  ])('%s is read', (text, ms) => {
    const [one, two] = read(text).after(startAt, 2);
    expect(two!.getTime() - one!.getTime()).toBe(ms);
  });
});

describe('what cannot be a schedule is refused in words', () => {
  test.each([
    ['61 9 * * *', 'UTC', 'cron', /minute: 61/],
    ['0 9 * *', 'UTC', 'cron', /such as "0 9 \* \* MON"/],
    ['0 0 9 * * *', 'UTC', 'cron', /five|5|minute, hour/],
    ['5/15 * * * *', 'UTC', 'cron', /cannot be read/],
    ['*/90 * * * *', 'UTC', 'cron', /cannot be read/],
    ['0 9 30 2 *', 'UTC', 'cron', /No day fits/],
    ['every fortnight', 'UTC', 'cron', /such as "every 15 minutes"/],
    ['every 0 minutes', 'UTC', 'cron', /Once a second is the most/],
    ['every 9000 days', 'UTC', 'cron', /Once a year is the least/],
    ['0 9 * * *', 'Europe/Nowhere', 'timeZone', /no time zone "Europe\/Nowhere"/],
    ['0 9 * * *', '+02:00', 'timeZone', /no time zone/],
    ['0 9 * * *', 'GMT+2', 'timeZone', /no time zone/],
  ])('%s in %s', (cron, zone, path, words) => {
    const reading = () => read(cron, zone);
    expect(reading).toThrow(FindingsError);
    expect(reading).toThrow(words);
    try {
      reading();
    } catch (error) {
      expect(error).toMatchObject({ code: 'SCHEDULE_INVALID', findings: [{ path }] });
    }
  });
});
