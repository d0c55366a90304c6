/*
 * The places of one pool: how many attempts a process executes at once.
 *
 * A job of the queue takes one for as long as it lasts. A worker may keep more of what it made ready than the one that it
 * goes on with in its own place: as many as there are free places, and while nodes are short a line of further ones, which
 * is gone before jobs would have come. Jobs and the line take turns. What waits in the line for too long is given to the queue.
 */
export interface Places {
  /** Resolves when there is a place: with how to leave it, once. */
  enterJob(): Promise<() => void>;
  /** The same for an attempt that was kept. Null: it waited too long, and is to be handed back. */
  enterKept(): Promise<(() => void) | null>;
  /** Holds room for up to `wanted` attempts that may be kept, and gives for how many; give it back with `unhold`. */
  hold(wanted: number): number;
  /** The same without the line. */
  holdFree(wanted: number): number;
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
/** What the newest node counts in the average. */
const weight = 0.05;
const defaultLateMs = 2_000;

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

  function hold(wanted: number, most: number): number {
    const given = Math.max(0, Math.min(wanted, most - taken - kept.length - held));
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
    hold: (wanted) => hold(wanted, averageMs < shortMs ? count * (1 + lineOfPlace) : count),
    holdFree: (wanted) => hold(wanted, count),
    unhold: (given) => {
      held -= given;
    },
    worked: (ms) => {
      averageMs = averageMs === Number.POSITIVE_INFINITY ? ms : averageMs + (ms - averageMs) * weight;
    },
  };
}
