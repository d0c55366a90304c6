import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockDataDir } from './data-dir-lock.ts';

const now = () => new Date('2030-01-01T12:00:00Z');
let dataDir: string;

beforeEach(async () => {
  dataDir = join(await mkdtemp(join(tmpdir(), 'heddle-lock-')), 'data');
});

afterEach(() => rm(join(dataDir, '..'), { recursive: true, force: true }));

describe('the lock of a DATA_DIR', () => {
  test('is refused to a second start, naming who has it and since when', async () => {
    await lockDataDir(dataDir, now);
    const second = lockDataDir(dataDir, now);
    await expect(second).rejects.toMatchObject({ code: 'DATA_DIR_IN_USE' });
    await expect(second).rejects.toThrow(`process ${process.pid} since 2030-01-01T12:00:00.000Z`);
  });

  test('is free again after release()', async () => {
    const lock = await lockDataDir(dataDir, now);
    await lock.release();
    await expect(lockDataDir(dataDir, now)).resolves.toBeDefined();
  });

  test.each([
    ['a process that is gone', JSON.stringify({ pid: 2 ** 22 + 1, startTime: '1', since: 'then' })],
    ['another process that had this pid', JSON.stringify({ pid: process.pid, startTime: '1', since: 'then' })],
    ['a crash while it was written', ''],
  ])('is taken over from %s', async (_, content) => {
    await (await lockDataDir(dataDir, now)).release();
    await writeFile(join(dataDir, 'heddle.lock.1'), content);
    await lockDataDir(dataDir, now);
    expect(await readdir(dataDir)).toEqual(['heddle.lock.2']);
    await expect(lockDataDir(dataDir, now)).rejects.toThrow(`process ${process.pid}`);
  });

  test('goes to exactly one of many that contend for a free one, again and again', async () => {
    const lock = await lockDataDir(dataDir, now);
    await lock.release();
    for (let round = 1; round <= 20; round++) {
      const results = await Promise.allSettled(Array.from({ length: 8 }, () => lockDataDir(dataDir, now)));
      const taken = results.filter((result) => result.status === 'fulfilled');
      expect(taken).toHaveLength(1);
      await taken[0]?.value.release();
    }
  });
});
