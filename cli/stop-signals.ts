interface StopSignals {
  /** Resolves with the first signal that asks to stop. */
  readonly first: Promise<NodeJS.Signals>;
  /** No longer listens. */
  dispose(): void;
}

/** npm passes Ctrl-C on although the terminal already sent it: what follows this soon is the same key press. */
const samePressMs = 700;

/**
 * Listens for Ctrl-C, SIGTERM and a closed terminal. The first one resolves
 * `first`; a later one, when the user is out of patience, calls `onAgain`. A
 * hang-up is no impatience: it may follow from the first signal ending our parent.
 */
export function listenForStop(onAgain: () => void): StopSignals {
  let firstAt: number | undefined;
  let resolveFirst: (signal: NodeJS.Signals) => void = () => {};
  const first = new Promise<NodeJS.Signals>((resolve) => (resolveFirst = resolve));
  const onSignal = (signal: NodeJS.Signals): void => {
    if (firstAt === undefined) {
      firstAt = performance.now();
      resolveFirst(signal);
    } else if (signal !== 'SIGHUP' && performance.now() - firstAt > samePressMs) {
      onAgain();
    }
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  signals.forEach((signal) => process.on(signal, onSignal));
  return { first, dispose: () => signals.forEach((signal) => process.off(signal, onSignal)) };
}
