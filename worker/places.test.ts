import { describe, expect, test } from '@jest/globals';
import { eventually } from '../testing/eventually.ts';
import { createPlaces, type Places } from './places.ts';

/** What entered, in order. */
function recorder() {
  const entered: string[] = [];
  const leaves = new Map<string, () => void>();
  const late: string[] = [];
  const note = (name: string) => (leave: (() => void) | null) => {
    if (leave === null) return void late.push(name);
    entered.push(name);
    leaves.set(name, leave);
  };
  return { entered, late, note, leave: (name: string) => leaves.get(name)!() };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

function shortOnes(places: Places): Places {
  for (let i = 0; i < 200; i += 1) places.worked(1);
  return places;
}

describe('places', () => {
  test('are given to as many as there are, and to the next one when one is left, once', async () => {
    const places = createPlaces({ count: 2, now: () => 0 });
    const { entered, note, leave } = recorder();
    for (const name of ['a', 'b', 'c', 'd']) void places.enterJob().then(note(name));
    await settled();
    expect(entered).toEqual(['a', 'b']);
    leave('a');
    leave('a');
    await settled();
    expect(entered).toEqual(['a', 'b', 'c']);
  });

  test('take turns between jobs and what was kept', async () => {
    const places = createPlaces({ count: 1, now: () => 0 });
    const { entered, note, leave } = recorder();
    void places.enterJob().then(note('first'));
    for (const name of ['job 1', 'job 2', 'job 3']) void places.enterJob().then(note(name));
    for (const name of ['kept 1', 'kept 2']) void places.enterKept().then(note(name));
    await settled();
    for (let at = 0; at < 5; at += 1) {
      leave(entered[at]!);
      await settled();
    }
    expect(entered).toEqual(['first', 'job 1', 'kept 1', 'job 2', 'kept 2', 'job 3']);
  });

  test('have room for what is free, and for a line as well once nodes are short', async () => {
    const places = createPlaces({ count: 4, now: () => 0 });
    await places.enterJob();
    expect(places.hold(10)).toBe(3);
    expect(places.hold(1)).toBe(0);
    places.unhold(3);
    shortOnes(places);
    // Eight for each place.
    expect(places.hold(100)).toBe(35);
    places.unhold(35);
    for (let i = 0; i < 200; i += 1) places.worked(1_000);
    expect(places.hold(100)).toBe(3);
  });

  test('are not waited for too long by what was kept; jobs wait on', async () => {
    let now = 0;
    const places = createPlaces({ count: 1, now: () => now, lateMs: 5 });
    const { entered, late, note, leave } = recorder();
    void places.enterJob().then(note('first'));
    void places.enterJob().then(note('job'));
    void places.enterKept().then(note('kept'));
    now = 10;
    await eventually(() => late.length === 1);
    expect(late).toEqual(['kept']);
    expect(places.hold(1)).toBe(0);
    leave('first');
    await settled();
    expect(entered).toEqual(['first', 'job']);
  });

  test('let runs begin until half of the line is spoken for, by what runs made ready before', async () => {
    let now = 0;
    const places = shortOnes(createPlaces({ count: 2, now: () => now, lateMs: 1_000_000 }));
    const begun: number[] = [];
    const ask = (...runs: number[]) => {
      for (const run of runs) void places.mayBegin().then(() => begun.push(run));
      return settled();
    };
    // Nothing is known of what follows: chains, for all that can be seen.
    await ask(1, 2, 3, 4, 5, 6, 7, 8, 9);
    expect(begun).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    // Each made six attempts ready, which are done.
    for (let run = 1; run <= 9; run += 1) places.unhold(places.hold(6));
    const { entered, note, leave } = recorder();
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']) void places.enterKept().then(note(name));
    // Two are executed and eight wait: half of what may wait.
    await ask(10, 11);
    expect(begun).toHaveLength(9);
    leave(entered[0]!);
    await settled();
    expect(begun).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    // Nothing came of it.
    now += 1_000;
    leave(entered[1]!);
    await settled();
    expect(begun).toHaveLength(11);
  });

  test('let a run begin after a while where nothing moves, and then one after the other', async () => {
    let now = 0;
    const places = shortOnes(createPlaces({ count: 1, now: () => now, lateMs: 1_000 }));
    const { entered, note, leave } = recorder();
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) void places.enterKept().then(note(name));
    const begun: number[] = [];
    for (const run of [1, 2, 3]) void places.mayBegin().then(() => begun.push(run));
    await settled();
    expect(begun).toEqual([]);
    // However often places are left meanwhile: others fill the line again.
    for (const [at, begins] of [
      [499, []],
      [500, [1]],
      [749, [1]],
      [750, [1, 2]],
    ] as const) {
      now = at;
      void places.enterKept().then(note(`later ${at}`));
      leave(entered.at(-1)!);
      await settled();
      expect(begun).toEqual(begins);
    }
    places.keepNothing();
    await settled();
    expect(begun).toEqual([1, 2, 3]);
    await places.mayBegin();
  });

  test('look again by themselves where nothing is left or asked for', async () => {
    const places = shortOnes(createPlaces({ count: 1, now: () => performance.now(), lateMs: 4 }));
    void places.enterJob();
    places.hold(8);
    await places.mayBegin();
    await places.mayBegin();
  });
});
