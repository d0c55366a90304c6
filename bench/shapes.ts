import type { Graph } from '../core/graph/graph.ts';
import { createRandom } from '../testing/chaos/random.ts';

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

export function delayGraph(ids: readonly string[], edges: readonly (readonly [string, string])[], ms = 0): Graph {
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

/** `length` nodes one after another, each of which takes `ms`. */
export function chain(length: number, ms = 0): Shape {
  const ids = range(length).map((index) => `n${index}`);
  const graph = delayGraph(
    ids,
    ids.slice(1).map((id, index) => [ids[index]!, id] as const),
    ms,
  );
  const flow = range(length - 1).reduce<FlowTree>((tree) => ({ children: [tree] }), leaf);
  return { name: ms === 0 ? `chain${length}` : `chain${length} of ${ms} ms`, graph, flow, nodes: length };
}

/** `width` nodes that wait for nothing, each of which takes `ms`. */
export function wide(width: number, ms: number): Shape {
  const graph = delayGraph(
    range(width).map((index) => `n${index}`),
    [],
    ms,
  );
  return { name: `${width} of ${ms} ms`, graph, flow: { children: range(width - 1).map(() => leaf) }, nodes: width };
}

/** How many graphs `mixed` has. */
const mixedGraphs = 32;

/** Random graphs of 5 to 20 nodes, the same each time; the last node of each waits for all that nobody waits for. */
export function mixed(): readonly Shape[] {
  const random = createRandom(1);
  return range(mixedGraphs).map((number) => {
    const count = random.between(5, 20);
    const edges: (readonly [string, string])[] = [];
    const isNeeded = new Set<number>();
    for (const index of range(count - 1).slice(1)) {
      const sources = new Set(range(random.between(0, 3)).map(() => Math.max(0, index - random.between(1, 5))));
      for (const source of sources) {
        edges.push([`n${source}`, `n${index}`]);
        isNeeded.add(source);
      }
    }
    for (const index of range(count - 1)) if (!isNeeded.has(index)) edges.push([`n${index}`, `n${count - 1}`]);
    const graph = delayGraph(
      range(count).map((index) => `n${index}`),
      edges,
    );
    return { name: `mixed${number}`, graph, flow: treeOf(`n${count - 1}`, edges), nodes: count };
  });
}

/** Each node under the first that waits for it: a flow is a tree. */
function treeOf(root: string, edges: readonly (readonly [string, string])[]): FlowTree {
  const parents = new Map<string, string>();
  for (const [source, target] of edges) if (!parents.has(source)) parents.set(source, target);
  const under = (id: string): FlowTree => ({
    children: [...parents].filter(([, parent]) => parent === id).map(([child]) => under(child)),
  });
  return under(root);
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
