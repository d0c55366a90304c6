import type { Request, Response } from 'express';
import type { Logger } from '../../core/node-type/executor.ts';
import { withoutKeys } from '../../core/scrub.ts';
import { requestIdOf } from '../request/request-id.ts';
import { discardBody } from './lingering-close.ts';
import { isFault, problemOf } from './problem.ts';

/** Whom a failure is told to. */
export interface Reporting {
  readonly logger: Logger;
}

/**
 * Answers a failed request with its problem document, and logs what the client
 * is not told. Paths, names and ids in it are the client's own words, so nothing
 * of it is held against the secrets of the installation.
 */
export async function sendProblem(
  request: Request,
  response: Response,
  error: unknown,
  { logger }: Reporting,
): Promise<void> {
  const { status, headers, problem } = problemOf(error, { path: request.path, requestId: requestIdOf(request) });
  // What is told on purpose, such as a full quota, is no fault of the server: the line of the request says it.
  response.locals['code'] = problem.code;
  if (isFault(problem.code)) {
    logger.error({ err: error, requestId: problem.requestId, code: problem.code }, 'a request failed');
  }
  if (response.headersSent) {
    response.destroy();
    return;
  }
  await discardBody(request);
  // What is still on its way would be taken for the next request.
  if (!request.complete) response.setHeader('Connection', 'close');
  response.status(status).set(headers).set('Cache-Control', 'no-store');
  response.type('application/problem+json').send(withoutKeys(JSON.stringify(problem)));
}
