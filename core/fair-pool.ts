/** Who asks for a place. */
export interface Turn {
  /** The user whose work it is; null: the installation's own work, which takes turns as one more user. */
  readonly owner: string | null;
  /** An abort gives up the place in line; the wait rejects with its reason. Left out: nobody gives it up. */
  readonly signal?: AbortSignal;
  /** When it aborts, the wait is over: it rejects with `busy`. A function is asked for it when a wait begins. Left out: waits for as long as it takes. */
  readonly patience?: AbortSignal | (() => AbortSignal);
}

/** How many places there are, and how many of them one user may take. */
export interface FairPoolOptions {
  /** Pieces of work under way at once. */
  readonly places: number;
  /** Of one user; below `places`, so that another user finds a place beside one who wants all of them. */
  readonly maxPerOwner: number;
  /** Pieces of work of one user that wait; more are refused with `busy`. */
  readonly maxWaitingPerOwner: number;
  /** What a piece of work is refused with that got no place. */
  readonly busy: () => Error;
}

/**
 * Places that users share: who has the fewest pieces of work under way is next,
 * and among equals who has waited longest. However much one of them asks
 * for, the others wait for one piece of it at most.
 */
export interface FairPool {
  /** Does the work when its user's turn has come. Work that hangs keeps its place: it has to end by itself. */
  run<Result>(turn: Turn, work: () => Promise<Result>): Promise<Result>;
  /** The same for work that ends elsewhere: resolves, when the turn has come, to what gives the place back. */
  enter(turn: Turn): Promise<() => void>;
  /** Pieces of work under way, and those in line. */
  counts(): { readonly active: number; readonly waiting: number };
}

interface Owner {
  active: number;
  /** When the user came or last gave a place back, by a counter: whoever has the smallest has waited longest. */
  since: number;
  readonly waiting: (() => void)[];
}

/** For one process: pools of several processes do not know each other. */
export function createFairPool(options: FairPoolOptions): FairPool {
  const { places, maxPerOwner, maxWaitingPerOwner, busy } = options;
  /** Users with work under way or in line; the others are forgotten. */
  const owners = new Map<string | null, Owner>();
  let active = 0;
  let moment = 0;

  function ownerOf(name: string | null): Owner {
    let owner = owners.get(name);
    if (owner === undefined) owners.set(name, (owner = { active: 0, since: (moment += 1), waiting: [] }));
    return owner;
  }

  function forget(name: string | null, owner: Owner): void {
    if (owner.active === 0 && owner.waiting.length === 0) owners.delete(name);
  }

  function next(): Owner | null {
    let best: Owner | null = null;
    for (const owner of owners.values()) {
      if (owner.waiting.length === 0 || owner.active >= maxPerOwner) continue;
      const isBetter =
        best === null || owner.active < best.active || (owner.active === best.active && owner.since < best.since);
      if (isBetter) best = owner;
    }
    return best;
  }

  function serve(): void {
    while (active < places) {
      const owner = next();
      if (owner === null) return;
      owner.waiting.shift()!();
    }
  }

  function take(name: string | null, owner: Owner): () => void {
    active += 1;
    owner.active += 1;
    let isGiven = true;
    return () => {
      if (!isGiven) return;
      isGiven = false;
      active -= 1;
      owner.active -= 1;
      owner.since = moment += 1;
      forget(name, owner);
      serve();
    };
  }

  function wait(name: string | null, owner: Owner, turn: Turn): Promise<() => void> {
    const { signal } = turn;
    return new Promise((resolve, reject) => {
      const patience = typeof turn.patience === 'function' ? turn.patience() : turn.patience;
      const settle = () => {
        signal?.removeEventListener('abort', onAbort);
        patience?.removeEventListener('abort', onImpatience);
      };
      const leave = (reason: unknown) => {
        settle();
        owner.waiting.splice(owner.waiting.indexOf(onTurn), 1);
        forget(name, owner);
        reject(reason);
      };
      const onAbort = () => leave(signal!.reason);
      const onImpatience = () => leave(busy());
      // Taken here and not by whoever waits: nobody may come in between.
      const onTurn = () => {
        settle();
        resolve(take(name, owner));
      };
      owner.waiting.push(onTurn);
      signal?.addEventListener('abort', onAbort);
      patience?.addEventListener('abort', onImpatience);
    });
  }

  async function enter(turn: Turn): Promise<() => void> {
    const { owner: name, signal, patience } = turn;
    if (signal?.aborted === true) throw signal.reason;
    const owner = ownerOf(name);
    // Whoever is in line is there because no place is free, or because it has as many as it may.
    if (active < places && owner.active < maxPerOwner) return take(name, owner);
    const isImpatient = typeof patience === 'object' && patience.aborted;
    if (isImpatient || owner.waiting.length >= maxWaitingPerOwner) {
      forget(name, owner);
      throw busy();
    }
    return wait(name, owner, turn);
  }

  return {
    enter,
    async run(turn, work) {
      const leave = await enter(turn);
      try {
        return await work();
      } finally {
        leave();
      }
    },
    counts: () => {
      let waiting = 0;
      for (const owner of owners.values()) waiting += owner.waiting.length;
      return { active, waiting };
    },
  };
}
