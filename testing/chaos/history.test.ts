import { describe, expect, test } from '@jest/globals';
import { isTakenOver, markStandIns, type HistoryEvent, type HistoryNode, type HistoryRun } from './history.ts';

const node = (id: string, nodeId: string): HistoryNode => ({
  ...{ id, nodeId, runId: '', status: 'COMPLETED', attempt: 1, extra: 0, crashCount: 0 },
  ...{ errorCode: null, inputs: null, outputs: { text: 'done' } },
});
const ended: HistoryEvent = {
  ...{ seq: 1, at: new Date(0), type: 'run.updated', nodeExecutionId: null, status: 'COMPLETED' },
  ...{ attempt: null, workerId: null, errorCode: null },
};
const run = (id: string, rest: Partial<HistoryRun>): [string, HistoryRun] => [
  id,
  {
    ...{ id, status: 'COMPLETED', lastSeq: 0, parentId: null, driverId: null, index: null, retryOf: null },
    ...{ isStandIn: false, nodes: [], events: [] },
    ...rest,
  },
];

/** Element 0 of `words` failed and was gone through again; within it is a list, `letters`, of two elements. */
const history = (before: Partial<HistoryRun>) =>
  new Map([
    run('failed', { parentId: 'run', driverId: 'words', index: -1, status: 'FAILED', nodes: [node('d1', 'letters')] }),
    run('again', {
      ...{ parentId: 'run', driverId: 'words', index: 0, retryOf: 'failed', nodes: [node('d2', 'letters')] },
      events: [ended],
    }),
    run('before', { parentId: 'failed', driverId: 'd1', index: 1, events: [ended], ...before }),
    run('after', { parentId: 'again', driverId: 'd2', index: 1, nodes: [node('n', 'letters')] }),
  ]);

describe('a part without any event', () => {
  test('stands in for what had completed in the part that failed', () => {
    const part = markStandIns(history({})).get('after')!;
    expect(part).toMatchObject({ isStandIn: true, retryOf: 'before' });
    expect(isTakenOver(part, part.nodes[0]!)).toBe(true);
  });

  test.each([
    ['nothing completed there', { status: 'FAILED' }],
    ['another element completed there', { index: 0 }],
    ['it was in another list', { driverId: 'other' }],
  ])('stands for nothing where %s', (_case, before) => {
    const part = markStandIns(history(before)).get('after')!;
    expect(part).toMatchObject({ isStandIn: false, retryOf: null });
    expect(isTakenOver(part, part.nodes[0]!)).toBe(false);
  });
});
