import { describe, expect, test } from '@jest/globals';
import { AppError, RetryableError, TerminalError, toAppError } from './app-error.ts';
import { errorCatalogue, errorCodes } from './codes.ts';

describe('an error of ours', () => {
  test('says what kind it is, carries its code and keeps the cause', () => {
    const cause = new Error('socket hang up');
    const error = new RetryableError('PROVIDER_NETWORK', 'The connection broke.', {
      cause,
      details: { provider: 'gemini' },
      retryAfterMs: 5,
    });
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({
      name: 'RetryableError',
      code: 'PROVIDER_NETWORK',
      message: 'The connection broke.',
      details: { provider: 'gemini' },
      retryAfterMs: 5,
      cause,
    });
    expect(new TerminalError('INTERNAL', 'x').name).toBe('TerminalError');
  });

  test('has no details, no cause and no wait where none is given', () => {
    const error = new RetryableError('INTERNAL', 'x');
    expect(error.details).toEqual({});
    expect(error.retryAfterMs).toBeUndefined();
    expect(Object.hasOwn(error, 'cause')).toBe(false);
  });
});

describe('anything that is thrown', () => {
  test('is kept where it is ours', () => {
    for (const error of [new TerminalError('INTERNAL', 'x'), new RetryableError('INTERNAL', 'x')]) {
      expect(toAppError(error)).toBe(error);
    }
  });

  test.each<[string, unknown, string]>([
    ['an error', new TypeError('x is not a function'), 'x is not a function'],
    ['text', 'broken', 'broken'],
    ['nothing', undefined, 'undefined'],
    ['null', null, 'null'],
    ['a symbol', Symbol('odd'), 'Symbol(odd)'],
    ['an object without a prototype', Object.create(null), 'something that cannot be displayed'],
  ])('becomes a retryable INTERNAL error: %s', (_title, thrown, reason) => {
    const error = toAppError(thrown);
    expect(error).toBeInstanceOf(RetryableError);
    expect(error.code).toBe('INTERNAL');
    expect(error.message).toBe(`An unexpected error stopped the work: ${reason}`);
    expect(error.cause).toBe(thrown);
  });

  test('says that a disk is full where the system says so', () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    expect(toAppError(full)).toMatchObject({ name: 'RetryableError', code: 'STORAGE_FULL', cause: full });
  });
});

test('every code is in upper case with its noun first and answers with an error status', () => {
  for (const code of errorCodes) {
    expect(code).toMatch(/^[A-Z]+(?:_[A-Z]+)*$/);
    expect(errorCatalogue[code]).toBeGreaterThanOrEqual(400);
    expect(errorCatalogue[code]).toBeLessThan(600);
  }
  expect(new Set(errorCodes).size).toBe(errorCodes.length);
});
