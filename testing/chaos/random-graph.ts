import type { Graph, GraphEdge, GraphNode } from '../../core/graph/graph.ts';
import { nodeOf, edgeOf } from '../graphs.ts';
import { question, type CallableWorkflow } from './asking-nodes.ts';
import { randomRegion } from './random-regions.ts';
import type { Random } from './random.ts';

/** Shares of nodes: with a dozen to a graph, one graph in four has a node that fails and one in two a slow one. */
const failing = 0.025;
const slow = 0.05;
/** Nodes that do nothing but wait and pass on, beside the probes. */
const delays = 0.2;
/** Of those, the ones that no worker holds meanwhile. */
const longDelays = 0.08;

/** Nodes that lead one way or another, and that bring ways together; each needs something before it. */
const switches = 0.12;
const merges = 0.1;
/** Graphs with nodes that go through a list, or with a call. */
const regions = 0.4;
/** Nodes that ask a person; where nobody answers in time, they go the way for that. */
const questions = 0.05;
/** Edges that carry what a node failed of, where it fails. */
const errors = 0.06;

/** By the first letter of the hash that a probe puts out; what is not one goes the third way. */
const cases = [
  { id: 'low', operator: 'matches', operand: '^[0-7]' },
  { id: 'high', operator: 'matches', operand: '^[89ab]' },
];

/**
 * A graph of 5 to 20 nodes, and at times what goes through a list, whose every output can be worked out from the graph and
 * from what people answered.
 */
export function randomGraph(random: Random, callUrl: string, callable: readonly CallableWorkflow[]): Graph {
  const count = random.between(5, 20);
  const nodes: GraphNode[] = [];
  const edges: GraphEdge[] = [];
  for (let index = 0; index < count; index += 1) {
    // Mostly from near by, so that graphs are deep as well as wide; one in seven is a root of its own.
    const sources = new Set<number>();
    const wanted = index === 0 || random.chance(0.15) ? 0 : random.between(1, 3);
    for (let edge = 0; edge < wanted; edge += 1) sources.add(Math.max(0, index - 1 - random.between(0, 4)));
    const node = randomNode(random, `n${index}`, { callUrl, hasSources: sources.size > 0 });
    nodes.push(node);
    for (const source of node.type === 'switch' ? [...sources].slice(0, 1) : sources) {
      edges.push(randomEdge(random, nodes[source]!, node));
    }
  }
  if (!random.chance(regions)) return { nodes, edges };
  const region = randomRegion({ random, callUrl, callable });
  return { nodes: [...nodes, ...region.nodes], edges: [...edges, ...region.edges] };
}

const outputsOfType: Readonly<Record<string, readonly string[]>> = {
  switch: ['low', 'high', 'else'],
  approve: ['yes', 'no', 'answer'],
};

function randomEdge(random: Random, source: GraphNode, target: GraphNode): GraphEdge {
  const outputs = outputsOfType[source.type] ?? ['output'];
  const sourceHandle = random.chance(errors) ? 'error' : outputs[random.between(0, outputs.length - 1)]!;
  const inputs: Readonly<Record<string, string>> = { switch: 'value', merge: 'values', approve: 'value' };
  return edgeOf(source.id, target.id, { sourceHandle, targetHandle: inputs[target.type] ?? 'input' });
}

function randomNode(
  random: Random,
  id: string,
  { callUrl, hasSources }: { readonly callUrl: string; readonly hasSources: boolean },
): GraphNode {
  if (hasSources && random.chance(switches)) return nodeOf(id, 'switch', { cases });
  if (hasSources && random.chance(merges)) return nodeOf(id, 'merge', { mode: random.chance(0.5) ? 'first' : 'all' });
  if (hasSources && random.chance(questions)) return question(random, id);
  const ms = random.chance(slow) ? random.between(2_000, 6_000) : random.between(0, 400);
  if (random.chance(delays)) {
    return nodeOf(id, 'delay', { ms: random.chance(longDelays) ? random.between(5_001, 7_000) : ms });
  }
  return nodeOf(id, 'probe', {
    name: id,
    ms,
    fails: random.chance(failing) ? 'always' : 'never',
    callUrl: random.chance(0.4) ? callUrl : null,
    bytes: random.chance(0.2) ? random.between(1, 64) * 1_024 : 0,
  });
}
