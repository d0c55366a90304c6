import type { Graph, GraphNode } from '../../core/graph/graph.ts';
import { nodeOf, edgeOf } from '../graphs.ts';
import type { Random } from './random.ts';

/** Shares of nodes: with a dozen to a graph, one graph in four has a node that fails and one in two a slow one. */
const failing = 0.025;
const slow = 0.05;
/** Nodes that do nothing but wait and pass on, beside the probes. */
const delays = 0.2;

/** A graph of 5 to 20 nodes whose every output can be worked out from the graph alone. */
export function randomGraph(random: Random, callUrl: string): Graph {
  const count = random.between(5, 20);
  const nodes = Array.from({ length: count }, (_, index) => randomNode(random, `n${index}`, callUrl));
  const edges = nodes.slice(1).flatMap((node, index) => {
    // Mostly from near by, so that graphs are deep as well as wide; one in seven is a root of its own.
    const sources = new Set<number>();
    const wanted = random.chance(0.15) ? 0 : random.between(1, 3);
    for (let edge = 0; edge < wanted; edge += 1) sources.add(Math.max(0, index - random.between(0, 4)));
    return [...sources].map((source) => edgeOf(`n${source}`, node.id));
  });
  return { nodes, edges };
}

function randomNode(random: Random, id: string, callUrl: string): GraphNode {
  const ms = random.chance(slow) ? random.between(2_000, 6_000) : random.between(0, 400);
  if (random.chance(delays)) return nodeOf(id, 'delay', { ms });
  return nodeOf(id, 'probe', {
    name: id,
    ms,
    fails: random.chance(failing) ? 'always' : 'never',
    callUrl: random.chance(0.4) ? callUrl : null,
    bytes: random.chance(0.2) ? random.between(1, 64) * 1_024 : 0,
  });
}
