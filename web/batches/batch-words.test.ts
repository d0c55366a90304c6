import { expect, test } from '@jest/globals';
import type { Batch } from '../../core/api/batches.ts';
import { estimateWords, progressOf, statusOf } from './batch-words.ts';

const batch = (fields: Partial<Batch>): Batch => ({
  ...{ id: 'b', workflowId: 1, workflowVersion: null, name: null, status: 'running', pausedReason: null, window: 4 },
  ...{ total: 40, queued: 0, running: 0, done: 12, failed: 0, cancelled: 0, costUsd: null, secondsLeft: null },
  ...{ startedBy: 'ada@example.org', createdAt: '2026-11-30T09:00:00.000Z', finishedAt: null },
  ...fields,
});

test('a batch says how far it is, what it cost and how long it still takes', () => {
  expect(progressOf(batch({}))).toBe('12 of 40 rows done');
  expect(progressOf(batch({ failed: 1, costUsd: 0.42, secondsLeft: 180 }))).toBe(
    '12 of 40 rows done, 1 failed, $0.42, about 3 min 00 s left',
  );
  expect(progressOf(batch({ status: 'paused', secondsLeft: 180 }))).toBe('12 of 40 rows done');
});

test('a batch that is over looks failed where a row failed, and completed where none did', () => {
  expect(statusOf(batch({ status: 'finished', failed: 1 }))).toBe('failed');
  expect(statusOf(batch({ status: 'finished' }))).toBe('completed');
  expect(statusOf(batch({ status: 'finished', done: 0, cancelled: 40 }))).toBe('cancelled');
  expect([statusOf(batch({})), statusOf(batch({ status: 'paused' }))]).toEqual(['running', 'waiting']);
});

test('an estimate says what it goes by, and what is not known', () => {
  expect(estimateWords({ total: 1, basedOnRuns: 0, costUsd: null, seconds: null })).toBe(
    '1 row. Cost and time are known after the first runs.',
  );
  expect(estimateWords({ total: 8, basedOnRuns: 3, costUsd: 2, seconds: 16 })).toBe(
    '8 rows: about $2.00, about 16.0 s, going by the latest 3 runs.',
  );
  expect(estimateWords({ total: 8, basedOnRuns: 1, costUsd: null, seconds: 16 })).toContain('cost unknown');
});
