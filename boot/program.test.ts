import { afterEach, expect, jest, test } from '@jest/globals';
import { pino } from 'pino';
import { eventually } from '../testing/eventually.ts';
import { stopOnSignals } from './program.ts';

const before = new Set(process.listeners('SIGTERM'));

afterEach(() => {
  for (const listener of process.listeners('SIGTERM')) if (!before.has(listener)) process.off('SIGTERM', listener);
  jest.restoreAllMocks();
});

test.each([
  ['with 0 when it has stopped', async () => {}, 0, []],
  [
    'with 1, and says why, where stopping failed',
    () => Promise.reject(new Error('the database is away')),
    1,
    ['stopping failed'],
  ],
] as const)('a program that gets SIGTERM ends %s', async (_how, stop, code, said) => {
  const exit = jest.spyOn(process, 'exit').mockImplementation((() => undefined) as never);
  const lines: string[] = [];
  stopOnSignals(pino({}, { write: (line) => void lines.push(line) }), stop);
  process.emit('SIGTERM', 'SIGTERM');
  await eventually(() => exit.mock.calls.length > 0);
  expect(exit.mock.calls).toEqual([[code]]);
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual(said);
});
