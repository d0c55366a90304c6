import type { ApiFinding } from '../api/common.ts';
import { FindingsError } from '../errors/findings-error.ts';
import type { ErrorCode } from '../errors/codes.ts';

/** One finding, precise enough to point at it on the canvas. */
export interface GraphFinding {
  readonly code: ErrorCode;
  readonly message: string;
  readonly nodeIds?: readonly string[];
  readonly edgeIds?: readonly string[];
  /** Where in `data`, such as `nodes[2].data.ms`. */
  readonly path?: string;
}

/** A finding of a graph as clients get it. `within`: what stands before its path, such as `data.`; default nothing. */
export function apiFindingOf({ code, message, nodeIds, edgeIds, path }: GraphFinding, within = ''): ApiFinding {
  return {
    code,
    message,
    ...(path === undefined ? {} : { path: `${within}${path}` }),
    ...(nodeIds === undefined ? {} : { nodeIds: [...nodeIds] }),
    ...(edgeIds === undefined ? {} : { edgeIds: [...edgeIds] }),
  };
}

/** Throws FindingsError with the code of the first finding, where there are any. `within`: see `apiFindingOf`. */
export function refuseFindings(findings: readonly GraphFinding[], within = ''): void {
  const [first, ...more] = findings;
  if (first === undefined) return;
  throw new FindingsError(
    first.code,
    more.length > 0 ? `${first.message} (and ${more.length} more)` : first.message,
    findings.map((finding) => apiFindingOf(finding, within)),
  );
}

/** Takes a finding, in the order in which they are to be told. */
export type Complain = (finding: GraphFinding) => void;
