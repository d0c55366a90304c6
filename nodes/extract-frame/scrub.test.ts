import { expect, test } from '@jest/globals';
import { secondsOf, timestampAt } from './scrub.ts';

test.each([
  ['12.5', 12.5],
  ['50%', 5],
  ['1:05', 65],
  ['0:01.5', 1.5],
  ['1:00:00', 3_600],
  ['soon', null],
  ['', null],
])('%s of a ten second video is %s', (text, seconds) => {
  expect(secondsOf(text, 10)).toBe(seconds);
});

test('scrubbing keeps the way the timestamp was written', () => {
  expect(timestampAt(2.5, 10, '50%')).toBe('25%');
  expect(timestampAt(2.567, 10, '1')).toBe('2.57');
});
