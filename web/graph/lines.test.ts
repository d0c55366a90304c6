import { expect, test } from '@jest/globals';
import { lineOf, linesOf } from './lines.ts';

test.each([
  ['a\n\n b \n', undefined, ['a', ' b ']],
  ['1\n-0.5\ntwo', 'number', [1, -0.5, 'two']],
  ['yes\nFALSE\nmaybe', 'boolean', [true, false, 'maybe']],
  ['{"a":1}\n[2]\n3\n"x"\nwords\nnull', 'json', [{ a: 1 }, [2], 3, '"x"', 'words', null]],
  ['https://example.org/a.png', 'image', ['https://example.org/a.png']],
])('%j as %s', (text, type, items) => {
  expect(linesOf(text, type)).toEqual(items);
});

test('what was typed can be typed on', () => {
  for (const [text, type] of [
    ['a\nb', 'text'],
    ['1\n2', 'number'],
    ['{"a":1}\n"x"', 'json'],
  ] as const)
    expect(linesOf(text, type).map(lineOf).join('\n')).toBe(text);
});
