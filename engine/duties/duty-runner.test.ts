import { afterEach, describe, expect, test } from '@jest/globals';
import { recordingLogger } from '../../testing/engine.ts';
import { eventually } from '../../testing/eventually.ts';
import { createDutyRunner, type DutyRunner, type DutyRunnerOptions } from './duty-runner.ts';
import type { Duty } from './duty.ts';

interface Context {
  readonly done: string[];
}

/** A duty that notes its name, and then does something else as well. */
const duty = (name: string, rest: Partial<Duty<Context>> = {}): Duty<Context> => ({
  name,
  everyMs: 0,
  ...rest,
  run: async (context) => {
    context.done.push(name);
    await rest.run?.(context);
  },
});

let runner: DutyRunner | undefined;
afterEach(() => runner?.stop());

function runnerOf(duties: readonly Duty<Context>[], options: Partial<DutyRunnerOptions<Context>> = {}) {
  const [done, logger] = [[] as string[], recordingLogger()];
  const created = createDutyRunner({ name: 'test', duties, context: { done }, logger, everyMs: 1, ...options });
  runner = created;
  return { ...created, done, logger };
}

const outage = () => Object.assign(new Error('Connection terminated'), { code: '57P01' });

test('the time until the next round is asked for after each', async () => {
  const asked: number[] = [];
  const { start, done } = runnerOf([duty('a')], { everyMs: () => asked.push(done.length) });
  start();
  await eventually(() => done.length > 3);
  expect(asked.slice(0, 3)).toEqual([1, 2, 3]);
});

describe('a round of duties', () => {
  test('does them in the order of the list', async () => {
    const { round, done } = runnerOf([duty('a'), duty('b'), duty('c')]);
    expect(await round()).toBe(true);
    expect(done).toEqual(['a', 'b', 'c']);
  });

  test('leaves out those whose time has not come, by the clock and by their settings', async () => {
    let now = 0;
    const often = duty('often', { everyMs: () => 10 });
    const { round, done } = runnerOf([often, duty('seldom', { everyMs: 100 })], { now: () => now });
    for (now = 0; now <= 100; now += 5) await round();
    expect(done.filter((name) => name === 'often')).toHaveLength(11);
    expect(done.filter((name) => name === 'seldom')).toHaveLength(2);
  });

  test('does one before its time where an earlier one asks for it', async () => {
    let news = false;
    const seldom = duty('seldom', { everyMs: 1_000_000 });
    const look = duty('look', { run: async ({ hurry }) => void (news && hurry(seldom)) });
    const { round, done } = runnerOf([look, seldom]);
    await round();
    await round();
    news = true;
    await round();
    expect(done).toEqual(['look', 'seldom', 'look', 'look', 'seldom']);
  });

  test('goes on after one that fails, which is due again after a tenth of its time', async () => {
    let now = 0;
    const broken = duty('broken', { everyMs: 1_000, run: () => Promise.reject(new Error('no')) });
    const { round, done, logger } = runnerOf([broken, duty('next', { everyMs: 1_000 })], { now: () => now });
    for (now = 0; now < 200; now += 10) await round();
    expect(done).toEqual(['broken', 'next', 'broken']);
    expect(logger.lines).toMatchObject([
      { level: 'error', fields: { duty: 'broken' } },
      { level: 'error', fields: { duty: 'broken' } },
    ]);
  });

  test('is broken off where the database is away: every further duty would wait for it', async () => {
    const { round, done } = runnerOf([duty('away', { run: () => Promise.reject(outage()) }), duty('next')]);
    await expect(round()).rejects.toThrow('Connection terminated');
    expect(done).toEqual(['away']);
  });

  test('is not done where another process is at one', async () => {
    const { round, done } = runnerOf([duty('a')], { exclusively: async () => false });
    expect(await round()).toBe(false);
    expect(done).toEqual([]);
  });
});

describe('a runner of duties', () => {
  test('comes round again and again, also after rounds that were broken off', async () => {
    let rounds = 0;
    const runs = runnerOf([
      duty('a', { run: () => ((rounds += 1) % 2 === 0 ? Promise.reject(outage()) : Promise.resolve()) }),
    ]);
    runs.start();
    await eventually(() => rounds >= 6);
    expect(runs.logger.lines).toContainEqual(
      expect.objectContaining({ level: 'warn', fields: expect.objectContaining({ duties: 'test' }) }),
    );
  });

  test('waits with its first round where it is told to', async () => {
    const { start, stop, done } = runnerOf([duty('a')], { firstAfterMs: 3_600_000 });
    start();
    await new Promise((resolve) => setImmediate(resolve));
    await stop();
    expect(done).toEqual([]);
  });

  test('stops: it tells the duty under way, waits for it, and begins no other', async () => {
    let end = () => {};
    const long = duty('long', {
      run: ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            end = () => reject(new Error('aborted'));
          });
        }),
    });
    const { start, stop, done, logger } = runnerOf([long, duty('next')]);
    start();
    await eventually(() => done.length === 1);
    let isStopped = false;
    const stopped = stop().then(() => (isStopped = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(isStopped).toBe(false);
    end();
    await stopped;
    expect(done).toEqual(['long']);
    expect(logger.lines).toEqual([]);
  });
});
