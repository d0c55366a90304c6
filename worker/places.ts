/*
 * The places of one pool: how many attempts a process executes at once.
 *
 * A job of the queue takes one for as long as it lasts. A worker may keep more of what it made ready than the one that it
 * goes on with in its own place: as many as there are free places, and while nodes are short a line of further ones, which
 * is gone before jobs would have come. Jobs and the line take turns. What waits in the line for too long is given to the queue.
 * A run is begun when the line has room for what it will make ready: else that would go to the queue, at several times the cost.
 * No run waits for that for long: others may keep the line full for as long as they last.
 */
export interface Places {
  /** Resolves when there is a place: with how to leave it, once. */
  enterJob(): Promise<() => void>;
  /** The same for an attempt that was kept. Null: it waited too long, and is to be handed back. */
  enterKept(): Promise<(() => void) | null>;
  /**
   * Resolves when there is room for what a run will make ready, as far as can be foreseen. Of runs that have waited for half
   * of `lateMs` one is begun every quarter of a second all the same.
   */
  mayBegin(): Promise<void>;
  /** From now on runs are begun at once: what they make ready goes to the queue. */
  keepNothing(): void;
  /** Holds room for up to `wanted` attempts that may be kept, and gives for how many; give it back with `unhold`. */
  hold(wanted: number): number;
  /** The same for the first nodes of a run. */
  holdFirst(wanted: number): number;
  unhold(count: number): void;
  /** Hears how long a node took, in milliseconds. */
  worked(ms: number): void;
}

interface PlacesOptions {
  readonly count: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** How long a kept attempt waits for a place before it is late, in milliseconds. Default 2,000. */
  readonly lateMs?: number | undefined;
}

/** Nodes that take longer on average get no line. */
const shortMs = 25;
/** Of a worker with 64 places: 512 claimed attempts that wait. */
const lineOfPlace = 8;
/** Runs are begun until half of the line is taken, or spoken for. */
const begunLine = lineOfPlace / 2;
/** By then a run that was begun has made ready what follows its first nodes. */
const freshMs = 250;
/** What the newest node counts in an average. */
const weight = 0.05;
const defaultLateMs = 2_000;

interface Begin {
  readonly go: () => void;
  readonly since: number;
}

interface Kept {
  readonly enter: () => void;
  readonly giveUp: () => void;
  readonly since: number;
}

/** For one pool of one process. */
export function createPlaces({ count, now, lateMs = defaultLateMs }: PlacesOptions): Places {
  let taken = 0;
  let held = 0;
  /** Nothing is known of nodes before the first one: they may be long. */
  let averageMs = Number.POSITIVE_INFINITY;
  const kept: Kept[] = [];
  const jobs: (() => void)[] = [];
  /** Runs that are to be begun, and when the last ones were. */
  const begins: Begin[] = [];
  const fresh: number[] = [];
  /** When one was last begun that there was no room for. */
  let forcedAt = Number.NEGATIVE_INFINITY;
  let isKeeping = true;
  /** How many attempts a node asks room for on average, of those that ask for any. */
  let spread = 0;
  let look: NodeJS.Timeout | undefined;
  let isTurnOfJobs = false;
  let timer: NodeJS.Timeout | undefined;

  function take(): () => void {
    taken += 1;
    let isLeft = false;
    return () => {
      if (isLeft) return;
      isLeft = true;
      taken -= 1;
      next();
    };
  }

  function next(): void {
    isTurnOfJobs = !isTurnOfJobs && jobs.length > 0;
    const enter = isTurnOfJobs || kept.length === 0 ? jobs.shift() : kept.shift()?.enter;
    enter?.();
    letBegin();
  }

  function isSpokenFor(): boolean {
    const latest = now() - freshMs;
    while (fresh.length > 0 && fresh[0]! < latest) fresh.shift();
    return kept.length + held + fresh.length * spread >= count * begunLine;
  }

  /** From when on the run that has waited longest is begun whatever there is room for. */
  const forcedFrom = () => Math.max(begins[0]!.since + lateMs / 2, forcedAt + freshMs);

  function letBegin(): void {
    clearTimeout(look);
    while (begins.length > 0) {
      if (isKeeping && isSpokenFor()) {
        if (now() < forcedFrom()) break;
        forcedAt = now();
      }
      fresh.push(now());
      begins.shift()!.go();
    }
    if (begins.length === 0) return;
    // What was begun lately has come to nothing by then, or to what is in the line.
    const foreseen = fresh.length > 0 ? fresh[0]! + freshMs : Number.POSITIVE_INFINITY;
    look = setTimeout(letBegin, Math.max(1, Math.min(forcedFrom(), foreseen) - now() + 1));
  }

  function sendLateBack(): void {
    timer = undefined;
    while (kept.length > 0 && now() - kept[0]!.since >= lateMs) kept.shift()!.giveUp();
    watch();
  }

  function watch(): void {
    if (timer !== undefined || kept.length === 0) return;
    timer = setTimeout(sendLateBack, Math.max(1, kept[0]!.since + lateMs - now()));
    timer.unref();
  }

  const most = () => (averageMs < shortMs ? count * (1 + lineOfPlace) : count);

  function hold(wanted: number): number {
    const given = Math.max(0, Math.min(wanted, most() - taken - kept.length - held));
    held += given;
    return given;
  }

  return {
    enterJob: async () => {
      if (taken < count) return take();
      return new Promise((resolve) => void jobs.push(() => resolve(take())));
    },
    enterKept: async () => {
      if (taken < count) return take();
      return new Promise((resolve) => {
        kept.push({ enter: () => resolve(take()), giveUp: () => resolve(null), since: now() });
        watch();
      });
    },
    mayBegin: () =>
      new Promise((resolve) => {
        begins.push({ go: resolve, since: now() });
        letBegin();
      }),
    keepNothing: () => {
      isKeeping = false;
      letBegin();
    },
    hold: (wanted) => {
      fresh.shift();
      spread += (wanted - spread) * weight;
      return hold(wanted);
    },
    holdFirst: hold,
    unhold: (given) => {
      held -= given;
    },
    worked: (ms) => {
      averageMs = averageMs === Number.POSITIVE_INFINITY ? ms : averageMs + (ms - averageMs) * weight;
    },
  };
}
