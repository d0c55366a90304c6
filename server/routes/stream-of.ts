import type { Request } from 'express';
import { openEventStream } from '../http/event-stream.ts';
import { toldProblem } from '../http/answer.ts';
import type { RunStream } from '../runs/run-streams.ts';
import type { ServerDependencies } from './deps.ts';

/** What a stream of a run needs of the request that asks for it. */
export function streamOf(
  { logger }: Pick<ServerDependencies, 'logger'>,
  request: Request,
): Pick<RunStream, 'open' | 'problemOf'> {
  return {
    open: openEventStream,
    problemOf: (error) => toldProblem(request, error, { logger }).problem,
  };
}
