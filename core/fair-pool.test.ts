import { describe, expect, test } from '@jest/globals';
import { createFairPool, type FairPoolOptions, type Turn } from './fair-pool.ts';

const forever = new AbortController().signal;
const of = (owner: string | null, more: Partial<Turn> = {}): Turn => ({ owner, signal: forever, ...more });

function poolOf(options: Partial<FairPoolOptions> = {}) {
  return createFairPool({
    places: 2,
    maxPerOwner: 2,
    maxWaitingPerOwner: 100,
    busy: () => new Error('busy'),
    ...options,
  });
}

/** Asks for a place and notes in `log` who got one; gives back what frees it. */
function ask(pool: ReturnType<typeof poolOf>, owner: string | null, log: string[], more: Partial<Turn> = {}) {
  const place = pool.enter(of(owner, more)).then((leave) => {
    log.push(String(owner));
    return leave;
  });
  return { place, leave: async () => (await place)() };
}

const count = (names: readonly string[], name: string) => names.filter((one) => one === name).length;

/** Lets everything that is decided already take place. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('a fair pool', () => {
  test('security case 3: gives the next place to another user, however many one of them asks for', async () => {
    const [pool, log]: [ReturnType<typeof poolOf>, string[]] = [poolOf({ places: 1 }), []];
    const greedy = Array.from({ length: 5 }, () => ask(pool, 'a', log));
    const other = ask(pool, 'b', log);
    await settled();
    expect(log).toEqual(['a']);
    await greedy[0]!.leave();
    await settled();
    expect(log).toEqual(['a', 'b']);
    await other.leave();
    for (const one of greedy.slice(1)) await one.leave();
    expect(log).toEqual(['a', 'b', 'a', 'a', 'a', 'a']);
    expect(pool.counts()).toEqual({ active: 0, waiting: 0 });
  });

  test('security case 3: never gives one user more than their part, and keeps the rest free for others', async () => {
    const [pool, log]: [ReturnType<typeof poolOf>, string[]] = [poolOf({ places: 3, maxPerOwner: 2 }), []];
    for (let i = 0; i < 4; i += 1) ask(pool, 'a', log);
    await settled();
    expect(log).toEqual(['a', 'a']);
    ask(pool, 'b', log);
    await settled();
    expect(log).toEqual(['a', 'a', 'b']);
    expect(pool.counts()).toEqual({ active: 3, waiting: 2 });
  });

  test('takes turns among all who wait, the installation among them', async () => {
    const [pool, log]: [ReturnType<typeof poolOf>, string[]] = [poolOf({ places: 1 }), []];
    const places = ['a', 'a', 'a', 'b', 'b', null, 'c'].map((owner) => ask(pool, owner, log).place);
    for (let given = 1; given <= places.length; given += 1) {
      await settled();
      expect(log).toHaveLength(given);
      // Whoever has the place gives it back.
      const held = ['a', 'a', 'a', 'b', 'b', 'null', 'c'].indexOf(log.at(-1)!) + count(log.slice(0, -1), log.at(-1)!);
      (await places[held]!)();
    }
    expect(log).toEqual(['a', 'b', 'null', 'c', 'a', 'b', 'a']);
  });

  test('does not let those who come later pass somebody who waits', async () => {
    const [pool, log]: [ReturnType<typeof poolOf>, string[]] = [poolOf({ places: 1 }), []];
    const first = ask(pool, 'a', log);
    ask(pool, 'b', log);
    ask(pool, 'c', log);
    await first.leave();
    ask(pool, 'd', log);
    await settled();
    expect(log).toEqual(['a', 'b']);
  });

  test('refuses at once what a user has too much of in line, and nobody else', async () => {
    const [pool, log]: [ReturnType<typeof poolOf>, string[]] = [poolOf({ places: 1, maxWaitingPerOwner: 1 }), []];
    ask(pool, 'a', log);
    ask(pool, 'a', log);
    await expect(ask(pool, 'a', log).place).rejects.toThrow('busy');
    ask(pool, 'b', log);
    expect(pool.counts()).toEqual({ active: 1, waiting: 2 });
  });

  test('lets go of a place in line on an abort and when the patience ends', async () => {
    const [pool, log]: [ReturnType<typeof poolOf>, string[]] = [poolOf({ places: 1 }), []];
    const first = ask(pool, 'a', log);
    const [stop, patience] = [new AbortController(), new AbortController()];
    const aborted = ask(pool, 'b', log, { signal: stop.signal });
    const impatient = ask(pool, 'c', log, { patience: patience.signal });
    const last = ask(pool, 'd', log);
    stop.abort(new Error('gone'));
    patience.abort();
    await expect(aborted.place).rejects.toThrow('gone');
    await expect(impatient.place).rejects.toThrow('busy');
    await expect(ask(pool, 'b', log, { signal: stop.signal }).place).rejects.toThrow('gone');
    await expect(ask(pool, 'c', log, { patience: patience.signal }).place).rejects.toThrow('busy');
    await first.leave();
    await last.leave();
    expect(log).toEqual(['a', 'd']);
    expect(pool.counts()).toEqual({ active: 0, waiting: 0 });
  });

  test('frees a place once, whatever becomes of the work', async () => {
    const pool = poolOf({ places: 1 });
    await expect(pool.run(of('a'), () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    const leave = await pool.enter(of('a'));
    leave();
    leave();
    expect(pool.counts()).toEqual({ active: 0, waiting: 0 });
    expect(await pool.run(of('b'), async () => pool.counts().active)).toBe(1);
  });
});
