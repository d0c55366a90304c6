import type { Graph, GraphEdge, GraphNode } from '../../core/graph/graph.ts';
import { nodeOf, edgeOf } from '../graphs.ts';
import { probeEachOutput } from '../probe-node.ts';
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
/** Graphs with nodes that go through a list. */
const regions = 0.3;
/** Nodes that ask a person, whom nobody answers: after their time they go the way for that. */
const questions = 0.05;
/** Edges that carry what a node failed of, where it fails. */
const errors = 0.06;

/** By the first letter of the hash that a probe puts out; what is not one goes the third way. */
const cases = [
  { id: 'low', operator: 'matches', operand: '^[0-7]' },
  { id: 'high', operator: 'matches', operand: '^[89ab]' },
];

/** A graph of 5 to 20 nodes whose every output can be worked out from the graph alone. */
export function randomGraph(random: Random, callUrl: string): Graph {
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
  if (random.chance(regions)) addRegion(random, { nodes, edges }, callUrl);
  return { nodes, edges };
}

/** Two nodes that are executed once for each element of a list, of which some are equal; for one of them it may fail. */
function addRegion(random: Random, { nodes, edges }: Graph, callUrl: string): void {
  const element = () => `e${random.between(0, 6)}`;
  const elements = Array.from({ length: random.between(0, 12) }, element);
  const onError = (['stop', 'goOn', 'leaveOut'] as const)[random.between(0, 2)]!;
  const ms = () => random.between(0, random.chance(slow) ? 3_000 : 200);
  const calls = () => (random.chance(0.3) ? callUrl : null);
  nodes.push(
    nodeOf('items', 'items', { items: elements }),
    nodeOf('a', 'probeEach', {
      name: 'a',
      ms: ms(),
      callUrl: calls(),
      each: { concurrency: random.between(1, 6), onError },
    }),
    nodeOf('b', 'probeEach', {
      name: 'b',
      ms: ms(),
      callUrl: calls(),
      failsFor: random.chance(0.3) ? probeEachOutput('a', element()) : null,
    }),
    nodeOf('whole', 'whole'),
  );
  edges.push(edgeOf('items', 'a'), edgeOf('a', 'b'), edgeOf('b', 'whole'));
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
  if (hasSources && random.chance(questions)) {
    const buttons = ['yes', 'no'].map((button) => ({ id: button, label: '' }));
    return nodeOf(id, 'approve', { buttons, expiresInMs: random.between(1_000, 4_000), onExpiry: 'no' });
  }
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
