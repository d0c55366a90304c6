import type { GraphFinding } from './findings.ts';
import type { Graph, GraphNode } from './graph.ts';

/** More at once are hardly looked through, and each is work that may cost something. */
export const maxVariants = 50;

/** One node, and what is different in its data in each variant of it. */
export interface Variants {
  readonly nodeId: string;
  readonly changes: readonly Readonly<Record<string, unknown>>[];
}

/** A graph in which a node stands several times. */
export interface GraphOfVariants {
  readonly graph: Graph;
  /** Of the variants, in the order of the changes. */
  readonly nodeIds: readonly string[];
}

/** How far apart variants stand, in pixels of the canvas; so many are beside each other. */
const step = { x: 300, y: 620 };
const perRow = 4;

/**
 * The part of a graph that a node needs, with the node once for each change: the change is laid over its data, a key that
 * is undefined or null is taken out. What comes in at the node comes in at each of them; what the node leads to is left
 * out. A mark as an input or the name of an output would be there twice: variants have neither.
 *
 * A finding instead where there is no such node.
 */
export function applyVariants(graph: Graph, { nodeId, changes }: Variants): GraphOfVariants | GraphFinding {
  const node = graph.nodes.find(({ id }) => id === nodeId);
  if (node === undefined) {
    const message = `The workflow has no node "${nodeId.slice(0, 100)}" to make variants of. Choose another one.`;
    return { code: 'NODE_NOT_FOUND', message, nodeIds: [nodeId], path: 'variants.nodeId' };
  }
  const needed = neededBy(graph, nodeId);
  const taken = new Set(graph.nodes.map(({ id }) => id));
  const copies = changes.map((change, index) => variantOf(node, change, index, taken));
  const incoming = graph.edges.filter(({ target }) => target === nodeId);
  return {
    nodeIds: copies.map(({ id }) => id),
    graph: {
      ...graph,
      nodes: [...graph.nodes.filter(({ id, type }) => needed.has(id) || type === 'group'), ...copies],
      edges: [
        ...graph.edges.filter(({ target }) => needed.has(target)),
        ...copies.flatMap(({ id }, index) =>
          incoming.map((edge) => ({ ...edge, id: `${edge.id.slice(0, 240)}~${index + 1}`, target: id })),
        ),
      ],
    },
  };
}

/** The nodes that lead to one, without itself. */
function neededBy({ edges }: Graph, nodeId: string): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [nodeId];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const { source, target } of edges) {
      if (target !== id || found.has(source) || source === nodeId) continue;
      found.add(source);
      open.push(source);
    }
  }
  return found;
}

function variantOf(
  node: GraphNode,
  change: Readonly<Record<string, unknown>>,
  index: number,
  taken: ReadonlySet<string>,
): GraphNode {
  let id = `${node.id.slice(0, 240)}~${index + 1}`;
  while (taken.has(id)) id = `${id}~`;
  const { input: _mark, off: _off, ...own } = node.data;
  const data = Object.fromEntries(
    Object.entries({ ...own, ...change }).filter(([, value]) => value !== undefined && value !== null),
  );
  const label = typeof own['label'] === 'string' && own['label'] !== '' ? own['label'] : null;
  return {
    ...node,
    id,
    position: {
      x: node.position.x + (index % perRow) * step.x,
      y: node.position.y + Math.floor(index / perRow) * step.y,
    },
    data: { ...data, ...(label === null ? {} : { label: `${label} ${index + 1}` }) },
  };
}
