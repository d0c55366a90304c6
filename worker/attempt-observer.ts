/** How an attempt ended, as far as its worker is concerned. */
export type AttemptOutcome = 'completed' | 'cached' | 'failed' | 'retried' | 'handed-back' | 'suspended' | 'lost';

interface ObservedAttempt {
  readonly id: string;
  readonly runId: string;
  readonly nodeId: string;
  readonly nodeType: string;
  readonly attempt: number;
}

/** Looks on while attempts are executed: for figures and traces. It must not throw and must not wait. */
export interface AttemptObserver {
  /** A job waited so long in the queue, beyond the delay it was given, or an attempt that was kept for a place. */
  waited(nodeExecutionId: string, milliseconds: number): void;
  /** An attempt begins; the function that comes back is called when its end is recorded. */
  begin(attempt: ObservedAttempt): (outcome: AttemptOutcome) => void;
}
