import { describe, expect, test } from '@jest/globals';
import { AppError } from '../../core/errors/app-error.ts';
import { jsonLimits } from '../limits/limits.ts';
import { parseJson } from './json-body.ts';
import { createJsonGuard } from './json-guard.ts';

function codeOf(text: string | Buffer, limits = jsonLimits): string {
  try {
    parseJson(typeof text === 'string' ? Buffer.from(text) : text, limits);
    return 'accepted';
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

describe('attack 10: a JSON body', () => {
  test('comes through unchanged when it is ordinary', () => {
    const value = { a: [1, 2.5e3, true, null, 'täxt "quoted" \\ \n 😀'], 'key with \\" quote': { b: {} }, '': 0 };
    expect(parseJson(Buffer.from(JSON.stringify(value)), jsonLimits)).toEqual(value);
    expect(parseJson(Buffer.from('"\\ud83d\\ude00"'), jsonLimits)).toBe('😀');
    expect(parseJson(Buffer.from(' { "a" \t : 1 } '), jsonLimits)).toEqual({ a: 1 });
  });

  test.each([
    ['depth of 32', '['.repeat(32) + ']'.repeat(32), 'accepted'],
    ['depth of 33', '['.repeat(33) + ']'.repeat(33), 'JSON_TOO_DEEP'],
    ['depth of a million', '['.repeat(1_000_000), 'JSON_TOO_DEEP'],
    ['brackets inside a text', `"${'['.repeat(1_000)}"`, 'accepted'],
    ['a key twice', '{"a":1,"a":2}', 'BAD_JSON'],
    ['a key twice, once escaped', '{"a":1,"\\u0061":2}', 'BAD_JSON'],
    ['the same key in two objects', '[{"a":1},{"a":2}]', 'accepted'],
    ['__proto__', '{"a":{"__proto__":{"x":1}}}', 'FORBIDDEN_KEY'],
    ['an escaped __proto__', '{"\\u005f_proto__":1}', 'FORBIDDEN_KEY'],
    ['constructor', '{"constructor":{"prototype":{}}}', 'FORBIDDEN_KEY'],
    ['prototype', '[{"prototype":1}]', 'FORBIDDEN_KEY'],
    ['__proto__ as a value', '{"a":"__proto__"}', 'accepted'],
    ['an escaped U+0000', '{"a":"x\\u0000y"}', 'INVALID_TEXT'],
    ['an escaped U+0000 in a key', '{"a\\u0000":1}', 'INVALID_TEXT'],
    ['an escaped backslash before u0000', '{"a":"\\\\u0000"}', 'accepted'],
    ['half a surrogate pair', '"\\ud800"', 'INVALID_TEXT'],
    ['the other half', '"\\udc00 \\ud800"', 'INVALID_TEXT'],
    ['a raw control character', '"\u0000"', 'BAD_JSON'],
    ['nothing closed', '{"a":[1', 'BAD_JSON'],
    ['a text without an end', '{"a', 'BAD_JSON'],
    ['a bad escape at the end', '"\\u00', 'BAD_JSON'],
    ['no JSON', 'a=1', 'BAD_JSON'],
    ['a closing bracket too many', ']]]]', 'BAD_JSON'],
  ])('with %s (%#)', (_what, text, code) => {
    expect(codeOf(text)).toBe(code);
  });

  test('with bytes that are not UTF-8 is refused, also in the middle of a text', () => {
    expect(codeOf(Buffer.from([0x22, 0xff, 0xfe, 0x22]))).toBe('BAD_JSON');
    expect(codeOf(Buffer.from([0x22, 0xc3, 0x22]))).toBe('BAD_JSON');
    expect(codeOf(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]))).toBe('BAD_JSON');
  });

  test('may have 20,000 keys and not one more', () => {
    const withKeys = (count: number) => `{${Array.from({ length: count }, (_, i) => `"k${i}":0`).join(',')}}`;
    expect(codeOf(withKeys(20_000))).toBe('accepted');
    expect(codeOf(withKeys(20_001))).toBe('JSON_TOO_DEEP');
  });

  test('may have 25,000 values in a list and not one more', () => {
    const withValues = (count: number) => `[${Array.from({ length: count }, () => '0').join(',')}]`;
    expect(codeOf(withValues(25_000))).toBe('accepted');
    expect(codeOf(withValues(25_001))).toBe('JSON_TOO_DEEP');
  });

  test('is judged the same however it is cut into pieces', () => {
    const texts = [
      '{"a":"x\\ud83d\\ude00 \\" \\\\","b":[1,{"c":{}}]}',
      '{"a":1,"\\u0061":2}',
      '{"\\u005f_proto__":1}',
      '{"a":"x\\u0000y"}',
      '"\\ud83dx\\ude00"',
      '"\\ud83d"',
      '"\\ud83d\\n"',
      '"\\ude00"',
      '['.repeat(40),
      `["${'y'.repeat(200)}\\ud800"]`,
    ];
    const judge = (pieces: readonly Buffer[]) => {
      const guard = createJsonGuard({ ...jsonLimits, maxStringBytes: 300 });
      try {
        for (const piece of pieces) guard.push(piece);
        return 'accepted';
      } catch (error) {
        return (error as AppError).code;
      }
    };
    for (const text of texts) {
      const whole = Buffer.from(text);
      const expected = judge([whole]);
      for (let at = 1; at < whole.length; at += 1) {
        expect([text, at, judge([whole.subarray(0, at), whole.subarray(at)])]).toEqual([text, at, expected]);
      }
      expect(judge([...whole].map((byte) => Buffer.from([byte])))).toBe(expected);
    }
    expect(texts.map((text) => judge([Buffer.from(text)]))).toEqual([
      'accepted',
      'BAD_JSON',
      'FORBIDDEN_KEY',
      'INVALID_TEXT',
      'INVALID_TEXT',
      'INVALID_TEXT',
      'INVALID_TEXT',
      'INVALID_TEXT',
      'JSON_TOO_DEEP',
      'INVALID_TEXT',
    ]);
  });

  test('may hold a text of 256 KiB and not one byte more', () => {
    expect(codeOf(`"${'x'.repeat(256 * 1024)}"`)).toBe('accepted');
    expect(codeOf(`"${'x'.repeat(256 * 1024 + 1)}"`)).toBe('REQUEST_INVALID');
    expect(codeOf(`"${'é'.repeat(128 * 1024)}x"`)).toBe('REQUEST_INVALID');
  });

  test('leaves every prototype alone', () => {
    for (const key of ['__proto__', 'constructor', 'prototype']) codeOf(`{"${key}":{"polluted":true}}`);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
