import { describe, expect, test } from '@jest/globals';
import type { Fault } from './nemesis.ts';
import { measureRecoveries, unattended } from './recovery.ts';
import type { HistoryRun } from './history.ts';
import type { ProcessLife } from './stack.ts';

/** Seconds after the beginning. */
const at = (seconds: number) => new Date(seconds * 1_000);
const life = (pid: number, from: number, to: number | null = null): ProcessLife => ({
  pid,
  from: at(from),
  to: to === null ? null : at(to),
});
const fault = (name: string, pid: number | null, from: number, to: number): Fault => ({
  name,
  target: 'worker 0',
  from: at(from),
  to: at(to),
  pid,
});

describe('time without a worker', () => {
  const freeze = fault('freeze', 2, 5, 9);

  test('is that in which all are dead or frozen at once', () => {
    expect(unattended(at(0), at(20), { faults: [freeze], lives: [life(1, 0, 7), life(2, 0)] })).toBe(2_000);
    expect(unattended(at(0), at(20), { faults: [freeze], lives: [life(1, 0, 4), life(2, 0, 12), life(3, 15)] })).toBe(
      7_000,
    );
  });

  test('is none while one is there', () => {
    expect(unattended(at(0), at(20), { faults: [freeze], lives: [life(1, 0), life(2, 0)] })).toBe(0);
  });

  test('is also that in which they are starting, or a service is away', () => {
    const starting: ProcessLife = { pid: 3, from: null, to: at(6) };
    expect(unattended(at(0), at(20), { faults: [], lives: [life(1, 0, 4), starting, life(2, 9)] })).toBe(5_000);
    const away = { ...fault('kill -9', null, 3, 5), target: 'redis' };
    const cut = { ...fault('cut network', null, 8, 9), target: 'postgres' };
    expect(unattended(at(0), at(20), { faults: [away, cut], lives: [life(1, 0)] })).toBe(2_000);
  });

  test('does not come of a freeze of another process, or of other faults', () => {
    const faults = [fault('freeze', 3, 0, 20), fault('kill -9', 1, 5, 9), fault('slow network', null, 0, 20)];
    expect(unattended(at(0), at(20), { faults, lives: [life(1, 0)] })).toBe(0);
  });
});

describe('a recovery', () => {
  const run: HistoryRun = {
    id: 'run',
    status: 'COMPLETED',
    lastSeq: 3,
    parentId: null,
    driverId: null,
    index: null,
    retryOf: null,
    isStandIn: false,
    nodes: [],
    events: [
      { seq: 1, at: at(1), status: 'RUNNING', attempt: 1, workerId: 'first' },
      { seq: 2, at: at(12), status: 'QUEUED', attempt: 2, workerId: null },
      { seq: 3, at: at(20), status: 'RUNNING', attempt: 2, workerId: 'second' },
    ].map((event) => ({ ...event, type: 'node.updated', nodeExecutionId: 'node', errorCode: null })),
  };
  const workers = new Map([
    ['first', 1],
    ['second', 2],
  ]);
  const death = fault('kill -9', 1, 2, 2);

  const lives = [life(1, 0, 2), life(2, 0), life(3, 0)];
  const taken = (pid: number, seconds: number) => ({ id: 'node', attempt: 2, pid, at: at(seconds) });

  test('lasts from the death to the next start', () => {
    const { count, maxMs } = measureRecoveries([run], { faults: [death], workers, lives, taken: [taken(2, 19)] });
    expect([count, maxMs]).toEqual([1, 18_000]);
  });

  test('does not count the time in which nobody could take over', () => {
    const late = [life(1, 0, 2), life(2, 6)];
    const { maxMs, slowest } = measureRecoveries([run], { faults: [death], workers, lives: late, taken: [] });
    expect(maxMs).toBe(14_000);
    expect(slowest[0]).toContain('14000 ms (and 4000 ms without a worker)');
  });

  test('ends, and another begins, where one had it and died before its claim', () => {
    const second = fault('kill -9', 3, 13, 13);
    const faults = [death, second];
    const { count, p50Ms, maxMs } = measureRecoveries([run], { faults, workers, lives, taken: [taken(3, 12.5)] });
    expect([count, p50Ms, maxMs]).toEqual([2, 10_500, 10_500]);
  });

  test('is also that of what was taken and never ran before', () => {
    const first: HistoryRun = {
      ...run,
      events: run.events.slice(1).map((event) => ({ ...event, attempt: 1 })),
    };
    const faults = [fault('kill -9', 3, 13, 13)];
    const takenFirst = [{ ...taken(3, 12.5), attempt: 1 }];
    const { count, maxMs } = measureRecoveries([first], { faults, workers, lives, taken: takenFirst });
    expect([count, maxMs]).toEqual([1, 7_000]);
  });

  test('is none where the node waited for something else when its worker died', () => {
    const [begun, ...later] = run.events;
    const waiting = { ...begun!, seq: 2, at: at(1.5), status: 'WAITING' };
    const waited = { ...run, events: [begun!, waiting, ...later] };
    const { count } = measureRecoveries([waited], { faults: [death], workers, lives, taken: [taken(2, 19)] });
    expect(count).toBe(0);
  });

  test('is none where the attempt had ended before its worker died', () => {
    const late = fault('kill -9', 1, 15, 15);
    expect(measureRecoveries([run], { faults: [late], workers, lives, taken: [] }).count).toBe(0);
  });
});
