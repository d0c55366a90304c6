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

/** A graph as it is stored, in bytes of JSON: half of the largest body of a request. */
export const maxGraphBytes = 1_048_576;
