/*
 * Edges of a run. An edge is open until the node that it comes from is settled: completed, skipped by a branch, or failed
 * where that is handled. Then it is live, a value came over it, or dead: none ever will. Each state is written, and never
 * concluded from silence. Only nodes into which an edge may turn out dead have their edges written down; for all others
 * every edge is live once its source has completed.
 */

/** The output that every node has for why it failed; it is live where the node has failed and an edge leads on from it. */
export const errorOutputId = 'error';

/** What is known of an edge that is not open any more. */
export type EdgeState = 'live' | 'dead';

/** An edge into a node, as far as it has a say in whether the node runs. */
export interface RunEdge {
  readonly id: string;
  /** The node and the output that it comes from. */
  readonly from: string;
  readonly out: string;
  /** Edges of one number lead to one handle, and one of them has to be live; without a number the node does without. */
  readonly need?: number;
  /** Missing while it is open. */
  readonly state?: EdgeState;
}

/**
 * What becomes of a node with these edges: it waits while one of them is open; it is skipped where a handle that needs a
 * value has none but dead ones; else it runs.
 */
export function judgeEdges(edges: readonly RunEdge[]): 'wait' | 'skip' | 'run' {
  if (edges.some(({ state }) => state === undefined)) return 'wait';
  const isMet = new Map<number, boolean>();
  for (const { need, state } of edges) {
    if (need !== undefined) isMet.set(need, isMet.get(need) === true || state === 'live');
  }
  return [...isMet.values()].every(Boolean) ? 'run' : 'skip';
}

/** The edges after a node was settled: those that come from it are live where it gave a value, else dead. */
export function settleEdges(
  edges: readonly RunEdge[],
  source: string,
  isGiven: (output: string) => boolean,
): readonly RunEdge[] {
  return edges.map((edge) =>
    edge.from === source && edge.state === undefined ? { ...edge, state: isGiven(edge.out) ? 'live' : 'dead' } : edge,
  );
}

/** How many nodes are still to be settled. */
export function countOpenSources(edges: readonly RunEdge[]): number {
  return new Set(edges.filter(({ state }) => state === undefined).map(({ from }) => from)).size;
}
