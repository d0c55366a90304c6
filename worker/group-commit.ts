/**
 * Collects items while earlier batches are being committed, and commits each
 * batch with one call.
 *
 * There is no timer: an item that finds a free lane is committed at once, alone;
 * under load the batches grow by themselves. Two lanes keep the database busy
 * while the results of one batch are being handled.
 */
export interface GroupCommit<Item, Result> {
  /** Resolves or rejects with the item's own result. */
  submit(item: Item): Promise<Result>;
  /** Resolves once nothing is waiting or being committed. */
  idle(): Promise<void>;
}

export interface GroupCommitOptions<Item, Result> {
  /** Results in the order of the items; an error rejects the whole batch. */
  readonly commit: (items: readonly Item[]) => Promise<readonly Result[]>;
  /** Batches under way at once. */
  readonly lanes: number;
  /** Items in one batch. */
  readonly maxBatch: number;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export function createGroupCommit<Item, Result>(options: GroupCommitOptions<Item, Result>): GroupCommit<Item, Result> {
  let waiting: Waiting<Item, Result>[] = [];
  let isScheduled = false;
  let busyLanes = 0;
  let idleListeners: (() => void)[] = [];

  function schedule(): void {
    if (isScheduled || waiting.length === 0 || busyLanes >= options.lanes) return;
    isScheduled = true;
    // Everything submitted in this turn of the event loop goes into one batch.
    setImmediate(() => {
      isScheduled = false;
      void flush();
    });
  }

  async function flush(): Promise<void> {
    if (waiting.length === 0 || busyLanes >= options.lanes) return;
    const batch = waiting.slice(0, options.maxBatch);
    waiting = waiting.slice(options.maxBatch);
    busyLanes += 1;
    schedule();
    try {
      const results = await options.commit(batch.map(({ item }) => item));
      for (const [index, { resolve }] of batch.entries()) resolve(results[index]!);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      busyLanes -= 1;
      schedule();
      if (busyLanes === 0 && waiting.length === 0) {
        const listeners = idleListeners;
        idleListeners = [];
        for (const listener of listeners) listener();
      }
    }
  }

  return {
    submit: (item) =>
      new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        schedule();
      }),
    idle: () =>
      busyLanes === 0 && waiting.length === 0
        ? Promise.resolve()
        : new Promise((resolve) => void idleListeners.push(resolve)),
  };
}
