import { createRecentMap } from './recent-map.ts';

/** Why an attempt was stopped from outside. */
export type StopReason = 'gone' | 'timeout' | 'drain';

/** The reason of an attempt's aborted signal. */
export class AttemptStopped extends Error {
  readonly reason: StopReason;

  constructor(reason: StopReason) {
    super(
      {
        gone: 'The attempt is not ours any more: cancelled, rescued or deleted.',
        timeout: 'The attempt took longer than its limit.',
        drain: 'The worker is shutting down.',
      }[reason],
    );
    this.name = 'AttemptStopped';
    this.reason = reason;
  }
}

interface ActiveAttempt {
  readonly id: string;
  readonly runId: string;
  readonly nodeId: string;
  readonly attempt: number;
  readonly startedAt: number;
}

interface Entry extends ActiveAttempt {
  readonly controller: AbortController;
}

/** The attempts that this process executes right now. */
export interface AttemptRegistry {
  /**
   * Registers an attempt; its controller aborts with AttemptStopped. Null where this process has it in hand, or had it
   * lately: of an attempt whose claim was not answered two questions may hear.
   */
  add(attempt: ActiveAttempt): AbortController | null;
  /** It has ended here. */
  remove(id: string, attempt: number): void;
  list(): readonly ActiveAttempt[];
  /** Whether any attempt of the node execution is under way here. */
  has(id: string): boolean;
  stopRun(runId: string): void;
  /** Those attempts alone: a later one of the same node execution may be ours again. */
  stopAttempts(attempts: readonly { readonly id: string; readonly attempt: number }[]): void;
  stopAll(reason: StopReason): void;
}

/** Much longer than a statement is under way: what one says of an attempt is older than that by its time at most. */
const rememberMs = 60_000;
/** Attempts; about 8 MB. */
const maxRemembered = 50_000;

/** Empty; one for all of a process. */
export function createAttemptRegistry(): AttemptRegistry {
  const entries = new Map<string, Entry>();
  const ended = createRecentMap<true>({
    keepMs: rememberMs,
    maxWeight: maxRemembered,
    now: () => performance.now(),
  });
  const stop = (select: (entry: Entry) => boolean, reason: StopReason) => {
    for (const entry of entries.values()) if (select(entry)) entry.controller.abort(new AttemptStopped(reason));
  };
  return {
    add: (attempt) => {
      const key = `${attempt.id}-${attempt.attempt}`;
      if (entries.has(key) || ended.get(key) === true) return null;
      const controller = new AbortController();
      entries.set(key, { ...attempt, controller });
      return controller;
    },
    remove: (id, attempt) => {
      const key = `${id}-${attempt}`;
      entries.delete(key);
      ended.set(key, true);
    },
    list: () => [...entries.values()],
    has: (id) => [...entries.values()].some((entry) => entry.id === id),
    stopRun: (runId) => stop((entry) => entry.runId === runId, 'gone'),
    stopAttempts: (attempts) => {
      const keys = new Set(attempts.map(({ id, attempt }) => `${id}-${attempt}`));
      stop((entry) => keys.has(`${entry.id}-${entry.attempt}`), 'gone');
    },
    stopAll: (reason) => stop(() => true, reason),
  };
}
