import type { Graph } from '../core/graph/graph.ts';

/** A workload: its graph of `delay` nodes of 0 ms, and the BullMQ flow with as many jobs. */
export interface Shape {
  readonly name: string;
  readonly graph: Graph;
  readonly flow: FlowTree;
  readonly nodes: number;
}

/** A job with the jobs it waits for, as BullMQ's flows have it. */
export interface FlowTree {
  readonly children: readonly FlowTree[];
}

const leaf: FlowTree = { children: [] };

function delayGraph(ids: readonly string[], edges: readonly (readonly [string, string])[], ms = 0): Graph {
  return {
    nodes: ids.map((id, index) => ({ id, type: 'delay', position: { x: index * 320, y: 0 }, data: { ms } })),
    edges: edges.map(([source, target]) => ({
      id: `${source}-${target}`,
      source,
      sourceHandle: 'output',
      target,
      targetHandle: 'input',
    })),
  };
}

const range = (count: number) => Array.from({ length: count }, (_, index) => index);

/** `length` nodes one after another. */
export function chain(length: number): Shape {
  const ids = range(length).map((index) => `n${index}`);
  const graph = delayGraph(
    ids,
    ids.slice(1).map((id, index) => [ids[index]!, id] as const),
  );
  const flow = range(length - 1).reduce<FlowTree>((tree) => ({ children: [tree] }), leaf);
  return { name: `chain${length}`, graph, flow, nodes: length };
}

/** 1 -> width -> 1. A flow is a tree, so its first node is under one of the others. */
export function fan(width: number): Shape {
  const middle = range(width).map((index) => `n${index}`);
  const graph = delayGraph(
    ['first', ...middle, 'last'],
    middle.flatMap((id) => [['first', id] as const, [id, 'last'] as const]),
  );
  const flow = { children: [{ children: [leaf] }, ...range(width - 1).map(() => leaf)] };
  return { name: `fan${width}`, graph, flow, nodes: width + 2 };
}

/** a -> b, c -> d. */
export function diamond(): Shape {
  const graph = delayGraph(
    ['a', 'b', 'c', 'd'],
    [
      ['a', 'b'],
      ['a', 'c'],
      ['b', 'd'],
      ['c', 'd'],
    ],
  );
  return { name: 'diamond', graph, flow: { children: [{ children: [leaf] }, leaf] }, nodes: 4 };
}
