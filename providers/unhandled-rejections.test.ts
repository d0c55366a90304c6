import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

test('no way of failing leaves an unhandled rejection behind', async () => {
  const script = path.join(import.meta.dirname, '../testing/provider-failures-main.ts');
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script], {
    env: { PATH: process.env['PATH'] },
  });
  expect(stderr).toBe('');
  // 11 scripted failures and 2 aborts by the caller on both adapters.
  expect(stdout.trim()).toBe('26');
});
