import { RetryableError } from '../../core/errors/app-error.ts';

/** Whose password is to be hashed. */
export interface Asker {
  /** The network that the request comes from. */
  readonly network: string;
  /** The account that it is about, whether there is one or not. */
  readonly account: string;
  /** The browser has signed in to the account before, or is signed in. */
  readonly isKnown: boolean;
}

/** Hashes passwords in turns among whoever asks. */
export interface HashingTurns {
  /** Does the work when it is the asker's turn. Throws RATE_LIMITED where too many of the asker wait, or for too long. */
  take<Result>(asker: Asker, signal: AbortSignal, work: () => Promise<Result>): Promise<Result>;
}

/** How many are hashed at once, and how long one may wait. */
export interface HashingTurnsOptions {
  /** Passwords that are hashed at once. */
  readonly places: number;
  /** The longest that somebody waits. Default 15,000 ms: a browser's own patience is longer. */
  readonly maxWaitMs?: number;
}

/** Of one network, and of one account that is known; a person signs in once. */
const maxWaitingEach = 4;
/** In all: what the places get through within the longest wait. */
const maxWaiting = 100;

interface Waiting {
  readonly asker: Asker;
  /** Whose turns are counted together. */
  readonly line: string;
  /** Which round it belongs to: one more than the one before it in its line, and never one that is over. */
  readonly round: number;
  readonly start: () => void;
}

/**
 * Turns at hashing, which takes a core for a quarter of a second: among networks
 * one after the other, so that a flood from one of them delays itself. Whoever is
 * known comes first, and one place is never given to anybody else.
 */
export function createHashingTurns({ places, maxWaitMs = 15_000 }: HashingTurnsOptions): HashingTurns {
  let waiting: Waiting[] = [];
  /** The round of the last one in each line; forgotten when nobody waits. */
  const lastRound = new Map<string, number>();
  let round = 0;
  const busy = { known: 0, strangers: 0 };

  function refuse(): RetryableError {
    return new RetryableError('RATE_LIMITED', 'Too many sign-ins at this moment. Try again in a few seconds.', {
      retryAfterMs: 3_000,
    });
  }

  function nextOf(candidates: readonly Waiting[]): Waiting | undefined {
    return candidates.reduce<Waiting | undefined>(
      (first, other) => (first === undefined || other.round < first.round ? other : first),
      undefined,
    );
  }

  function startNext(): void {
    while (busy.known + busy.strangers < places) {
      const hasRoom = busy.strangers < Math.max(1, places - 1);
      const next = nextOf(waiting.filter(({ asker }) => asker.isKnown)) ?? (hasRoom ? nextOf(waiting) : undefined);
      if (next === undefined) return;
      waiting = waiting.filter((other) => other !== next);
      round = Math.max(round, next.round);
      busy[next.asker.isKnown ? 'known' : 'strangers'] += 1;
      next.start();
    }
  }

  function wait(asker: Asker, signal: AbortSignal): Promise<void> {
    const line = asker.isKnown ? `account ${asker.account}` : `network ${asker.network}`;
    const own = waiting.filter((other) => other.line === line).length;
    if (own >= maxWaitingEach || waiting.length >= maxWaiting) return Promise.reject(refuse());
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        waiting = waiting.filter((other) => other !== entry);
        finish();
      };
      const entry: Waiting = {
        asker,
        line,
        round: Math.max(round, lastRound.get(line) ?? 0) + 1,
        start: () => settle(resolve),
      };
      lastRound.set(line, entry.round);
      const onAbort = () => settle(() => reject(signal.reason));
      const timer = setTimeout(() => settle(() => reject(refuse())), maxWaitMs);
      signal.addEventListener('abort', onAbort, { once: true });
      waiting.push(entry);
      startNext();
    });
  }

  return {
    take: async (asker, signal, work) => {
      signal.throwIfAborted();
      await wait(asker, signal);
      try {
        return await work();
      } finally {
        busy[asker.isKnown ? 'known' : 'strangers'] -= 1;
        if (waiting.length === 0) lastRound.clear();
        startNext();
      }
    },
  };
}
