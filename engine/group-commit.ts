import { createWaitingLine } from './waiting-line.ts';

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

/** How items are put together, committed and taken apart again. */
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
  /** A batch is no larger than `most`, but for one item that is; `of` gives the size of an item. Default: all are alike. */
  readonly size?: { readonly of: (item: Item) => number; readonly most: number };
  /** Owners of items take turns within a lane, so that one with many does not stand before the others. Default: first come, first served. */
  readonly ownerOf?: (item: Item) => string;
  /**
   * Whether a batch that failed so is committed again in halves, down to single items: one item that
   * is refused for what it is must fail alone.
   */
  readonly isApart: (error: unknown) => boolean;
  /**
   * Whether a batch that failed so is committed again for each owner by itself, all at once: what one owner waited for
   * in vain must not keep the others any longer. Default: never.
   */
  readonly isOfOneOwner?: (error: unknown) => boolean;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** Commits items in batches: what comes while a batch is under way goes into the next one. */
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
  options: Omit<GroupCommitOptions<Item, Result>, 'lanes' | 'keyOf'>,
): GroupCommit<Item, Result> {
  const { maxBatch, size, ownerOf, isOfOneOwner } = options;
  const ownerIn = ({ item }: Waiting<Item, Result>): string => ownerOf?.(item) ?? '';
  const waiting = createWaitingLine<Waiting<Item, Result>>({
    ownerOf: ownerIn,
    sizeOf: ({ item }) => size?.of(item) ?? 0,
  });
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

  async function commit(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await options.commit(batch.map(({ item }) => item));
      for (const [index, { resolve }] of batch.entries()) resolve(results[index]!);
    } catch (error) {
      if (batch.length > 1 && options.isApart(error)) {
        const half = Math.ceil(batch.length / 2);
        await commit(batch.slice(0, half));
        await commit(batch.slice(half));
        return;
      }
      const owners = isOfOneOwner?.(error) === true ? byOwner(batch, ownerIn) : [];
      if (owners.length > 1) await Promise.all(owners.map(commit));
      else for (const { reject } of batch) reject(error);
    }
  }

  async function flush(): Promise<void> {
    isBusy = true;
    await commit(waiting.take(maxBatch, size?.most ?? Number.POSITIVE_INFINITY));
    isBusy = false;
    schedule();
    if (waiting.length > 0) return;
    const listeners = idleListeners;
    idleListeners = [];
    for (const listener of listeners) listener();
  }

  return {
    submit: (item) =>
      new Promise((resolve, reject) => {
        waiting.add({ item, resolve, reject });
        schedule();
      }),
    idle: () =>
      isBusy || waiting.length > 0 ? new Promise((resolve) => void idleListeners.push(resolve)) : Promise.resolve(),
  };
}

function byOwner<Item>(items: readonly Item[], ownerOf: (item: Item) => string): Item[][] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const owner = ownerOf(item);
    const group = groups.get(owner);
    if (group === undefined) groups.set(owner, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}
