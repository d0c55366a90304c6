/** Node ids by node id. */
export type Adjacency = ReadonlyMap<string, readonly string[]>;

/** An order to execute nodes in, or the cycle that rules it out. */
export interface TopologicalOrder {
  /** Every node after all of its dependencies; among equals the order of the map. */
  readonly order: readonly string[];
  /** Nodes on the longest path; 0 for an empty graph. */
  readonly longestPath: number;
  /** One cycle, node by node, without repeating the first; null where there is none. */
  readonly cycle: readonly string[] | null;
}

/**
 * Orders nodes so that dependencies come first (Kahn's algorithm, linear in
 * nodes and edges). With a cycle, `order` holds the nodes outside of it and
 * behind nothing in it.
 */
export function topologicalOrder(dependencies: Adjacency, dependents: Adjacency): TopologicalOrder {
  const waitingFor = new Map<string, number>();
  const depth = new Map<string, number>();
  const order: string[] = [];
  for (const [id, list] of dependencies) {
    waitingFor.set(id, list.length);
    if (list.length === 0) order.push(id);
  }
  let longestPath = 0;
  for (let next = 0; next < order.length; next += 1) {
    const id = order[next]!;
    const level = (depth.get(id) ?? 0) + 1;
    longestPath = Math.max(longestPath, level);
    for (const dependent of dependents.get(id) ?? []) {
      depth.set(dependent, Math.max(depth.get(dependent) ?? 0, level));
      const left = waitingFor.get(dependent)! - 1;
      waitingFor.set(dependent, left);
      if (left === 0) order.push(dependent);
    }
  }
  return { order, longestPath, cycle: order.length === dependencies.size ? null : findCycle(dependencies, order) };
}

/** Walks back along dependencies from a node that could not be ordered until a node comes up twice. */
function findCycle(dependencies: Adjacency, ordered: readonly string[]): readonly string[] {
  const settled = new Set(ordered);
  const path: string[] = [];
  const positions = new Map<string, number>();
  let id = [...dependencies.keys()].find((candidate) => !settled.has(candidate))!;
  while (!positions.has(id)) {
    positions.set(id, path.length);
    path.push(id);
    id = dependencies.get(id)!.find((dependency) => !settled.has(dependency))!;
  }
  return path.slice(positions.get(id)).toReversed();
}

/** Every node that can be reached from `starts`, the starts included. */
export function reachableFrom(starts: Iterable<string>, next: Adjacency): Set<string> {
  const reached = new Set<string>(starts);
  const queue = [...reached];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    for (const neighbor of next.get(id) ?? []) {
      if (reached.has(neighbor)) continue;
      reached.add(neighbor);
      queue.push(neighbor);
    }
  }
  return reached;
}
