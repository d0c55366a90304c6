/** What of the server is asked for by plain requests, and how it stands now. */
export interface AskingDeps {
  /** One round of questions; rejects where the server was not reached. */
  readonly ask: () => Promise<void>;
  /** Whether a live connection stands: then it is asked for little. */
  readonly isLive: () => boolean;
  /** Whether something is under way that changes by the second. */
  readonly isUnderWay: () => boolean;
  /** Called after each round: whether the server answered. */
  readonly onRound: (isReached: boolean) => void;
  /** `setTimeout`, or a stand-in for it; returns what takes it back. */
  readonly later: (act: () => void, ms: number) => () => void;
}

/** Asks the server in rounds, for as long as it is started. */
export interface Asking {
  start(): void;
  stop(): void;
  /** Asks now instead of later. */
  hurry(): void;
}

/** Pauses between two rounds, in milliseconds. */
export const askPauses = {
  /** A live connection that is not there by then is done without. */
  first: 3_000,
  /** As often as a person looks. */
  underWay: 1_000,
  atRest: 5_000,
  /** A connection that is open and dead is found by its silence. */
  liveUnderWay: 15_000,
  liveAtRest: 60_000,
  /** After rounds that reached nobody the pause doubles up to this. */
  longest: 15_000,
} as const;

/**
 * Asks again and again what a live connection would have told: often where
 * there is none, seldom where there is one.
 */
export function createAsking({ ask, isLive, isUnderWay, onRound, later }: AskingDeps): Asking {
  let isRunning = false;
  let isAsking = false;
  let failures = 0;
  let cancel = () => {};

  function pause(): number {
    if (isLive()) return isUnderWay() ? askPauses.liveUnderWay : askPauses.liveAtRest;
    const usual = isUnderWay() ? askPauses.underWay : askPauses.atRest;
    return Math.min(askPauses.longest, usual * 2 ** failures);
  }

  function plan(ms: number): void {
    cancel();
    if (isRunning) cancel = later(() => void round(), ms);
  }

  async function round(): Promise<void> {
    if (isAsking) return;
    isAsking = true;
    const isReached = await ask().then(
      () => true,
      () => false,
    );
    isAsking = false;
    if (!isRunning) return;
    failures = isReached ? 0 : failures + 1;
    onRound(isReached);
    plan(pause());
  }

  return {
    start: () => {
      isRunning = true;
      plan(askPauses.first);
    },
    stop: () => {
      isRunning = false;
      cancel();
    },
    hurry: () => plan(0),
  };
}
