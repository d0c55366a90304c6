import { expect, test } from '@jest/globals';
import { lookAtFiles, type KnownFile } from './new-files.ts';

const file = (path: string, mark = '1', bytes = 10) => ({ path, bytes, mark });
const known = (...files: readonly KnownFile[]) => new Map(files.map((one) => [one.path, one]));
const seen = (path: string, seenAtMs: number, rest: Partial<KnownFile> = {}): KnownFile => ({
  ...file(path),
  seenAtMs,
  isTaken: false,
  ...rest,
});
const look = (held: readonly ReturnType<typeof file>[], before: ReadonlyMap<string, KnownFile>) => {
  const { fresh, whole, gone } = lookAtFiles(held, before, { nowMs: 10_000, stableMs: 2_000 });
  return { fresh: fresh.map(({ path }) => path), whole: whole.map(({ path }) => path), gone };
};

test('a file is taken when it was the same for long enough, and once', () => {
  expect(look([file('a')], known())).toEqual({ fresh: ['a'], whole: [], gone: [] });
  expect(look([file('a')], known(seen('a', 8_001)))).toEqual({ fresh: [], whole: [], gone: [] });
  expect(look([file('a')], known(seen('a', 8_000)))).toEqual({ fresh: [], whole: ['a'], gone: [] });
  expect(look([file('a')], known(seen('a', 0, { isTaken: true })))).toEqual({ fresh: [], whole: [], gone: [] });
});

test('one that grows or is written again is new, also where it was taken', () => {
  const nothing = { whole: [], gone: [] };
  expect(look([file('a', '1', 20)], known(seen('a', 0)))).toEqual({ fresh: ['a'], ...nothing });
  expect(look([file('a', '2')], known(seen('a', 0, { isTaken: true })))).toEqual({ fresh: ['a'], ...nothing });
});

test('one that was renamed into place is a file of its own, and what is gone is forgotten', () => {
  expect(look([file('b')], known(seen('a', 0)))).toEqual({ fresh: ['b'], whole: [], gone: ['a'] });
});
