import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import express from 'express';
import { pino } from 'pino';
import { TerminalError } from '../../core/errors/app-error.ts';
import { sendProblem } from './answer.ts';
import { requestLog } from './request-log.ts';

interface Line {
  readonly level: number;
  readonly code?: string;
  readonly err?: { readonly stack?: string };
}

const { warn, error } = pino.levels.values as { warn: number; error: number };

/** The lines of the log, from warnings on, about one request that ends with this. */
async function linesOf(failure: unknown): Promise<Line[]> {
  const lines: Line[] = [];
  const logger = pino({ level: 'warn' }, { write: (line: string) => void lines.push(JSON.parse(line) as Line) });
  const app = express();
  app.use(requestLog(logger));
  app.get('/', (request, response) => sendProblem(request, response, failure, { logger }));
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  await (await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)).text();
  await new Promise((resolve) => server.close(resolve));
  return lines;
}

test.each(['STORAGE_FULL', 'DATA_QUOTA_FULL', 'DISK_LOW', 'PROVIDER_OVERLOADED'] as const)(
  'what is told on purpose, such as %s, is one line without a stack',
  async (code) => {
    const lines = await linesOf(new TerminalError(code, 'Told on purpose.'));
    expect(lines).toMatchObject([{ level: warn, code }]);
    expect(lines[0]!.err).toBeUndefined();
  },
);

test('a fault is an error with its own stack, once, and the line of the request', async () => {
  const lines = await linesOf(new Error('broken inside'));
  expect(lines.map(({ level, code }) => [level, code])).toEqual([
    [error, 'INTERNAL'],
    [error, 'INTERNAL'],
  ]);
  expect(lines.map(({ err }) => err?.stack?.includes('broken inside') ?? false)).toEqual([true, false]);
});
