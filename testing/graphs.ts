import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { Hash } from '../core/graph/fingerprint.ts';
import type { Graph, GraphEdge, GraphNode } from '../core/graph/graph.ts';

export const sha256: Hash = (text) => createHash('sha256').update(text).digest('hex');

/** A node of a graph; a `delay` takes any number of edges of any type. */
export function nodeOf(id: string, type = 'delay', data: Record<string, unknown> = {}): GraphNode {
  return { id, type, position: { x: 0, y: 0 }, data };
}

/** An edge `a-b` between the only handles of its ends, where no others are named. */
export function edgeOf(source: string, target: string, rest: Partial<GraphEdge> = {}): GraphEdge {
  return { id: `${source}-${target}`, source, target, ...rest };
}

/** Delay nodes with these ids, joined by edges written `from>to`. */
export function graphOf(ids: readonly string[], edges: readonly string[] = []): Graph {
  return {
    nodes: ids.map((id) => nodeOf(id)),
    edges: edges.map((pair) => {
      const [source, target] = pair.split('>') as [string, string];
      return edgeOf(source, target);
    }),
  };
}

/** `count` delay nodes `n0`, `n1` … in one line. */
export function chainOf(count: number): Graph {
  const ids = Array.from({ length: count }, (_, index) => `n${index}`);
  return { nodes: ids.map((id) => nodeOf(id)), edges: ids.slice(1).map((id, index) => edgeOf(ids[index]!, id)) };
}

/** Layers of delay nodes; each node feeds `fanOut` neighbors in the next layer. */
export function layersOf(layers: number, width: number, fanOut: number): Graph {
  const idAt = (layer: number, column: number) => `l${layer}c${column % width}`;
  const graph: Graph = { nodes: [], edges: [] };
  for (let layer = 0; layer < layers; layer += 1) {
    for (let column = 0; column < width; column += 1) {
      graph.nodes.push(nodeOf(idAt(layer, column)));
      if (layer === 0) continue;
      for (let step = 0; step < fanOut; step += 1) {
        graph.edges.push(edgeOf(idAt(layer - 1, column), idAt(layer, column + step)));
      }
    }
  }
  return graph;
}

/** Names that are members of every plain object, and a few that read like numbers. */
export const hostileIds = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', '0', '-1', '1e3'];

interface GraphShape {
  /** Most nodes of a graph. */
  readonly maxNodes: number;
  /** Whether edges may lead back, which can make cycles. */
  readonly cyclic: boolean;
}

/** Graphs of delay nodes with shuffled hostile and plain ids; parallel edges and self edges are left out. */
export function arbitraryGraph({ maxNodes, cyclic }: GraphShape): fc.Arbitrary<Graph> {
  const names = [...hostileIds, ...Array.from({ length: maxNodes }, (_, index) => `n${index}`)];
  return fc
    .tuple(
      fc.shuffledSubarray(names, { minLength: 1, maxLength: maxNodes }),
      fc.array(fc.tuple(fc.nat(maxNodes - 1), fc.nat(maxNodes - 1)), { maxLength: maxNodes * 3 }),
      fc.infiniteStream(fc.nat()),
    )
    .map(([ids, pairs, randoms]) => {
      const edges = new Map<string, GraphEdge>();
      for (const [first, second] of pairs) {
        const [from, to] = [first % ids.length, second % ids.length];
        if (from === to) continue;
        const [source, target] = cyclic || from < to ? [ids[from]!, ids[to]!] : [ids[to]!, ids[from]!];
        const edge = edgeOf(source, target);
        edges.set(edge.id, edge);
      }
      // The order of the list must not give the topological order away.
      const shuffled = ids
        .map((id) => ({ id, rank: randoms.next().value as number }))
        .toSorted((left, right) => left.rank - right.rank);
      return { nodes: shuffled.map(({ id }) => nodeOf(id)), edges: [...edges.values()] };
    });
}
