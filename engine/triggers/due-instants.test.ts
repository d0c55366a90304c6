import { describe, expect, test } from '@jest/globals';
import { dueInstants, type DueInstants, type MisfireRule } from './due-instants.ts';
import { readSchedule } from './schedule.ts';

const startAt = new Date('2026-01-01T00:00:00Z');
const at = (text: string) => new Date(`2026-06-${text}Z`);

function due(cron: string, nextAt: string, now: string, rule: Partial<MisfireRule> = {}) {
  const schedule = readSchedule({ cron, timeZone: 'UTC', startAt });
  return words(dueInstants(schedule, at(nextAt), at(now), { misfire: 'once', misfireLimit: 3, ...rule }));
}

const short = (date: Date) => date.toISOString().slice(8, 19);
const words = ({ fires, missed, next }: DueInstants) => ({
  fires: fires.map(short),
  missed: missed === null ? null : [short(missed.from), short(missed.to)],
  next: next === null ? null : short(next),
});

describe('what is due in time', () => {
  test('is the one instant, and the next one is reckoned from now', () => {
    expect(due('0 9 * * *', '01T09:00:00', '01T09:00:00')).toEqual({
      fires: ['01T09:00:00'],
      missed: null,
      next: '02T09:00:00',
    });
  });

  test('is each instant of a delay of up to a minute, whatever the rule for missed ones', () => {
    for (const misfire of ['once', 'skip', 'all'] as const) {
      const found = due('every 10 seconds', '01T09:00:00', '01T09:01:00', { misfire });
      expect(found.fires).toHaveLength(7);
      expect(found).toMatchObject({ missed: null, next: '01T09:01:10' });
    }
  });
});

describe('after an outage', () => {
  test('once: the latest instant alone, and the others are missed', () => {
    expect(due('0 * * * *', '01T09:00:00', '01T13:30:00')).toEqual({
      fires: ['01T13:00:00'],
      missed: ['01T09:00:00', '01T12:00:00'],
      next: '01T14:00:00',
    });
  });

  test('once: a single one is made up for, and none is missed', () => {
    expect(due('0 9 * * *', '01T09:00:00', '01T13:30:00')).toEqual({
      fires: ['01T09:00:00'],
      missed: null,
      next: '02T09:00:00',
    });
  });

  test('skip: none', () => {
    expect(due('0 * * * *', '01T09:00:00', '01T13:30:00', { misfire: 'skip' })).toEqual({
      fires: [],
      missed: ['01T09:00:00', '01T13:00:00'],
      next: '01T14:00:00',
    });
  });

  test('all: the latest ones, as many as are allowed', () => {
    expect(due('0 * * * *', '01T09:00:00', '01T13:30:00', { misfire: 'all' })).toEqual({
      fires: ['01T11:00:00', '01T12:00:00', '01T13:00:00'],
      missed: ['01T09:00:00', '01T10:00:00'],
      next: '01T14:00:00',
    });
    expect(due('0 * * * *', '01T09:00:00', '01T13:30:00', { misfire: 'all', misfireLimit: 100 })).toMatchObject({
      fires: { length: 5 },
      missed: null,
    });
  });

  test('of weeks, a schedule of each second is made up for at once', () => {
    expect(due('every second', '01T00:00:00', '29T12:00:00')).toEqual({
      fires: ['29T12:00:00'],
      missed: ['01T00:00:00', '29T11:59:59'],
      next: '29T12:00:01',
    });
  });
});
