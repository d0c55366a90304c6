import type { RunStatus } from './status.ts';

/*
 * A mapped region of a run: its nodes are executed once for each element of a list, each element as a part, a run inside
 * the run. The execution of its first node (the driver) stands for the whole. A called workflow is a region of one part,
 * whose nodes are those of another graph. A loop is a region of as many parts as it may have laps, one at a time; the lap
 * that says that there is to be no further one makes the region as long as it has come. A node of a part may be the driver of a region within that part: its parts are
 * runs inside that part, and so on.
 *
 * driver: RUNNING -> WAITING    the elements are known; the first parts are made
 *         WAITING -> QUEUED     all parts have ended, or enough have failed and the rest has ended
 *         RUNNING -> COMPLETED  the outputs of the parts are collected, in the order of the elements
 *         RUNNING -> FAILED     more parts failed than the region allows
 *
 * Parts are made in a window: a part that ends makes room for the next one. A part that ended is counted once, by a mark
 * of its own, however often its end is told. While a region is paused none is made, and those under way end as they do. One
 * that is cancelled makes none any more; what is unfinished of it is cancelled, and the driver fails. While it is under way elements
 * that failed can be gone through again: they have no part then, and come before all others. Once there is nothing left
 * to wait for it is closed, which nothing changes: only then does the driver collect, or fail.
 *
 * What a crash leaves: before the driver is WAITING there is no part. A part whose end was not counted, and a window with
 * room, are found by the sweeper. A part that is unfinished in a run that is over is ended by it.
 */

/** What is repeated in a run, as its plan froze it. */
export interface RegionPlan {
  /** In topological order; the first is the driver. */
  readonly nodes: readonly string[];
  /** The edges from outside whose list goes to the parts, one element to each: ids, with the origin of each list. */
  readonly each: Readonly<Record<string, string>>;
  /** Nodes whose error output leads out of the region. Default: none. */
  readonly handling?: readonly string[];
  readonly settings: RegionSettings;
  /** Milliseconds that one attempt of a node may take where its type has no limit of its own. */
  readonly timeoutMs: number;
  /** What is repeated once more within each part: lists within lists. Default: nothing. */
  readonly inner?: readonly RegionPlan[];
  /** No list is gone through: its one part is a called workflow, and `nodes` the one node that calls it. */
  readonly call?: CallPlan;
  /** No list is gone through: its parts are the laps of a loop, one after another. */
  readonly loop?: LoopPlan;
}

/** What is repeated until a condition holds: each part is a lap, and gets what the one before it gave. */
export interface LoopPlan {
  /** The node that ends it; the driver begins it. */
  readonly end: string;
  /** How many laps there are at most. */
  readonly most: number;
  /** Whether the error output of its end leads on. Default false. */
  readonly handlesError?: boolean;
}

/** The workflow that a node calls, as the run pinned it. */
export interface CallPlan {
  /** Its graph, by the name that the frozen graph of the run keeps it under. */
  readonly graph: string;
}

/** Whose part a node execution belongs to. */
export interface PlaceInPart {
  /** The driver's execution. */
  readonly of: string;
  /** The place of the part. */
  readonly index: number;
  /** The called workflow whose node it is, as `CallPlan.graph`. Default: the node is of the graph of the run itself. */
  readonly graph?: string;
}

/**
 * Of a node that stands for parts, or belongs to one: of a driver, what is repeated; of the other nodes of its region in the
 * same run, which one the driver is; of those of a part, whose part it is. Where regions lie within one another it is both.
 */
export type StoredRegion =
  | RegionPlan
  | { readonly driver: string }
  | PlaceInPart
  | (RegionPlan & PlaceInPart)
  | ({ readonly driver: string } & PlaceInPart);

/** Whether a node stands for parts, and executes nothing itself. */
export function standsForParts(region: StoredRegion | null): region is RegionPlan | { readonly driver: string } {
  return region !== null && ('nodes' in region || 'driver' in region);
}

/** How a region goes through its list. */
export interface RegionSettings {
  /** Parts under way at once. */
  readonly concurrency: number;
  /** What becomes of the region when a part fails. */
  readonly onError: 'stop' | 'goOn' | 'leaveOut';
  /** Fails when more parts than that have failed: so many, or so many percent of all. Default: however many fail. */
  readonly failAbove?: { readonly count: number } | { readonly percent: number };
  readonly pairing: 'pair' | 'repeatLast' | 'combinations';
  /** Which elements: the first so many, or those at these places. Default: all. */
  readonly only?: { readonly first: number } | { readonly at: readonly number[] };
}

/** How many parts may fail before the region begins no further one and fails itself; null: all of them. */
export function mostFailed(
  { onError, failAbove }: Pick<RegionSettings, 'onError' | 'failAbove'>,
  total: number,
): number | null {
  if (onError === 'stop') return 0;
  if (failAbove === undefined) return null;
  return 'count' in failAbove ? failAbove.count : Math.floor((total * failAbove.percent) / 100);
}

/** What is known of a region between two statements. */
export interface RegionState {
  readonly total: number;
  readonly width: number;
  readonly mostFailed: number | null;
  /** The first element without a part. */
  readonly next: number;
  readonly unfinished: number;
  readonly completed: number;
  readonly failed: number;
  /** Elements whose part failed and that are to be gone through again, before all others. */
  readonly again: number;
  /** Default false. */
  readonly isPaused?: boolean;
}

/** `mostFailed` of a region that was cancelled: it is stopped, though nothing has failed. */
export const cancelledMark = -1;

/** A region whose elements are known, and of which no part is made yet. */
export function openRegion(of: Pick<RegionState, 'total' | 'width' | 'mostFailed'>): RegionState {
  return { ...of, next: 0, unfinished: 0, completed: 0, failed: 0, again: 0 };
}

/** More parts have failed than may. */
export function isStopped({ failed, mostFailed: most }: Pick<RegionState, 'failed' | 'mostFailed'>): boolean {
  return most !== null && failed > most;
}

/** How many parts may be made now. */
export function roomOf(region: RegionState): number {
  if (isStopped(region) || region.isPaused === true) return 0;
  return Math.max(0, Math.min(region.width - region.unfinished, region.again + region.total - region.next));
}

/** After `count` parts were made: those of elements that are gone through again come first. */
export function makeParts(region: RegionState, count: number): RegionState {
  const again = Math.min(region.again, count);
  return {
    ...region,
    again: region.again - again,
    next: region.next + count - again,
    unfinished: region.unfinished + count,
  };
}

/**
 * After it was asked for that `count` of the failed elements be gone through again; the parts that they had count no more. One that
 * was stopped by its failures may not be any more. Of a region that is closed, or was cancelled, nothing is gone through again.
 */
export function retryParts(region: RegionState, count: number): RegionState {
  if (region.mostFailed === cancelledMark) return region;
  return { ...region, failed: region.failed - count, again: region.again + count };
}

/** Of a region that is over: elements that were to be gone through again, and were not, have failed after all. */
export function closeRegion(region: RegionState): RegionState {
  return { ...region, failed: region.failed + region.again, again: 0 };
}

/**
 * After a part has ended; called once for each. One that was cancelled counts as neither: its region is over.
 *
 * @param isLast a lap that completed says that there is to be no further one
 */
export function settlePart(region: RegionState, status: RunStatus, isLast = false): RegionState {
  return {
    ...region,
    total: isLast ? region.next : region.total,
    unfinished: region.unfinished - 1,
    completed: region.completed + (status === 'COMPLETED' ? 1 : 0),
    failed: region.failed + (status === 'FAILED' ? 1 : 0),
  };
}

/** What becomes of the driver: it waits on, collects, or fails. */
export function verdictOf(region: RegionState): 'wait' | 'collect' | 'fail' {
  if (region.unfinished > 0) return 'wait';
  if (isStopped(region)) return 'fail';
  return region.next < region.total || region.again > 0 ? 'wait' : 'collect';
}

/**
 * What its driver does where it is executed. Until the region is closed, elements that failed may come to be gone through again;
 * then none does, also of those that were still to be when an earlier release closed it.
 */
export function verdictOfDriver(region: RegionState, isClosed: boolean): 'wait' | 'collect' | 'fail' {
  return isClosed ? verdictOf(closeRegion(region)) : 'wait';
}

/** The outputs of the node that ends a loop. */
export const loopOutputs = { value: 'output', laps: 'laps', ended: 'ended' } as const;

/** Why a loop ended: its condition held, it has had all its laps, or no value came to its end in the last one. */
export type LoopEnd = 'condition' | 'maximum' | 'noValue';

/** What the laps of a loop come to. */
export interface LoopResult<Value> {
  /** The value of the last lap that gave one. */
  readonly output: Value;
  /** Those of all laps, in order. */
  readonly laps: readonly Value[];
  readonly ended: LoopEnd;
}

/**
 * What a loop puts out; null where its first lap gave nothing.
 *
 * @param given by lap, as far as they gave something: with whether there was to be a further one
 * @param total how many laps there were
 */
export function collectLaps<Value>(
  given: ReadonlyMap<number, { readonly output: Value; readonly isLast: boolean }>,
  total: number,
): LoopResult<Value> | null {
  const laps = [...given].toSorted(([one], [other]) => one - other);
  const last = laps.at(-1);
  if (last === undefined) return null;
  const [index, { output, isLast }] = last;
  return {
    output,
    laps: laps.map(([, lap]) => lap.output),
    ended: index < total - 1 ? 'noValue' : isLast ? 'condition' : 'maximum',
  };
}

/**
 * The list that a region puts out, in the order of its elements. `goOn` keeps every place, with null where there is no
 * value; else what has none is left out.
 */
export function collectValues<Value>(
  onError: RegionSettings['onError'],
  total: number,
  valueAt: (index: number) => Value | undefined,
): (Value | null)[] {
  const values: (Value | null)[] = [];
  for (let index = 0; index < total; index += 1) {
    const value = valueAt(index);
    if (value === undefined) continue;
    values.push(...places(onError, values.length, index), value);
  }
  return [...values, ...places(onError, values.length, total)];
}

const places = (onError: RegionSettings['onError'], length: number, index: number): null[] =>
  Array.from({ length: emptyPlaces(onError, length, index) }, () => null);

/**
 * How many places without a value come before the next element of a list that has `length` of them so far.
 *
 * @param index the place of that element; at the end of the list how many there are in all
 */
export function emptyPlaces(onError: RegionSettings['onError'], length: number, index: number): number {
  return onError === 'goOn' ? index - length : 0;
}
