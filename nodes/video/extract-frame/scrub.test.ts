import { expect, test } from '@jest/globals';
import { readTimestamp } from '../../../core/node-type/timestamp.ts';
import { playerTimeOf, secondsOf, timestampAt } from './scrub.ts';

function secondsIn(text: string, durationS: number): number {
  const { at } = readTimestamp(text);
  if (at === null) throw new Error(`${text} is not a timestamp.`);
  return secondsOf(at, durationS);
}

test.each([
  ['12.5', 12.5],
  ['.5', 0.5],
  ['50%', 5],
  ['100%', 10],
  ['1:05', 65],
  ['0:01.5', 1.5],
  ['1:00:00', 3_600],
])('%s of a ten second video is %s, as the node reads it', (text, seconds) => {
  expect(secondsIn(text, 10)).toBe(seconds);
});

test('scrubbing keeps the way the timestamp was written, to the millisecond', () => {
  expect(timestampAt(2.5, 10, '50%')).toBe('25%');
  expect(timestampAt(1.0427, 60, '50%')).toBe('1.738%');
  expect(timestampAt(2.5674, 10, '1')).toBe('2.567');
});

test('clock-30s-mkv: a player whose clock starts later is set to where the picture is', () => {
  expect(playerTimeOf(secondsIn('50%', 4), 4, 30)).toBe(32);
  expect(playerTimeOf(4, 4, 30)).toBeCloseTo(33.999, 6);
});
