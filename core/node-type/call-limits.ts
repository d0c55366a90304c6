/** What the answer to a call says about further calls with the same key and model. */
export interface Allowance {
  /** What is counted. */
  readonly of: 'requests' | 'tokens';
  /** How much may still be used. */
  readonly left: number;
  /** How much there is at most; null where the provider does not say. */
  readonly limit: number | null;
  /** Milliseconds until all of it is there again; null where the provider does not say. */
  readonly resetMs: number | null;
  /** Whether what was used comes back little by little, not all of it at the end. */
  readonly refills: boolean;
}

/** How a call of a model is made. */
export interface ModelCallOptions {
  readonly signal: AbortSignal;
  /** Gets what answers say about further calls, refusals as well; several times where a call takes several requests. */
  readonly onAllowances?: (allowances: readonly Allowance[]) => void;
}
