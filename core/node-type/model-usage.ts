/** What an answer has used, in tokens. */
export interface ModelUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** In US dollars; null or missing where the model has no known price. */
  readonly costUsd?: number | null | undefined;
}
