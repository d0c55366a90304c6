import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { guardCall, type GuardedCall } from './guarded-call.ts';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const limits = {
  title: 'It',
  signal: new AbortController().signal,
  firstByteMs: 1_000,
  totalMs: 10_000,
  lingerMs: 500,
};

/** A call that lasts until it is stopped, and then comes to `end`. */
function start(end: () => string): { readonly call: GuardedCall; readonly result: Promise<string> } {
  let given: GuardedCall | undefined;
  const result = guardCall(limits, async (call) => {
    given = call;
    await new Promise<void>((resolve) => call.signal.addEventListener('abort', () => resolve()));
    return end();
  });
  result.catch(() => undefined);
  return { call: given!, result };
}

const broken = (): never => {
  throw new Error('the connection broke');
};

test('silence before the answer is bounded; each sign of life makes it begin anew', async () => {
  const { call, result } = start(broken);
  for (let signs = 0; signs < 5; signs += 1) {
    jest.advanceTimersByTime(900);
    call.signOfLife();
  }
  expect(call.signal.aborted).toBe(false);
  jest.advanceTimersByTime(1_000);
  await expect(result).rejects.toThrow('start to answer within 1 s');
});

test('once the answer began, only the whole is bounded', async () => {
  const { call, result } = start(broken);
  call.firstByteArrived();
  call.signOfLife();
  jest.advanceTimersByTime(9_999);
  expect(call.signal.aborted).toBe(false);
  jest.advanceTimersByTime(1);
  await expect(result).rejects.toThrow('finish its answer within 10 s');
});

test('an answer that is whole waits a moment for what may still come, and is an answer then', async () => {
  const { call, result } = start(() => 'the answer');
  call.firstByteArrived();
  call.answerIsWhole();
  jest.advanceTimersByTime(400);
  call.answerIsWhole();
  jest.advanceTimersByTime(499);
  expect(call.signal.aborted).toBe(false);
  jest.advanceTimersByTime(1);
  await expect(result).resolves.toBe('the answer');
});
