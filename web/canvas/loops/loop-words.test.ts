import { expect, test } from '@jest/globals';
import type { NodeExecution } from '../../../core/api/runs.ts';
import { loopProgress } from './loop-words.ts';

const none = { total: 0, queued: 0, running: 0, waiting: 0, done: 0, cached: 0, failed: 0, skipped: 0 };
const execution = (status: NodeExecution['status'], parts: Partial<typeof none>) =>
  ({ status, parts: { ...none, ...parts } }) as NodeExecution;

test.each([
  ['before a run', 10, undefined, undefined, 'Repeats at most 10 times', null],
  ['that may go once', 1, undefined, undefined, 'Repeats once', null],
  ['in a lap', 10, execution('WAITING', { total: 10, done: 2, running: 1 }), undefined, 'Lap 3 of at most 10', 0.2],
  [
    'whose condition holds',
    10,
    execution('COMPLETED', { total: 3, done: 3 }),
    'condition',
    '3 laps: the condition holds',
    null,
  ],
  ['with one lap', 1, execution('COMPLETED', { total: 1, done: 1 }), 'maximum', '1 lap: the limit is reached', null],
  ['that failed', 10, execution('FAILED', { total: 10, done: 2, failed: 1 }), undefined, 'Failed in lap 3', null],
  ['that was canceled', 10, execution('CANCELLED', { total: 10, done: 2 }), undefined, 'Canceled after 2 laps', null],
] as const)('a loop %s', (_name, most, begin, ended, words, share) => {
  expect(loopProgress(most, begin, ended)).toEqual({ words, share });
});
