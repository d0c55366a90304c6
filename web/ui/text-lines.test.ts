import { expect, test } from '@jest/globals';
import { linesOf } from './text-lines.ts';

const room = { width: 664, most: 6 };

test.each([
  ['nothing', '', 1],
  ['a word', 'word 1', 1],
  ['what just fits', 'a'.repeat(100), 1],
  ['what does not', 'a'.repeat(101), 2],
  ['lines of its own', 'one\ntwo\n\nfour', 4],
  ['a long line between short ones', `one\n${'a'.repeat(150)}\nfour`, 4],
  ['letters as wide as they are high', '字'.repeat(54), 2],
  ['more than there is room for', 'a\n'.repeat(1_000), 6],
])('%s', (_, text, lines) => {
  expect(linesOf(text, room)).toBe(lines);
});

test('however little room there is, each line takes a letter', () => {
  expect(linesOf('abc', { width: 0, most: 6 })).toBe(4);
  expect(linesOf('abc', { width: -40, most: 2 })).toBe(2);
});
