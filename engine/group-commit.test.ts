import { expect, test } from '@jest/globals';
import { createGroupCommit, type GroupCommitOptions } from './group-commit.ts';

interface Item {
  readonly owner: string;
  readonly name: string;
  readonly size?: number;
}

/** Batches by the names of their items; the first one is held until `release`. */
function createHeld(options: Partial<GroupCommitOptions<Item, string>> = {}) {
  const batches: string[][] = [];
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  const commits = createGroupCommit<Item, string>({
    lanes: 1,
    keyOf: () => 'a',
    maxBatch: 100,
    isApart: () => true,
    commit: async (items) => {
      batches.push(items.map(({ name }) => name));
      if (batches.length === 1) await held;
      return items.map(({ name }) => `done ${name}`);
    },
    ...options,
  });
  return { commits, batches, release };
}

const names = (from: string, count: number) => Array.from({ length: count }, (_, index) => `${from}${index}`);

test('what comes while a batch is committed goes together into the next, in its order', async () => {
  const { commits, batches, release } = createHeld();
  const first = commits.submit({ owner: 'a', name: 'first' });
  await new Promise(setImmediate);
  const rest = names('x', 5).map((name) => commits.submit({ owner: 'a', name }));
  release();
  expect(await first).toBe('done first');
  expect(await Promise.all(rest)).toEqual(names('done x', 5));
  expect(batches).toEqual([['first'], names('x', 5)]);
});

test('owners take turns, each with what came first, so that nobody waits behind many of another', async () => {
  const { commits, batches, release } = createHeld({ maxBatch: 4, ownerOf: ({ owner }) => owner });
  void commits.submit({ owner: 'a', name: 'first' });
  await new Promise(setImmediate);
  for (const name of names('a', 6)) void commits.submit({ owner: 'a', name });
  for (const name of names('b', 2)) void commits.submit({ owner: 'b', name });
  void commits.submit({ owner: 'c', name: 'c0' });
  release();
  await commits.idle();
  expect(batches).toEqual([['first'], ['a0', 'b0', 'c0', 'a1'], ['b1', 'a2', 'a3', 'a4'], ['a5']]);
});

test('a batch is as large as it may be, and one item that is larger goes alone', async () => {
  const size = { of: (item: Item) => item.size ?? 0, most: 10 };
  const { commits, batches, release } = createHeld({ size });
  void commits.submit({ owner: 'a', name: 'first' });
  await new Promise(setImmediate);
  for (const [index, bytes] of [4, 6, 1, 30, 10, 1].entries())
    void commits.submit({ owner: 'a', name: `${index} of ${bytes}`, size: bytes });
  release();
  await commits.idle();
  expect(batches.slice(1)).toEqual([['0 of 4', '1 of 6'], ['2 of 1'], ['3 of 30'], ['4 of 10'], ['5 of 1']]);
});

test('an item that is refused for what it is fails alone, after a few more commits and not one for each', async () => {
  let commitsMade = 0;
  const commits = createGroupCommit<Item, string>({
    lanes: 1,
    keyOf: () => 'a',
    maxBatch: 100,
    isApart: (error) => error instanceof RangeError,
    commit: async (items) => {
      commitsMade += 1;
      if (items.some(({ name }) => name === 'x13')) throw new RangeError('refused');
      return items.map(({ name }) => name);
    },
  });
  const answers = await Promise.allSettled(names('x', 64).map((name) => commits.submit({ owner: 'a', name })));
  expect(answers.flatMap(({ status }, index) => (status === 'rejected' ? [index] : []))).toEqual([13]);
  expect(commitsMade).toBe(13);
});

test('all of a batch fail with an error that is nobody’s fault', async () => {
  const commits = createGroupCommit<Item, string>({
    lanes: 1,
    keyOf: () => 'a',
    maxBatch: 100,
    isApart: () => false,
    commit: async () => Promise.reject(new Error('the database is away')),
  });
  const answers = await Promise.allSettled(names('x', 8).map((name) => commits.submit({ owner: 'a', name })));
  expect(answers.every(({ status }) => status === 'rejected')).toBe(true);
});
