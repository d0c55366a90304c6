import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStackLog } from './stack-log.ts';

const now = () => new Date('2030-01-01T12:00:00Z');
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heddle-log-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

test('the log of a stack keeps every line as JSON, shows warnings, and hides secrets in both', async () => {
  const shown: string[] = [];
  const file = join(folder, 'logs', 'heddle.log');
  const log = openStackLog({ file, show: (text) => shown.push(text), now });
  log.hide('hunter2-hunter2');
  log.write('server', '{"level":30,"msg":"fine"}');
  log.write('worker', '{"level":40,"msg":"connection lost","err":{"message":"no route, key hunter2-hunter2"}}');
  log.write('worker', 'plain text with hunter2-hunter2');
  log.write('worker', '{"broken json');
  log.close();

  const lines = (await readFile(file, 'utf8')).trim().split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { source: 'server', level: 30, msg: 'fine' },
    { source: 'worker', level: 40, msg: 'connection lost', err: { message: 'no route, key [hidden]' } },
    { level: 30, time: now().getTime(), name: 'worker', msg: 'plain text with [hidden]' },
    { level: 30, time: now().getTime(), name: 'worker', msg: '{"broken json' },
  ]);
  expect(shown).toEqual([expect.stringMatching(/ worker warning: connection lost: no route, key \[hidden\]$/)]);
});
