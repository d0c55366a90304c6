import { describe, expect, test } from '@jest/globals';
import type { NodeExecution, RunDetail } from '../../core/api/runs.ts';
import type { RunEvent } from '../../core/events/run-event.ts';
import { nodeExecution } from './execution-fixture.ts';
import { createMotion } from '../ui/page-motion.ts';
import { createPace } from './pace.ts';
import { createRunStore } from './run-store.ts';
import { textOfPieces } from './streamed-text.ts';
import { applyEvents, viewOf } from './run-view.ts';

const runId = '0198c0de-0000-7000-8000-000000000001';
const at = '2026-01-01T00:00:00.000Z';

const execution = (change: Partial<NodeExecution> = {}) => nodeExecution({ runId, status: 'QUEUED', ...change });

const run: RunDetail = {
  id: runId,
  workflowId: 1,
  workflowVersionId: '1',
  workflowVersion: null,
  triggerType: 'MANUAL',
  mode: 'all',
  nodeIds: null,
  status: 'RUNNING',
  error: null,
  createdAt: at,
  startedAt: at,
  finishedAt: null,
  seq: 3,
  retryOf: null,
  startedBy: 'owner@example.org',
  workspaceId: 'mine',
  handledFailures: 0,
  nodeExecutions: [execution()],
  inputs: {},
  outputs: {},
};

const head = { runId, workflowId: 1, at };
const nodeEvent = (seq: number, change: Partial<NodeExecution>): RunEvent => ({
  ...execution(change),
  ...head,
  seq,
  type: 'node.updated',
});
const delta = (offset: number, text: string, attempt = 1): RunEvent => ({
  ...head,
  seq: 3,
  type: 'node.delta',
  nodeId: 'a',
  attempt,
  offset,
  text,
});

describe('events of a run', () => {
  test('are applied in order, and repeated ones change nothing', () => {
    const start = viewOf(run, 3);
    const running = nodeEvent(4, { status: 'RUNNING' });
    const { view, hasGap } = applyEvents(start, [running, nodeEvent(5, { status: 'COMPLETED' })]);
    expect(hasGap).toBe(false);
    expect(view.nodes['a']?.execution.status).toBe('COMPLETED');
    expect(applyEvents(view, [running]).view).toBe(view);
  });

  test('a missing one is noticed', () => {
    expect(applyEvents(viewOf(run, 3), [nodeEvent(5, { status: 'RUNNING' })]).hasGap).toBe(true);
  });

  test('those of another run are passed over', () => {
    const start = viewOf(run, 3);
    expect(applyEvents(start, [{ ...nodeEvent(4, {}), runId: '0198c0de-0000-7000-8000-000000000002' }]).view).toBe(
      start,
    );
  });
});

describe('streamed text', () => {
  const running = applyEvents(viewOf(run, 3), [nodeEvent(4, { status: 'RUNNING' })]).view;
  const textAfter = (...events: RunEvent[]) =>
    textOfPieces(applyEvents(running, events).view.nodes['a']?.streamed ?? []);

  test('is put together piece by piece, each piece once', () => {
    expect(textAfter(delta(0, 'Hel'), delta(3, 'lo'), delta(0, 'Hel'), delta(3, 'lo you'))).toBe('Hello you');
  });

  test('that began before anybody watched is completed from its start, and goes on meanwhile', () => {
    expect(textAfter(delta(6, 'three'))).toBe('… three');
    expect(textAfter(delta(6, 'three'), delta(0, 'onetwo'))).toBe('onetwothree');
    expect(textAfter(delta(6, 'three'), delta(0, 'onetw'), delta(11, 'four'), delta(3, 'twothr'))).toBe(
      'onetwothreefour',
    );
  });

  test('with a hole says so until the hole is filled', () => {
    expect(textAfter(delta(0, 'one'), delta(6, 'three'))).toBe('one … three');
    expect(textAfter(delta(0, 'one'), delta(6, 'three'), delta(3, 'two'))).toBe('onetwothree');
  });

  test('begins anew with a new attempt', () => {
    expect(textAfter(delta(0, 'first'), delta(0, 'second', 2))).toBe('second');
  });
});

test('many events are one change, and a late snapshot takes nothing back', () => {
  const frames: (() => void)[] = [];
  const gaps: number[] = [];
  const store = createRunStore({ pace: (apply) => frames.push(apply), onGap: (_, seq) => gaps.push(seq) });
  store.show(run, 3);
  let changes = 0;
  store.api.subscribe(() => (changes += 1));
  for (let seq = 4; seq < 104; seq += 1) store.receive(nodeEvent(seq, { status: 'RUNNING' }));
  expect(frames).toHaveLength(1);
  frames[0]?.();
  expect(changes).toBe(1);
  expect(gaps).toEqual([]);
  store.show(run, 3);
  expect(store.api.getState().view?.seq).toBe(103);
});

test('a run of many nodes is shown ten times a second, four times while something moves, and what comes alone at once', () => {
  let [at, isMoving] = [1_000, false];
  const later: { apply: () => void; ms: number }[] = [];
  const pace = createPace({
    nextFrame: (apply) => apply(),
    later: (apply, ms) => later.push({ apply, ms }),
    now: () => at,
    isMoving: () => isMoving,
  });
  const shown: number[] = [];
  const show = (nodes: number) => pace(() => shown.push(at), nodes);
  show(500);
  at += 10;
  show(500);
  expect(shown).toEqual([1_000]);
  expect(later.map(({ ms }) => ms)).toEqual([90]);
  at += 90;
  later.pop()!.apply();
  expect(shown).toEqual([1_000, 1_100]);
  isMoving = true;
  at += 150;
  show(500);
  expect(later.map(({ ms }) => ms)).toEqual([100]);
  // Few nodes are shown with each frame, whatever moves.
  show(100);
  expect(shown).toEqual([1_000, 1_100, 1_250]);
});

test('a movement lasts as long as it is held, and for a while after each step of one that has no end', () => {
  let at = 0;
  const motion = createMotion(() => at);
  expect(motion.isUnderWay()).toBe(false);
  motion.step();
  at = 149;
  expect(motion.isUnderWay()).toBe(true);
  at = 150;
  expect(motion.isUnderWay()).toBe(false);
  motion.hold(true);
  at = 10_000;
  expect(motion.isUnderWay()).toBe(true);
  motion.hold(false);
  expect(motion.isUnderWay()).toBe(false);
});
