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

function shown(isTerminal: boolean): string[] {
  let text = '';
  createProgress({ isTerminal, columns: 120, rows: 40, write: (more) => (text += more) }).show(run);
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
