import { describe, expect, test } from '@jest/globals';
import { readTimestamp, timestampExamples } from './timestamp.ts';

describe('a timestamp', () => {
  test.each([
    ['0', { kind: 'time', ms: 0 }],
    ['12', { kind: 'time', ms: 12_000 }],
    ['12.5', { kind: 'time', ms: 12_500 }],
    ['.5', { kind: 'time', ms: 500 }],
    ['0.033', { kind: 'time', ms: 33 }],
    [' 12.5 ', { kind: 'time', ms: 12_500 }],
    ['0:12.5', { kind: 'time', ms: 12_500 }],
    ['12:05', { kind: 'time', ms: 725_000 }],
    ['1:02:03.5', { kind: 'time', ms: 3_723_500 }],
    ['01:02:03', { kind: 'time', ms: 3_723_000 }],
    ['0%', { kind: 'fraction', value: 0 }],
    ['50%', { kind: 'fraction', value: 0.5 }],
    ['12.5 %', { kind: 'fraction', value: 0.125 }],
    ['100%', { kind: 'last' }],
    ['100.0%', { kind: 'last' }],
  ])('%j is read', (text, expected) => {
    expect(readTimestamp(text)).toEqual({ at: expected, problem: null });
  });

  test.each([
    '',
    ' ',
    'abc',
    '-1',
    '-5%',
    '1,5',
    '12.',
    '1e3',
    '5s',
    '%',
    '50%%',
    '1:60',
    '1:61:00',
    '1:2:3:4',
    ':30',
    '１２',
    'NaN',
    'Infinity',
    '0x10',
  ])('%j is refused, and the message says what to write', (text) => {
    const { at, problem } = readTimestamp(text);
    expect(at).toBeNull();
    expect(problem).toEqual({ code: 'TIMESTAMP_INVALID', message: expect.stringMatching(/12\.5.*1:02\.5.*50%/) });
  });

  test.each(['100.1%', '150%'])('%j is past the end of every video', (text) => {
    expect(readTimestamp(text).problem).toEqual({
      code: 'TIMESTAMP_OUT_OF_RANGE',
      message: `${text} is past the end of the video. Write at most 100%.`,
    });
  });

  test('can be each of the examples that a field shows', () => {
    for (const example of timestampExamples.split(/, | or /)) expect(readTimestamp(example).problem).toBeNull();
  });
});
