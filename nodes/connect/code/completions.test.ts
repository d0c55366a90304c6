import { describe, expect, test } from '@jest/globals';
import { begunWordAt, completionsOf } from './completions.ts';

const inputs = [
  { name: 'orders', type: 'json' },
  { name: 'title', type: 'text' },
  { name: 'photo', type: 'image' },
];
const outputs = [{ name: 'output', type: 'number' }];

/** The words at the end of a code. */
const wordsAfter = (code: string): readonly string[] => {
  const begun = begunWordAt(code, code.length);
  return begun === null ? [] : completionsOf(begun, { inputs, outputs, code }).map(({ word }) => word);
};

describe('what may stand at the caret', () => {
  test.each([
    ['inputs first, then what the code names, then outputs', 'const orange = 1;\nreturn or', ['orders', 'orange']],
    ['keywords and what JavaScript has', 'ret', ['return']],
    ['in whatever case it is begun', 'json', ['JSON']],
    ['members of what JavaScript has', 'Math.ro', ['round']],
    ['members of a text', 'title.toU', ['toUpperCase']],
    ['facts of a file', 'photo.wi', ['width']],
    ['members of what may be a list', 'orders.flat', ['flat', 'flatMap']],
    ['members after a bracket, and after a question mark', '[1, 2]?.flatM', ['flatMap']],
    ['nothing for a word that is whole', 'title', []],
    ['nothing within a number', '12.', []],
    ['members of a text that stands there', '"a // b".toU', ['toUpperCase']],
    ['nothing within a text', "const words = 'ret", []],
    ['nothing within a comment', 'x = 1; // ret', []],
    ['nothing where nothing is begun', 'return ', []],
  ])('%s', (_what, code, words) => {
    expect(wordsAfter(code)).toEqual(words);
  });

  test('all members after a dot, a few of them at a time', () => {
    expect(wordsAfter('console.')).toEqual(['error', 'info', 'log', 'warn']);
    expect(wordsAfter('title.')).toHaveLength(8);
  });

  test('nothing in the middle of a word', () => {
    expect(begunWordAt('orders', 3)).toBeNull();
    expect(begunWordAt('or + 1', 2)).toEqual({ from: 0, word: 'or', of: null });
  });
});
