/** How big a graph may be. Operators may raise them; the engine itself is measured up to 5,000 nodes. */
export interface GraphLimits {
  readonly maxNodes: number;
  readonly maxEdges: number;
  /** Nodes on the longest path. */
  readonly maxChain: number;
  /** Edges out of one node. */
  readonly maxFanOut: number;
}

/** Far above what fits a screen, far below what strains the database. */
export const defaultGraphLimits: GraphLimits = { maxNodes: 500, maxEdges: 2_000, maxChain: 200, maxFanOut: 1_000 };
