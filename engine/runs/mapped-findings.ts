import { findRegions } from '../../core/graph/regions.ts';
import type { GraphStructure } from '../../core/graph/structure.ts';
import type { GraphFinding } from '../../core/graph/findings.ts';
import type { NodeCatalogue } from '../../core/node-type/definition.ts';

/** The nodes that a run would have to execute once per element of lists within lists, which runs do not support. */
export function mappedFindings(
  structure: GraphStructure,
  catalogue: NodeCatalogue,
  executed: ReadonlySet<string>,
): GraphFinding[] {
  return findRegions(structure, catalogue, executed).flatMap(({ inner }) =>
    inner.map(({ driver, nodes, eachEdges }) => ({
      code: 'TYPE_MISMATCH',
      message: `Node "${driver}" would be executed once per element of a list within a list, which runs do not support. Connect an input that takes a list or many values, or join the inner list before it.`,
      nodeIds: nodes,
      edgeIds: eachEdges,
    })),
  );
}
