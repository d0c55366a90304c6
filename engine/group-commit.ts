/**
 * Collects items while earlier batches are being committed, and commits each
 * batch with one call.
 *
 * There is no timer: an item that finds its lane free is committed at once,
 * alone; under load the batches grow by themselves.
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
  /**
   * Batches under way at once. Two keep the database busy while the results of
   * one batch are being handled.
   */
  readonly lanes: number;
  /** Items with the same key go through the same lane, so that they never wait for each other's locks. */
  readonly keyOf: (item: Item) => string;
  /** Items in one batch. */
  readonly maxBatch: number;
  /**
   * Whether a batch that failed so is committed again item by item: one item that
   * is refused for what it is must fail alone.
   */
  readonly isApart: (error: unknown) => boolean;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export function createGroupCommit<Item, Result>(options: GroupCommitOptions<Item, Result>): GroupCommit<Item, Result> {
  const lanes = Array.from({ length: options.lanes }, () => createLane(options));
  return {
    submit: (item) => lanes[laneOf(options.keyOf(item), lanes.length)]!.submit(item),
    idle: async () => {
      await Promise.all(lanes.map((lane) => lane.idle()));
    },
  };
}

/** The last characters of an id are its random part. */
function laneOf(key: string, lanes: number): number {
  return key.charCodeAt(key.length - 1) % lanes;
}

function createLane<Item, Result>(
  options: Pick<GroupCommitOptions<Item, Result>, 'commit' | 'maxBatch' | 'isApart'>,
): GroupCommit<Item, Result> {
  let waiting: Waiting<Item, Result>[] = [];
  let isScheduled = false;
  let isBusy = false;
  let idleListeners: (() => void)[] = [];

  function schedule(): void {
    if (isScheduled || isBusy || waiting.length === 0) return;
    isScheduled = true;
    // Everything submitted in this turn of the event loop goes into one batch.
    setImmediate(() => {
      isScheduled = false;
      void flush();
    });
  }

  async function commitEach(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    for (const { item, resolve, reject } of batch) {
      try {
        const [result] = await options.commit([item]);
        resolve(result!);
      } catch (error) {
        reject(error);
      }
    }
  }

  async function flush(): Promise<void> {
    const batch = waiting.slice(0, options.maxBatch);
    waiting = waiting.slice(options.maxBatch);
    isBusy = true;
    try {
      const results = await options.commit(batch.map(({ item }) => item));
      for (const [index, { resolve }] of batch.entries()) resolve(results[index]!);
    } catch (error) {
      if (batch.length > 1 && options.isApart(error)) await commitEach(batch);
      else for (const { reject } of batch) reject(error);
    } finally {
      isBusy = false;
      schedule();
      if (waiting.length === 0) {
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
      isBusy || waiting.length > 0 ? new Promise((resolve) => void idleListeners.push(resolve)) : Promise.resolve(),
  };
}
