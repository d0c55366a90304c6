import type { NodeCatalogue } from '../node-type/definition.ts';
import { eachSettingsOf, type ChosenElements } from './each.ts';
import type { GraphFinding } from './findings.ts';
import type { Graph } from './graph.ts';
import { findRegions } from './regions.ts';
import { structureOf } from './structure.ts';

/** Some elements of the list that a node goes through. */
export interface ElementsOfNode {
  /** Any of the nodes that are repeated together. */
  readonly nodeId: string;
  readonly only: ChosenElements;
}

/**
 * A graph that goes through some elements of a list alone. All nodes that are repeated together know of it, since whichever
 * of them a run executes first decides; lists within the elements are gone through as a whole. A finding instead where the
 * node goes through no list.
 */
export function chooseElements(
  graph: Graph,
  catalogue: NodeCatalogue,
  { nodeId, only }: ElementsOfNode,
): { readonly graph: Graph } | GraphFinding {
  const region = findRegions(structureOf(graph, catalogue), catalogue).find(({ nodes }) => nodes.includes(nodeId));
  if (region === undefined) {
    const message = `The node "${nodeId.slice(0, 100)}" does not go through a list, so it has no elements to choose from. Choose another node.`;
    return { code: 'NODE_NOT_FOUND', message, nodeIds: [nodeId], path: 'elements.nodeId' };
  }
  const within = new Set(region.inner.flatMap(({ nodes }) => nodes));
  return {
    graph: {
      ...graph,
      nodes: graph.nodes.map((node) =>
        region.nodes.includes(node.id) && !within.has(node.id)
          ? { ...node, data: { ...node.data, each: { ...eachSettingsOf(node.data), only } } }
          : node,
      ),
    },
  };
}
