import { expect, test } from '@jest/globals';
import { ownMachineLimits } from './own-machine-limits.ts';

test('a stack that only this machine reaches lets its owner start many runs', () => {
  expect(ownMachineLimits('127.0.0.1', {})).toMatchObject({ RUN_ACTIVE_PER_USER: '64', RUN_QUEUE_PER_USER: '5000' });
});

test('what the operator says stays', () => {
  const limits = ownMachineLimits('localhost', { RUN_ACTIVE_PER_USER: '3', API_RATE_BURST: '' });
  expect(limits).not.toHaveProperty('RUN_ACTIVE_PER_USER');
  expect(limits).toHaveProperty('API_RATE_BURST');
});

test('a stack that others reach keeps the ordinary limits', () => {
  expect(ownMachineLimits('0.0.0.0', {})).toEqual({});
});
