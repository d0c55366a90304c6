import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWorkDirs } from './work-dirs.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'heddle-work-'));
});

afterEach(() => rm(root, { recursive: true, force: true }));

const open = (hostname: string, pid: number) => createWorkDirs({ root, hostname, pid, now: Date.now });

test('a folder is made when it is first asked for and goes with its content', async () => {
  const workDirs = open('here', process.pid);
  await workDirs.start();
  const [used, unused] = [workDirs.open(), workDirs.open()];
  expect(await readdir(root)).toEqual([]);
  await writeFile(join(used.path, 'file'), 'x');
  expect(used.path).toBe(used.path);
  await used.dispose();
  await unused.dispose();
  await used.dispose();
  expect(await readdir(root)).toEqual([]);
});

test('a start removes the folders of processes that are gone, and only those', async () => {
  // The highest process id of Linux is lower.
  const gone = open('here', 99_999_999).open().path;
  const alive = open('here', process.ppid).open().path;
  const elsewhere = open('there', 1).open().path;
  const elsewhereOld = open('there', 2).open().path;
  const twoDaysAgo = Date.now() / 1_000 - 2 * 86_400;
  await utimes(elsewhereOld, twoDaysAgo, twoDaysAgo);
  const foreign = join(root, 'not-ours');
  await mkdir(foreign);
  const earlierSamePid = open('here', process.pid).open().path;

  await open('here', process.pid).start();
  expect([gone, elsewhereOld, earlierSamePid].filter((path) => existsSync(path))).toEqual([]);
  expect([alive, elsewhere, foreign].filter((path) => !existsSync(path))).toEqual([]);
});
