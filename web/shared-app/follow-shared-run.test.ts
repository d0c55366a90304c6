import { expect, test } from '@jest/globals';
import { afterEvent, type FollowedRun } from './follow-shared-run.ts';

const run = {
  id: '00000000-0000-4000-8000-000000000000',
  status: 'PENDING',
  error: null,
  createdAt: '2026-01-01T00:00:00.000Z',
  startedAt: null,
  finishedAt: null,
  done: 0,
  total: 2,
  list: null,
  outputs: {},
  sources: {},
} as const;

const follow = (...events: readonly (readonly [string, unknown])[]) =>
  events.reduce<FollowedRun | null>((before, [type, data]) => afterEvent(before, type, data), null);

test('progress, results and texts come one after another; the run at its end is all of it', () => {
  const text = (attempt: number, offset: number, piece: string) =>
    ['text', { name: 'copy', attempt, offset, text: piece }] as const;
  expect(follow(['output', { name: 'early', value: 1 }])).toBeNull();
  const during = follow(
    ['run', run],
    ['progress', { status: 'RUNNING', done: 1, total: 2, list: { over: 7, total: 20 }, error: null }],
    text(1, 0, 'wrong'),
    text(2, 0, 'Some '),
    text(2, 5, 'tea'),
    ['output', { name: 'same', value: 'a' }],
  );
  expect(during?.run).toMatchObject({ status: 'RUNNING', done: 1, list: { over: 7 }, outputs: { same: 'a' } });
  expect(during?.texts['copy']).toEqual({ attempt: 2, pieces: [{ offset: 0, text: 'Some tea' }] });
  const end = { ...run, status: 'COMPLETED', done: 2, outputs: { same: 'a', copy: 'Some tea' } };
  expect(follow(['run', run], text(1, 0, 'Some'), ['done', end])).toEqual({ run: end, texts: {} });
});
