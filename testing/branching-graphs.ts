import fc from 'fast-check';
import type { Graph, GraphEdge, GraphNode } from '../core/graph/graph.ts';
import { arbitraryGraph } from './graphs.ts';

/** Outputs of each switch of these graphs. */
export const switchOutputs = ['a', 'b', 'else'] as const;

const cases = ['a', 'b'].map((id) => ({ id, operator: 'is', operand: id }));

/**
 * Graphs in which switches lead one way or another, merges bring the ways together, models take what may be missing, and
 * errors are handled. Edges end where they fit, so every graph can be planned.
 */
export function arbitraryBranchingGraph({ maxNodes }: { readonly maxNodes: number }): fc.Arbitrary<Graph> {
  return fc
    .tuple(arbitraryGraph({ maxNodes, cyclic: false }), fc.infiniteStream(fc.nat()))
    .map(([graph, draws]) => withBranches(graph, (below) => (draws.next().value as number) % below));
}

function withBranches(graph: Graph, draw: (below: number) => number): Graph {
  const incoming = (id: string) => graph.edges.filter(({ target }) => target === id).length;
  const nodes = graph.nodes.map((node): GraphNode => {
    const kinds = [
      'delay',
      'merge',
      ...(incoming(node.id) <= 1 ? ['switch', 'switch'] : []),
      ...(incoming(node.id) <= 2 ? ['llm'] : []),
    ];
    const type = kinds[draw(kinds.length)]!;
    return { ...node, type, data: type === 'switch' ? { cases } : {} };
  });
  const typeOf = new Map(nodes.map(({ id, type }) => [id, type]));
  const seen = new Map<string, number>();
  const edges = graph.edges.map((edge): GraphEdge => {
    const number = seen.get(edge.target) ?? 0;
    seen.set(edge.target, number + 1);
    const outputs = typeOf.get(edge.source) === 'switch' ? switchOutputs : ['output'];
    const sourceHandle = draw(5) === 0 ? 'error' : outputs[draw(outputs.length)]!;
    return { ...edge, sourceHandle, targetHandle: inputOf(typeOf.get(edge.target)!, number) };
  });
  return { nodes, edges };
}

function inputOf(type: string, number: number): string {
  if (type === 'llm') return ['system_prompt', 'user_message'][number]!;
  return type === 'merge' ? 'values' : type === 'switch' ? 'value' : 'input';
}
