import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { httpLimits, jsonLimits } from '../limits/limits.ts';
import { readJsonBody } from './json-body.ts';

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] });
});
afterEach(() => {
  jest.useRealTimers();
});

test('attack 22: a body that comes drop by drop is given up after its time, however it goes on', async () => {
  const headers = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
  const request = Object.assign(new PassThrough(), { headers }) as unknown as IncomingMessage & PassThrough;
  const reading = readJsonBody(request, jsonLimits).catch((error: { code: string }) => error.code);
  for (let sent = 0; sent < httpLimits.bodyTimeoutMs; sent += 1_000) {
    request.write(' ');
    jest.advanceTimersByTime(1_000);
  }
  expect(await reading).toBe('REQUEST_TIMEOUT');
});
