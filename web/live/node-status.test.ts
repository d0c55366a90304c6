import { expect, test } from '@jest/globals';
import type { NodeExecution } from '../../core/api/runs.ts';
import { nodeExecution } from './execution-fixture.ts';
import { nodeStatusOf, shownStatusOf } from './node-status.ts';
import type { RunView } from './run-view.ts';
import { summarize } from './summarize.ts';

const execution = (id: string, change: Partial<NodeExecution>) => nodeExecution({ id, nodeId: id, ...change });

const all = [
  execution('done', { outputData: { output: 1 } }),
  execution('reused', { cached: true }),
  execution('lost', { status: 'SKIPPED', skipReason: 'failed', error: 'x', errorCode: 'DEPENDENCY_FAILED' }),
  execution('untaken', { status: 'SKIPPED', skipReason: 'branch' }),
  execution('failed', { status: 'FAILED', error: 'x' }),
  execution('handled', { status: 'FAILED', error: 'x', outputData: { error: { code: 'X' } } }),
  execution('waits', { status: 'PENDING' }),
];

test('a branch that is not taken and a failure that is handled are told apart from their likes', () => {
  expect(all.map(nodeStatusOf)).toEqual([
    'completed',
    'cached',
    'skipped',
    'untaken',
    'failed',
    'handled',
    'not-ready',
  ]);
  expect(shownStatusOf(all.at(-1)!)).toBe('pending');
});

test('they are counted apart as well', () => {
  const nodes = Object.fromEntries(all.map((one) => [one.nodeId, { execution: one }]));
  expect(summarize({ nodes } as unknown as RunView)).toEqual({
    total: 7,
    done: 6,
    failed: 1,
    handled: 1,
    skipped: 1,
    untaken: 1,
    reused: 1,
  });
});
