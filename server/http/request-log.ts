import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger as PinoLogger } from 'pino';
import type { Response } from 'express';
import { findKeys, scrubbed } from '../../core/scrub.ts';
import { pinoHttp, type HttpLogger } from 'pino-http';
import { isFault } from './problem.ts';

/** Fields that never reach the log. */
export const redactedPaths = ['req.headers.authorization', 'req.headers.cookie', 'res.headers["set-cookie"]'] as const;

/** A caller's own request id is kept where it is harmless, so that logs of several systems can be joined. */
const requestIdPattern = /^[A-Za-z0-9._-]{1,64}$/;

/** Paths that are asked for every few seconds and say nothing. */
const quietPaths: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics']);

/** One log line per request, with an id that the answer carries too. */
export function requestLog(logger: PinoLogger): HttpLogger {
  return pinoHttp({
    logger,
    genReqId: (request: IncomingMessage, response: ServerResponse) => {
      const given = request.headers['x-request-id'];
      const id = isUsableId(given) ? given : randomUUID();
      response.setHeader('X-Request-Id', id);
      return id;
    },
    autoLogging: { ignore: (request) => quietPaths.has(pathOnly(request.url)) },
    customLogLevel: (_request, response, error) => {
      if (error !== undefined) return 'error';
      const code = codeOf(response);
      if (response.statusCode >= 500) return code === undefined || isFault(code) ? 'error' : 'warn';
      return response.statusCode >= 400 ? 'info' : 'debug';
    },
    // By the status alone pino-http makes up an error, whose stack says nothing; the real one has a line of its own.
    customErrorObject: (_request, response, _error, line: Record<string, unknown>) => {
      const { err, ...rest } = line;
      const code = codeOf(response);
      return { ...rest, ...(code === undefined ? { err } : { code }) };
    },
    // The query may hold a search text or a sign-in token.
    serializers: {
      req: (request: { id: unknown; method: unknown; url: string }) => ({
        id: request.id,
        method: request.method,
        path: loggedPath(request.url),
      }),
      res: (response: { statusCode: unknown }) => ({ statusCode: response.statusCode }),
    },
  });
}

/** By its form alone: an id that is judged by the secrets of the installation would tell of them. */
function isUsableId(given: unknown): given is string {
  return typeof given === 'string' && requestIdPattern.test(given) && findKeys(given).length === 0;
}

/** The code of the problem that was answered. */
function codeOf(response: ServerResponse): unknown {
  return (response as Partial<Response>).locals?.['code'];
}

function pathOnly(url: string | undefined): string {
  return (url ?? '').split('?', 1)[0] ?? '';
}

/** Whoever knows the address of a webhook may send to it, that of a link may run its app, that of a question answer it. */
function loggedPath(url: string | undefined): string {
  return pathOnly(url).replace(/(\/(?:hooks|api\/shared|share|api\/answers|answer)\/)[^/]+/i, `$1${scrubbed}`);
}
