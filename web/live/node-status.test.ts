import { expect, test } from '@jest/globals';
import type { NodeExecution } from '../../core/api/runs.ts';
import { nodeExecution } from './execution-fixture.ts';
import { nodeStatusOf, shownStatusOf } from './node-status.ts';
import type { RunView } from './run-view.ts';
import { countsInWords, standingOf, standingOfLastRun, summarize } from './summarize.ts';

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
    done: 2,
    failed: 1,
    handled: 1,
    notReached: 1,
    untaken: 1,
    cancelled: 0,
    open: 1,
    reused: 1,
  });
});

test('in words, every node counts once, and what there is none of is left out', () => {
  const counts = {
    total: 11,
    done: 8,
    failed: 1,
    handled: 0,
    notReached: 2,
    untaken: 0,
    cancelled: 0,
    open: 0,
    reused: 3,
  };
  expect(countsInWords(counts)).toBe('8 done, 1 failed, 2 not reached');
});

test('a run that does nothing but wait is shown as waiting; one that also works, or is over, is not', () => {
  const waits = nodeExecution({ status: 'WAITING' });
  const done = nodeExecution();
  expect(standingOf({ status: 'RUNNING' }, [done, waits, nodeExecution({ status: 'PENDING' })])).toBe('WAITING');
  expect(standingOf({ status: 'RUNNING' }, [waits, nodeExecution({ status: 'RUNNING' })])).toBe('RUNNING');
  expect(standingOf({ status: 'RUNNING' }, [waits, nodeExecution({ status: 'QUEUED' })])).toBe('RUNNING');
  expect(standingOf({ status: 'RUNNING' }, [done])).toBe('RUNNING');
  expect(standingOf({ status: 'CANCELLED' }, [waits])).toBe('CANCELLED');
  const last = { id: '1', createdAt: '', finishedAt: null } as const;
  expect(standingOfLastRun({ ...last, status: 'RUNNING', isWaiting: true })).toBe('WAITING');
  expect(standingOfLastRun({ ...last, status: 'RUNNING', isWaiting: false })).toBe('RUNNING');
});
