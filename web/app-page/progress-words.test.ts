import { expect, test } from '@jest/globals';
import type { NodeExecution, RunSummary } from '../../core/api/runs.ts';
import type { RunView } from '../live/run-view.ts';
import { progressWords } from './progress-words.ts';

const runOf = (change: Partial<RunSummary>) =>
  ({ status: 'RUNNING', startedAt: '2026-01-01T00:00:00.000Z', finishedAt: null, ...change }) as RunSummary;
const viewOf = (nodes: Record<string, Partial<NodeExecution>>, percent: number | null = null) =>
  ({
    run: runOf({}),
    seq: 1,
    nodes: Object.fromEntries(
      Object.entries(nodes).map(([id, execution]) => [
        id,
        {
          execution: { nodeId: id, nodeLabel: null, nodeType: 'llm', cached: false, parts: null, ...execution },
          percent,
        },
      ]),
    ),
  }) as unknown as RunView;

const partsOf = (done: number) => ({
  ...{ total: 20, queued: 0, running: 20 - done, waiting: 0, done, cached: 0, failed: 0, skipped: 0 },
});

test.each<[RunSummary, RunView | null, string]>([
  [runOf({ status: 'PENDING' }), null, 'Waiting for its turn …'],
  [runOf({}), null, 'Working …'],
  [runOf({}), viewOf({ a: { status: 'COMPLETED' }, b: { status: 'PENDING' } }), 'Working: 1 of 2 steps done'],
  [
    runOf({}),
    viewOf({ a: { status: 'RUNNING', nodeLabel: 'Caption' } }, 42.4),
    'Working: 0 of 1 step done, now Caption (42 %)',
  ],
  [runOf({}), viewOf({ a: { status: 'RUNNING' } }), 'Working: 0 of 1 step done, now llm'],
  [
    runOf({}),
    viewOf({ a: { status: 'WAITING', nodeLabel: 'Film' } }, 40),
    'Working: 0 of 1 step done, now Film (40 %)',
  ],
  [runOf({}), viewOf({ a: { status: 'WAITING', nodeLabel: 'Approve' } }), 'Working: 0 of 1 step done'],
  [
    runOf({}),
    viewOf({
      a: { status: 'RUNNING', nodeLabel: 'Watermark', parts: partsOf(9) },
      b: { status: 'RUNNING', nodeLabel: 'Save', parts: partsOf(7) },
    }),
    'Working: 0 of 2 steps done, 7 of 20 in the list, now Watermark',
  ],
  [runOf({ status: 'COMPLETED', finishedAt: '2026-01-01T00:00:03.000Z' }), null, 'Done in 3.0 s'],
  [runOf({ status: 'FAILED' }), null, 'It did not work'],
  [runOf({ status: 'CANCELLED' }), null, 'Canceled'],
])('a run is told in words: %#', (run, view, words) => {
  expect(progressWords(run, view)).toBe(words);
});
