import type { Request, Response } from 'express';
import { problemSchema } from '../../core/api/common.ts';
import type { Logger } from '../../core/node-type/executor.ts';
import { withoutKeys } from '../../core/scrub.ts';
import { requestIdOf } from '../request/request-id.ts';
import { discardBody } from './lingering-close.ts';
import { isFault, problemOf, type ProblemAnswer } from './problem.ts';

/** Whom a failure is told to. */
export interface Reporting {
  readonly logger: Logger;
}

/** The answer to a failure, or to one of many things that a request asked for; what the client is not told of it is logged. */
export function toldProblem(request: Request, error: unknown, { logger }: Reporting): ProblemAnswer {
  const answer = problemOf(error, { path: request.path, requestId: requestIdOf(request) });
  const { code, requestId } = answer.problem;
  // What is told on purpose, such as a full quota, is no fault of the server: the line of the request says it.
  if (isFault(code)) logger.error({ err: error, requestId, code }, 'a request failed');
  // Words of the client may stand in it, and among them a key.
  return { ...answer, problem: problemSchema.parse(JSON.parse(withoutKeys(JSON.stringify(answer.problem)))) };
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
  reporting: Reporting,
): Promise<void> {
  const { status, headers, problem } = toldProblem(request, error, reporting);
  response.locals['code'] = problem.code;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  await discardBody(request);
  // What is still on its way would be taken for the next request.
  if (!request.complete) response.setHeader('Connection', 'close');
  response.status(status).set(headers).set('Cache-Control', 'no-store');
  response.type('application/problem+json').send(JSON.stringify(problem));
}
