import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nodeCatalogue } from '../../nodes/definitions.ts';
import { arbitraryGraph, chainOf, graphOf, layersOf } from '../../testing/graphs.ts';
import type { Graph } from './graph.ts';
import { reachableFrom, topologicalOrder } from './order.ts';
import { structureOf } from './structure.ts';

function orderOf(graph: Graph) {
  const { dependencies, dependents } = structureOf(graph, nodeCatalogue);
  return topologicalOrder(dependencies, dependents);
}

describe('the order of a graph', () => {
  test('of nothing is nothing', () => {
    expect(orderOf({ nodes: [], edges: [] })).toEqual({ order: [], longestPath: 0, cycle: null });
  });

  test('of nodes without edges is the order they are written in', () => {
    expect(orderOf(graphOf(['c', 'a', 'b']))).toEqual({ order: ['c', 'a', 'b'], longestPath: 1, cycle: null });
  });

  test('of a diamond has the join last, once', () => {
    const diamond = graphOf(['join', 'left', 'right', 'top'], ['top>left', 'top>right', 'left>join', 'right>join']);
    expect(orderOf(diamond)).toEqual({ order: ['top', 'left', 'right', 'join'], longestPath: 3, cycle: null });
  });

  test('counts the longest path by nodes, not the shortest', () => {
    expect(orderOf(graphOf(['a', 'b', 'c', 'd'], ['a>d', 'a>b', 'b>c', 'c>d'])).longestPath).toBe(4);
    expect(orderOf(layersOf(7, 3, 2)).longestPath).toBe(7);
    expect(orderOf(chainOf(100_000)).longestPath).toBe(100_000);
  });

  test('keeps what is not behind a cycle', () => {
    const graph = graphOf(['x', 'a', 'b', 'behind', 'apart'], ['x>a', 'a>b', 'b>a', 'b>behind']);
    expect(orderOf(graph)).toEqual({ order: ['x', 'apart'], longestPath: 1, cycle: ['b', 'a'] });
  });

  test('is a permutation of the nodes with dependencies first, for any graph without a cycle', () => {
    fc.assert(
      fc.property(arbitraryGraph({ maxNodes: 25, cyclic: false }), (graph) => {
        const { order, cycle } = orderOf(graph);
        expect(cycle).toBeNull();
        expect(order.toSorted()).toEqual(graph.nodes.map(({ id }) => id).toSorted());
        const place = new Map(order.map((id, index) => [id, index]));
        for (const { source, target } of graph.edges) expect(place.get(source)).toBeLessThan(place.get(target)!);
      }),
      { numRuns: 500 },
    );
  });

  test('is incomplete exactly when there is a cycle, and the cycle follows the edges', () => {
    let cyclic = 0;
    fc.assert(
      fc.property(arbitraryGraph({ maxNodes: 10, cyclic: true }), (graph) => {
        const { order, cycle } = orderOf(graph);
        expect(cycle !== null).toBe(hasCycle(graph));
        expect(order.length === graph.nodes.length).toBe(cycle === null);
        if (cycle === null) return;
        cyclic += 1;
        expect(new Set(cycle).size).toBe(cycle.length);
        cycle.forEach((id, index) => {
          const next = cycle[(index + 1) % cycle.length];
          expect(graph.edges.some((edge) => edge.source === id && edge.target === next)).toBe(true);
        });
      }),
      { numRuns: 500 },
    );
    // Both answers have been seen, else the property has shown nothing.
    expect(cyclic).toBeGreaterThan(50);
    expect(cyclic).toBeLessThan(450);
  });
});

/** Some node reaches itself: found by plain search, a way unlike the one under test. */
function hasCycle(graph: Graph): boolean {
  return graph.nodes.some(({ id }) => {
    const seen = new Set<string>();
    const queue = graph.edges.filter((edge) => edge.source === id).map((edge) => edge.target);
    while (queue.length > 0) {
      const next = queue.pop()!;
      if (next === id) return true;
      if (seen.has(next)) continue;
      seen.add(next);
      queue.push(...graph.edges.filter((edge) => edge.source === next).map((edge) => edge.target));
    }
    return false;
  });
}

describe('what can be reached', () => {
  test('holds the starts and everything behind them, once', () => {
    const graph = graphOf(['a', 'b', 'c', 'd', 'apart'], ['a>b', 'a>c', 'b>d', 'c>d']);
    const { dependencies, dependents } = structureOf(graph, nodeCatalogue);
    expect([...reachableFrom(['b'], dependents)].toSorted()).toEqual(['b', 'd']);
    expect([...reachableFrom(['d'], dependencies)].toSorted()).toEqual(['a', 'b', 'c', 'd']);
    expect([...reachableFrom([], dependents)]).toEqual([]);
    expect([...reachableFrom(['unknown'], dependents)]).toEqual(['unknown']);
  });

  test('ends in a graph that has a cycle', () => {
    const { dependents } = structureOf(graphOf(['a', 'b'], ['a>b', 'b>a']), nodeCatalogue);
    expect([...reachableFrom(['a'], dependents)].toSorted()).toEqual(['a', 'b']);
  });
});
