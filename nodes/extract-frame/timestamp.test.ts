import { describe, expect, test } from '@jest/globals';
import { parseTimestamp } from './timestamp.ts';

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
    ['150%', { kind: 'fraction', value: 1.5 }],
  ])('%j is read', (text, expected) => {
    expect(parseTimestamp(text)).toEqual(expected);
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
  ])('%j is refused', (text) => {
    expect(() => parseTimestamp(text)).toThrow(expect.objectContaining({ code: 'TIMESTAMP_INVALID' }));
  });
});
