import { expect, test } from '@jest/globals';
import { readConfig } from './config.ts';

const base = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' };
const [hour, day] = [3_600_000, 86_400_000];

test('workflows may set a day for their runs, but no more than the limit of all runs where that alone is set', () => {
  expect(readConfig(base).runTimeouts).toEqual({ defaultMs: hour, mostMs: day });
  expect(readConfig({ ...base, RUN_TIMEOUT_MS: '600000' }).runTimeouts).toEqual({
    defaultMs: 600_000,
    mostMs: 600_000,
  });
  const both = { RUN_TIMEOUT_MS: '600000', RUN_MAX_TIMEOUT_MS: String(2 * hour) };
  expect(readConfig({ ...base, ...both }).runTimeouts).toEqual({ defaultMs: 600_000, mostMs: 2 * hour });
});
