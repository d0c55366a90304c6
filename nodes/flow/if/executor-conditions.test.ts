import { describe, expect, test } from '@jest/globals';
import type { OutputValue } from '../../../core/node-type/values.ts';
import { conditionSchema, conditionWords } from './condition.ts';
import { firstThatHolds } from './executor-conditions.ts';

const ask = (value: OutputValue, condition: object) => firstThatHolds([conditionSchema.parse(condition)], value) === 0;
const errorOf = (value: OutputValue, condition: object): unknown => {
  try {
    return ask(value, condition);
  } catch (error) {
    return error;
  }
};
const picture = { assetId: 'a', url: '/api/assets/a/content', mimeType: 'image/png', bytes: 1, sha256: '0' };

describe('an operator', () => {
  test.each<[OutputValue, string, OutputValue | undefined, boolean]>([
    ['yes', 'is', 'yes', true],
    [' yes\n', 'is', 'yes', true],
    ['Yes', 'is', 'yes', false],
    [5, 'is', '5.0', true],
    ['05', 'is', 5, true],
    ['05', 'is', '5', false],
    [true, 'is', true, true],
    [true, 'is', 'true', true],
    [null, 'is', '', true],
    ['yes', 'isNot', 'no', true],
    ['yes', 'isNot', 'yes', false],
    ['a refund, please', 'contains', 'refund', true],
    ['a refund, please', 'contains', 'Refund', false],
    [['red', 'blue'], 'contains', 'blue', true],
    [['red', 'blue'], 'contains', 'lue', false],
    [{ toPay: 1 }, 'contains', 'toPay', true],
    [{ toPay: 1 }, 'contains', 'toString', false],
    ['Order 1234', 'matches', '\\d{4}$', true],
    ['Order 123', 'matches', '\\d{4}$', false],
    ['REFUND', 'matches', '(?i)refund', true],
    ['12.5', 'greater', 12, true],
    [12, 'greater', '12', false],
    [3, 'less', '3.1', true],
    ['', 'isEmpty', undefined, true],
    [' \n', 'isEmpty', undefined, true],
    [null, 'isEmpty', undefined, true],
    [[], 'isEmpty', undefined, true],
    [{}, 'isEmpty', undefined, true],
    [0, 'isEmpty', undefined, false],
    [false, 'isNotEmpty', undefined, true],
    [picture, 'isNotEmpty', undefined, true],
    ['b', 'isOneOf', 'a, b, c', true],
    ['b c', 'isOneOf', 'a\nb c', true],
    [2, 'isOneOf', [1, 2], true],
    ['', 'isOneOf', 'a,,b', false],
    ['d', 'isOneOf', ['a', 'b'], false],
  ])('%j %s %j is %p', (value, operator, operand, expected) => {
    expect(ask(value, { operator, operand })).toBe(expected);
  });

  test('that compares numbers says what is none', () => {
    expect(errorOf('a dozen', { operator: 'greater', operand: 5 })).toMatchObject({
      code: 'CONDITION_INVALID',
      message: 'The value "a dozen" is not a number, and "is greater than" compares numbers.',
    });
    expect(errorOf('', { operator: 'less', operand: 5 })).toMatchObject({ code: 'CONDITION_INVALID' });
  });

  test('takes the first case that holds, from top to bottom', () => {
    const cases = ['x', 'b', 'a'].map((operand) => conditionSchema.parse({ operator: 'contains', operand }));
    expect(firstThatHolds(cases, 'ab')).toBe(1);
    expect(firstThatHolds(cases, 'none')).toBeNull();
  });
});

describe('a pattern', () => {
  test('that backtracks elsewhere is answered at once', () => {
    expect(ask('a'.repeat(50_000), { operator: 'matches', operand: '^(a+)+$' })).toBe(true);
    expect(ask(`${'a'.repeat(50_000)}!`, { operator: 'matches', operand: '^(a+)+$' })).toBe(false);
  });

  test.each([['(a'], ['(?=a)b'], ['((a{1000}){100})']])('that cannot be had is refused in words: %s', (operand) => {
    expect(errorOf('a', { operator: 'matches', operand })).toMatchObject({ code: 'CONDITION_INVALID' });
  });
});

describe('an expression', () => {
  test.each<[OutputValue, string, boolean]>([
    ['a long text', 'value.size() > 5', true],
    ['a', 'value.size() > 5 || value == "a"', true],
    [{ score: 0.8, tags: ['new'] }, 'value.score >= 0.5 && "new" in value.tags', true],
    [['a', 'b'], 'value.exists(x, x == "b")', true],
    [{}, 'has(value.score) && value.score > 1', false],
    ['Order 12', 'value.matches("[0-9]+")', true],
    ['.matches(', 'value.contains(".matches(")', true],
  ])('of %j: %s is %p', (value, expression, expected) => {
    expect(ask(value, { expression })).toBe(expected);
  });

  test('decides instead of the operator, and is nothing while it is blank', () => {
    expect(ask('a', { operator: 'is', operand: 'b', expression: 'value == "a"' })).toBe(true);
    expect(ask('a', { operator: 'is', operand: 'a', expression: ' ' })).toBe(true);
    expect(conditionWords(conditionSchema.parse({ expression: 'value > 1' }))).toBe('value > 1');
  });

  test.each([
    ['value +', 'cannot be answered'],
    ['value.size()', 'has to be true or false'],
    ['value.nothing == 1', 'cannot be answered'],
    ['matches(value, "(a+)+$")', 'only as text.matches'],
    [`${'('.repeat(60)}true${')'.repeat(60)}`, 'cannot be answered'],
    [`1 ${'+ 1'.repeat(600)} > 0`, 'cannot be answered'],
    ['value.constructor.constructor("return process")() == 1', 'cannot be answered'],
  ])('that cannot be had is refused in words: %s', (expression, words) => {
    expect(errorOf('a', { expression })).toMatchObject({
      code: 'CONDITION_INVALID',
      message: expect.stringContaining(words),
    });
  });

  test('that would go on is stopped', () => {
    const value = Array.from({ length: 1_000 }, (_, index) => index);
    const expression = 'value.all(a, value.all(b, value.all(c, a + b + c >= 0.0)))';
    expect(errorOf(value, { expression })).toMatchObject({ code: 'CONDITION_TOO_SLOW' });
  });

  test('matches patterns that backtrack elsewhere at once', () => {
    expect(ask(`${'a'.repeat(10_000)}!`, { expression: 'value.matches("^(a+)+$")' })).toBe(false);
  });
});
