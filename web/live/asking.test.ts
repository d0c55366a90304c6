import { describe, expect, test } from '@jest/globals';
import { askPauses, createAsking } from './asking.ts';

function asking(answers: readonly boolean[]) {
  const state = { isLive: false, isUnderWay: true };
  const pauses: number[] = [];
  const rounds: boolean[] = [];
  let next = () => {};
  let asked = 0;
  const created = createAsking({
    ask: () => (answers[asked++] === false ? Promise.reject(new Error('away')) : Promise.resolve()),
    isLive: () => state.isLive,
    isUnderWay: () => state.isUnderWay,
    onRound: (isReached) => rounds.push(isReached),
    later: (act, ms) => {
      pauses.push(ms);
      next = act;
      return () => {
        next = () => {};
      };
    },
  });
  const round = async () => {
    next();
    await new Promise((resolve) => setTimeout(resolve, 0));
  };
  return { created, state, pauses, rounds, round, asked: () => asked };
}

describe('C17: without a live connection', () => {
  test('states are asked for, often while something is under way and less often at rest', async () => {
    const { created, state, pauses, rounds, round } = asking([]);
    created.start();
    await round();
    state.isUnderWay = false;
    await round();
    expect(rounds).toEqual([true, true]);
    expect(pauses).toEqual([askPauses.first, askPauses.underWay, askPauses.atRest]);
  });

  test('a server out of reach is asked less and less often, until it answers', async () => {
    const { created, pauses, rounds, round } = asking([false, false, false, false, false, true]);
    created.start();
    for (let count = 0; count < 6; count += 1) await round();
    expect(rounds).toEqual([false, false, false, false, false, true]);
    expect(pauses).toEqual([askPauses.first, 2_000, 4_000, 8_000, askPauses.longest, askPauses.longest, 1_000]);
  });

  test('a lost one makes it ask at once, and a new one makes it ask little', async () => {
    const { created, state, pauses, round } = asking([]);
    created.start();
    state.isLive = true;
    await round();
    expect(pauses.at(-1)).toBe(askPauses.liveUnderWay);
    state.isLive = false;
    created.hurry();
    expect(pauses.at(-1)).toBe(0);
  });

  test('nothing is asked after the end', async () => {
    const { created, round, asked } = asking([]);
    created.start();
    created.stop();
    await round();
    created.hurry();
    await round();
    expect(asked()).toBe(0);
  });
});
