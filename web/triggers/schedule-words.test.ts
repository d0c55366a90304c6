import { expect, test } from '@jest/globals';
import { momentWords, scheduleWords } from './schedule-words.ts';

test.each([
  ['0 9 * * MON', 'Every Monday at 9:00'],
  ['0 9 * * 1', 'Every Monday at 9:00'],
  ['0 9 * * MON-FRI', 'Every weekday at 9:00'],
  ['0 9 * * mon,wed,7', 'Every Monday, Wednesday and Sunday at 9:00'],
  ['0 9 * * TUE-SAT', 'Tuesday to Saturday at 9:00'],
  ['5 9,17 * * *', 'Every day at 9:05 and 17:05'],
  ['0 * * * *', 'Every hour'],
  ['30 * * * *', 'Every hour, 30 minutes past'],
  ['0 */6 * * *', 'Every 6 hours'],
  ['* * * * *', 'Every minute'],
  ['*/15 9-17 * * MON-FRI', 'Every 15 minutes from 9:00 to 17:59, Monday to Friday'],
  ['0 9-17 * * *', 'Every hour from 9:00 to 17:00'],
  ['0 9 1 * *', 'On the 1st of the month at 9:00'],
  ['0 9 1,12,22 * *', 'On the 1st, 12th and 22nd of the month at 9:00'],
  ['0 9 24 12 *', 'On the 24th of December at 9:00'],
  ['0 9 * JAN,JUL MON', 'Every Monday in January and July at 9:00'],
  ['every 15 minutes', 'Every 15 minutes'],
  ['every  2 Hours', 'Every 2 hours'],
])('%s is said as "%s"', (cron, words) => {
  expect(scheduleWords(cron)).toBe(words);
});

test.each([
  'often',
  'every now and then',
  '0 9 1 * MON',
  '*/7 * * * *',
  '0 9 L * *',
  '0 9 * * MON#1',
  '61 9 * * *',
  '0,10,20,30,40 9 * * *',
  '0 9 * * FRI-MON',
  '0 9 * *',
])('%s has no words', (cron) => {
  expect(scheduleWords(cron)).toBeNull();
});

test('times of a schedule are said by the clock of its zone, with the weekday, over a change of that clock too', () => {
  const said = (at: string, timeZone: string) => momentWords(at, { timeZone, locale: 'en-US' }).replace(/\u202f/g, ' ');
  expect(said('2027-03-22T08:00:00Z', 'Europe/Berlin')).toBe('Mon, Mar 22, 2027, 9:00:00 AM');
  expect(said('2027-03-29T07:00:00Z', 'Europe/Berlin')).toBe('Mon, Mar 29, 2027, 9:00:00 AM');
  expect(said('2027-03-29T07:00:00Z', 'Asia/Tokyo')).toBe('Mon, Mar 29, 2027, 4:00:00 PM');
});
