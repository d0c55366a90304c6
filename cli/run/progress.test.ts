import { expect, test } from '@jest/globals';
import type { NodeExecution, RunDetail } from '../../core/api/runs.ts';
import { createProgress } from './progress.ts';

const node = (nodeId: string, change: Partial<NodeExecution>) =>
  ({
    id: nodeId,
    nodeId,
    nodeLabel: null,
    attempt: 1,
    error: null,
    duration: null,
    cached: false,
    skipReason: null,
    parts: null,
    nodeType: 'resize',
    finishedAt: 'now',
    ...change,
  }) as NodeExecution;

const run = {
  status: 'COMPLETED',
  handledFailures: 1,
  nodeExecutions: [
    node('if', { status: 'COMPLETED', duration: 10 }),
    node('no', { status: 'SKIPPED', skipReason: 'branch' }),
    node('lost', {
      status: 'SKIPPED',
      skipReason: 'failed',
      error: 'Skipped because it depends on what failed: "bad".',
    }),
    node('bad', { status: 'FAILED', error: 'No.' }),
  ],
} as unknown as RunDetail;

function shown(isTerminal: boolean, of = run): string[] {
  let text = '';
  createProgress({ isTerminal, columns: 120, rows: 40, write: (more) => (text += more) }).show(of);
  return text.replaceAll('\u001b[2K', '').trimEnd().split('\n');
}

test('a branch that was not taken is told apart from what a failure has skipped', () => {
  expect(shown(false)).toEqual([
    'if: completed 0.01 s',
    'no: not taken',
    'lost: skipped Skipped because it depends on what failed: "bad".',
    'bad: failed No.',
  ]);
  const lines = shown(true);
  expect(lines.slice(1, 3).map((line) => line.slice(0, 1))).toEqual(['○', '↷']);
  expect(lines.at(-1)).toBe('completed: 4 of 4 nodes, 1 not taken, 1 failure handled');
});

test('what is repeated says how far it has come: elements of a list, laps of a loop, and calls', () => {
  const none = { total: 0, queued: 0, running: 0, waiting: 0, done: 0, cached: 0, failed: 0, skipped: 0 };
  const nodeExecutions = [
    node('resize', { status: 'WAITING', parts: { ...none, total: 40, queued: 23, running: 4, done: 12, failed: 1 } }),
    node('improve', { status: 'WAITING', nodeType: 'repeat', parts: { ...none, total: 10, running: 1, done: 2 } }),
    node('again', { status: 'COMPLETED', nodeType: 'repeat', duration: 10, parts: { ...none, total: 3, done: 3 } }),
    node('each', { status: 'WAITING', nodeType: 'callWorkflow', parts: { ...none, total: 2, waiting: 2 } }),
    node('one', { status: 'WAITING', nodeType: 'callWorkflow', parts: { ...none, total: 1, running: 1 } }),
    node('bad', { status: 'FAILED', error: 'Too many failed.', parts: { ...none, total: 3, done: 1, failed: 2 } }),
  ];
  expect(shown(false, { ...run, nodeExecutions } as RunDetail)).toEqual([
    'resize: running 12 of 40 elements, 4 running, 1 failed',
    'improve: running lap 3 of at most 10',
    'again: completed 3 laps, 0.01 s',
    'each: waiting 0 of 2 calls, 2 waiting',
    'one: running',
    'bad: failed 1 of 3 elements, 2 failed; Too many failed.',
  ]);
});
