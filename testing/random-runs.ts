import type { NodeState, RunState } from '../core/run/decide.ts';
import { errorOutputId, type RunEdge } from '../core/run/edges.ts';

/** Draws that are the same for the same seed. */
export type Draws = ReturnType<typeof createDraws>;

/** Mulberry32. */
export function createDraws(seed: number) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    chance: (share: number) => next() < share,
    between: (from: number, to: number) => from + next() * (to - from),
  };
}

/** Outputs of each node of a random run. */
export const runOutputs = ['a', 'b'];

/** A run as it was planned, of up to `most` nodes `n0`, `n1` …; half of them have branches, and errors that are handled. */
export function randomRun(draws: Draws, most: number): RunState {
  const count = Math.floor(draws.between(1, most + 1));
  const dependencies = Array.from({ length: count }, (_, index) =>
    Array.from({ length: index }, (_unused, other) => other).filter(() => draws.chance(0.35)),
  );
  // Half of all runs have branches: then the edges of every node are written down.
  const hasBranches = draws.chance(0.5);
  const edges = dependencies.map((waitsFor, index) =>
    waitsFor.map((source): RunEdge => ({
      id: `${source}-${index}`,
      from: `n${source}`,
      out: draws.chance(0.2) ? errorOutputId : runOutputs[Math.floor(draws.between(0, runOutputs.length))]!,
      // One handle or two that need a value, and one that does without.
      ...(draws.chance(0.2) ? {} : { need: Math.floor(draws.between(0, 2)) }),
    })),
  );
  const handling = new Set(edges.flat().flatMap(({ from, out }) => (out === errorOutputId ? [from] : [])));
  const nodes = dependencies.map((waitsFor, index): [string, NodeState] => [
    `n${index}`,
    {
      status: 'PENDING',
      attempt: 1,
      crashCount: 0,
      pendingDependencies: waitsFor.length,
      dependents: dependencies.flatMap((others, other) => (others.includes(index) ? [`n${other}`] : [])),
      ...(hasBranches ? { edges: edges[index]!, handlesError: handling.has(`n${index}`) } : {}),
    },
  ]);
  return { status: 'PENDING', nodes: new Map(nodes) };
}

/** Outputs that each node that completed gave. */
export type GivenOutputs = ReadonlyMap<string, readonly string[]>;

/** A node that has decided has no open edge, and each one is live exactly where a value came over it. */
export function wrongEdges(state: RunState, id: string, given: GivenOutputs): string[] {
  const { status, skipReason, edges = [] } = state.nodes.get(id)!;
  if (status === 'CANCELLED' || skipReason === 'failed') return [];
  return edges.flatMap((edge) => {
    const { status: source } = state.nodes.get(edge.from)!;
    const isGiven =
      edge.out === errorOutputId
        ? source === 'FAILED'
        : source === 'COMPLETED' && (given.get(edge.from)?.includes(edge.out) ?? false);
    const expected = isGiven ? 'live' : 'dead';
    return edge.state === expected ? [] : [`${edge.id} is ${edge.state ?? 'open'} and not ${expected}`];
  });
}
