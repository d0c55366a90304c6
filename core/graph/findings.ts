import type { ApiFinding } from '../api/common.ts';
import { FindingsError } from '../errors/findings-error.ts';
import type { GraphProblem } from './validate.ts';

/** A problem of a graph as clients get it. `within`: what stands before its path, such as `data.`; default nothing. */
export function findingOf({ code, message, nodeIds, edgeIds, path }: GraphProblem, within = ''): ApiFinding {
  return {
    code,
    message,
    ...(path === undefined ? {} : { path: `${within}${path}` }),
    ...(nodeIds === undefined ? {} : { nodeIds: [...nodeIds] }),
    ...(edgeIds === undefined ? {} : { edgeIds: [...edgeIds] }),
  };
}

/** Throws FindingsError with the code of the first problem, where there are any. `within`: see `findingOf`. */
export function refuseProblems(problems: readonly GraphProblem[], within = ''): void {
  const [first, ...more] = problems;
  if (first === undefined) return;
  throw new FindingsError(
    first.code,
    more.length > 0 ? `${first.message} (and ${more.length} more)` : first.message,
    problems.map((problem) => findingOf(problem, within)),
  );
}
