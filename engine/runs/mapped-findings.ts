import { findRegions } from '../../core/graph/regions.ts';
import type { GraphStructure } from '../../core/graph/structure.ts';
import type { GraphFinding } from '../../core/graph/findings.ts';
import type { NodeCatalogue } from '../../core/node-type/definition.ts';

/** The nodes that a run would have to execute once per element of a list, which runs cannot do yet. */
export function mappedFindings(
  structure: GraphStructure,
  catalogue: NodeCatalogue,
  executed: ReadonlySet<string>,
): GraphFinding[] {
  return findRegions(structure, catalogue, executed).map(({ driver, nodes, eachEdges }) => ({
    code: 'TYPE_MISMATCH',
    message: `Node "${driver}" takes one value and is connected to a list, and runs cannot go through lists yet. Connect an input that takes a list or many values.`,
    nodeIds: nodes,
    edgeIds: eachEdges,
  }));
}
