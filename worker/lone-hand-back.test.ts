import { spawn, type ChildProcess } from 'node:child_process';
import { afterEach, expect, test } from '@jest/globals';
import pg from 'pg';
import type { Claim } from '../db/run-sql/result.ts';
import type { Failure } from '../db/nodes/fail.ts';
import type { Requeue } from '../db/nodes/requeue.ts';
import { recordingLogger } from '../testing/engine.ts';
import { eventually } from '../testing/eventually.ts';
import { createAttemptRegistry } from './attempts.ts';
import { createLoneAttempts } from './lone-attempts.ts';

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** Lone attempts whose processes run `code` and not the program of a worker. */
function createLone(code: string) {
  const requeues: Requeue[] = [];
  const failures: Failure[] = [];
  const attempts = createAttemptRegistry();
  const lone = createLoneAttempts({
    // Asked for nothing within these tests.
    pool: new pg.Pool({ max: 1 }),
    workerId: () => 'parent',
    attempts,
    recorder: {
      requeue: async (requeue) => void requeues.push(requeue),
      fail: async (failure) => {
        failures.push(failure);
        return true;
      },
    },
    logger: recordingLogger(),
    fork: () => {
      const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
      children.push(child);
      return child;
    },
  });
  return { lone, attempts, requeues, failures };
}

function claimOf(id: string, unrecordedCount = 0): Claim {
  return {
    id,
    runId: `run of ${id}`,
    nodeId: 'n',
    // Each that was handed back made another one.
    attempt: 3 + unrecordedCount,
    crashCount: 2,
    unrecordedCount,
    earlierTries: null,
    region: null,
    pool: 'io',
    timeoutMs: 60_000,
    workflowId: 1,
    workflowVersionId: 'v',
    userId: 'u',
    useCache: null,
    dependencyOutputs: null,
  };
}

const endsAtOnce = 'process.exit(1)';
const livesUntilStopped = `process.on('message', (order) => order.kind === 'stop' && process.exit(0))`;

test('an attempt that no process takes over is handed back, later each time, and the third time ended', async () => {
  const { lone, attempts, requeues, failures } = createLone(endsAtOnce);
  for (const unrecordedCount of [0, 1, 2]) await lone.run(claimOf('a', unrecordedCount));
  expect(requeues).toMatchObject([
    { id: 'a', attempt: 3, crashed: false, unrecorded: true, delayMs: 5_000 },
    { id: 'a', attempt: 4, crashed: false, unrecorded: true, delayMs: 60_000 },
  ]);
  expect(failures).toMatchObject([{ id: 'a', attempt: 5, code: 'INTERNAL', crashed: false }]);
  expect(failures[0]!.message).toContain('None could be started, 3 times.');
  expect(attempts.list()).toEqual([]);
});

test('an attempt that waited for its place comes registered, and is registered once', async () => {
  const { lone, attempts, requeues } = createLone(endsAtOnce);
  const [kept, other] = [claimOf('a'), claimOf('b')];
  const stop = attempts.add({ ...kept, startedAt: 0 })!;
  await lone.run(kept, stop);
  expect(requeues).toMatchObject([{ id: 'a', attempt: 3 }]);
  attempts.add({ ...other, startedAt: 0 });
  await lone.run(other);
  expect(requeues).toHaveLength(1);
});

test('an attempt that its process has taken over is that one’s to record', async () => {
  const { lone, requeues, failures } = createLone(
    `process.on('message', () => process.send('taken over', () => process.exit(1)))`,
  );
  await lone.run(claimOf('a'));
  expect([...requeues, ...failures]).toEqual([]);
});

test('a worker that stops hands back what no process has taken over yet, and what waits for a process', async () => {
  const { lone, attempts, requeues, failures } = createLone(livesUntilStopped);
  const running = ['a', 'b', 'c'].map((id) => lone.run(claimOf(id)));
  await eventually(() => children.length === 1);
  lone.drain();
  await eventually(() => requeues.length === 2);
  expect(requeues.map(({ id }) => id).toSorted()).toEqual(['b', 'c']);
  attempts.stopAll('drain');
  lone.stop();
  await Promise.all(running);
  expect(requeues.map(({ id }) => id).toSorted()).toEqual(['a', 'b', 'c']);
  expect(requeues.every(({ crashed, unrecorded, delayMs }) => !crashed && !unrecorded && delayMs === 0)).toBe(true);
  expect(failures).toEqual([]);
});

test('an attempt whose run is cancelled leaves the line, and the next one has its turn', async () => {
  const { lone, attempts, requeues } = createLone(livesUntilStopped);
  const running = ['a', 'b', 'c'].map((id) => lone.run(claimOf(id)));
  await eventually(() => children.length === 1);
  attempts.stopRun('run of b');
  await running[1];
  children[0]!.kill('SIGKILL');
  await eventually(() => children.length === 2);
  expect(attempts.list().map(({ id }) => id)).toEqual(['c']);
  expect(requeues.map(({ id }) => id)).toEqual(['a']);
  lone.drain();
  lone.stop();
  await Promise.all(running);
});
