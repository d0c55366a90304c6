import type { Logger } from '../core/node-type/executor.ts';

/** What a program has opened so far. */
export interface OpenedParts {
  /** `close` is called when the program ends, and when something that is opened after it fails. */
  add(close: () => Promise<void>): void;
  /** Closes everything in the opposite order. What does not close cleanly is told to the log, and the others are closed. */
  closeAll(): Promise<void>;
}

/** Empty; parts are added in the order in which they are opened. */
export function createOpenedParts(logger: Logger): OpenedParts {
  const opened: (() => Promise<void>)[] = [];
  return {
    add: (close) => void opened.push(close),
    closeAll: async () => {
      for (const close of opened.splice(0).toReversed()) {
        await close().catch((error: unknown) => logger.warn({ err: error }, 'a part did not stop cleanly'));
      }
    },
  };
}
