import { describe, expect, test } from '@jest/globals';
import { readNumber, type NumberRules, type ReadNumber } from './read-number.ts';

const delay: NumberRules = { unit: 'ms', min: 0, max: 3_600_000, isInteger: true };
const width: NumberRules = { unit: '%', min: 0, isMinExcluded: true, max: 100 };
const left: NumberRules = { unit: '%', min: 0, max: 100 };
const answer: NumberRules = { unit: 'tokens', min: 1, max: 1_000_000, isInteger: true };
const plain: NumberRules = {};

const valueOf = (read: ReadNumber) => (read.kind === 'value' ? read.value : read.kind);

describe('C13: a number with a unit', () => {
  test.each([
    [delay, '2s', 2_000],
    [delay, '2 s', 2_000],
    [delay, '2S', 2_000],
    [delay, '500ms', 500],
    [delay, '500 milliseconds', 500],
    [delay, '1.5 min', 90_000],
    [delay, '1,5 min', 90_000],
    [delay, '1.1s', 1_100],
    [delay, '1 h', 3_600_000],
    [{ ...delay, max: 31_536_000_000 }, '7 days', 604_800_000],
    [delay, '1m30s', 90_000],
    [delay, '1 min 30 s', 90_000],
    [delay, '1:30', 90_000],
    [delay, '0:01:30,5', 90_500],
    [delay, '.5s', 500],
    [delay, '２ｓ', 2_000],
    [{ unit: 'min' }, '90', 90],
    [{ unit: 'min' }, '2 h', 120],
    [{ unit: 'min' }, '1:30', 1.5],
    [left, '50%', 50],
    [left, '50 %', 50],
    [left, '12,5 percent', 12.5],
    [left, '50％', 50],
    [answer, '4k', 4_000],
    [answer, '500 tokens', 500],
  ])('is understood where the field has that unit: %j %s', (rules, text, value) => {
    expect(valueOf(readNumber(text, rules))).toBe(value);
  });

  test.each([
    [delay, '2 parsecs', 'parsecs'],
    [delay, '2 %', '%'],
    [left, '2 s', 'not a unit of this field'],
    [plain, '2 s', 'Write a plain number'],
    [delay, 'two', 'not a number'],
    [delay, '2s2', 'not a number'],
  ])('is named where it is not: %j %s', (rules, text, words) => {
    expect(readNumber(text, rules)).toMatchObject({
      kind: 'other',
      value: null,
      words: expect.stringContaining(words),
    });
  });
});

describe('C12: a number that is half typed', () => {
  test.each(['-', '+', '.', ',', '1e', '1e-', '--1', 'e', '1.2.3', '1,2,3', "1'2", 'NaN', 'Infinity', '0x10', '1/2'])(
    'is no number yet, and no error of its own: %s',
    (text) => {
      expect(readNumber(text, plain)).toMatchObject({ kind: 'other', value: null });
    },
  );

  test('is a number as soon as it can be one', () => {
    for (const [text, value] of [
      ['.5', 0.5],
      [',5', 0.5],
      ['5.', 5],
      ['0.', 0],
      ['1e3', 1_000],
      ['1.5e-1', 0.15],
      ['-5', -5],
      ['−5', -5],
      ['+5', 5],
      [' 5 ', 5],
      ['007', 7],
    ] as const) {
      expect([text, valueOf(readNumber(text, plain))]).toEqual([text, value]);
    }
    expect(readNumber('  ', plain)).toEqual({ kind: 'empty' });
  });

  test('is told apart from thousands', () => {
    for (const [text, value] of [
      ['1,5', 1.5],
      ['1,234,567', 1_234_567],
      ['1.234.567', 1_234_567],
      ['1 234', 1_234],
      ['1\u00a0234,5', 1_234.5],
      ['1,234.5', 1_234.5],
      ['1.234,5', 1_234.5],
      ["1'234.5", 1_234.5],
      ['1.500', 1.5],
      ['0,500', 0.5],
    ] as const) {
      expect([text, valueOf(readNumber(text, plain))]).toEqual([text, value]);
    }
    expect(valueOf(readNumber('1,500', delay))).toBe(1_500);
    expect(readNumber('1,500', plain)).toMatchObject({ words: expect.stringContaining('is ambiguous') });
    expect(readNumber('1,500 s', delay)).toMatchObject({ words: expect.stringContaining('is ambiguous') });
  });

  test('out of range has words, and the nearest that is allowed', () => {
    expect(readNumber('-5', left)).toEqual({
      kind: 'other',
      value: 0,
      words: 'Takes from 0 to 100 %, not -5. It is 0 now.',
    });
    expect(readNumber('150', width)).toMatchObject({ value: 100 });
    expect(readNumber('1e999', left)).toMatchObject({ kind: 'other', value: 100 });
    // Nothing is the nearest number above 0.
    for (const text of ['0', '-5']) {
      expect(readNumber(text, width)).toMatchObject({
        value: null,
        words: expect.stringContaining('more than 0 and at most 100 %'),
      });
    }
    expect(readNumber('2 h', delay)).toMatchObject({ value: 3_600_000 });
    expect(readNumber('1.5', delay)).toMatchObject({ value: 2, words: 'Whole numbers only: 1.5 became 2.' });
    expect(readNumber('0', { min: 1 })).toMatchObject({ value: 1, words: expect.stringContaining('at least 1') });
    expect(readNumber('9', { max: 8 })).toMatchObject({ value: 8, words: expect.stringContaining('at most 8') });
  });
});
