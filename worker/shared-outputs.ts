import type pg from 'pg';
import type { Logger } from '../core/node-type/executor.ts';
import type { NodeOutputs } from '../core/node-type/values.ts';
import { listOutputStates, type OutputState } from '../db/outputs/list-states.ts';
import { restartClocks } from '../db/nodes/restart-clocks.ts';
import { takeOutput, type Maker } from '../db/outputs/take.ts';
import { takeOverOutput } from '../db/outputs/take-over.ts';
import { AttemptStopped } from './attempts.ts';

/*
 * Equal work of a user is done once, whichever runs and workers it comes up in:
 * the first attempt is put down in the output cache as the one that makes it,
 * and the others wait for that one and take what it puts out. Where it comes to
 * nothing, one of those that wait takes its place.
 *
 * Nothing has to be undone when something dies. The one that makes it counts
 * while its attempt is RUNNING, which ends with every failure, retry, rescue and
 * cancellation. One that waits is an ordinary attempt under its worker's lease.
 */
export interface SharedOutputs {
  /** The earlier output; `mine` where the attempt is to make it; `wait` where another one is at it. */
  take(attempt: WaitingAttempt, key: string): Promise<NodeOutputs | 'mine' | 'wait'>;
  /** Whether one more may wait without a place of the worker. Those beyond keep theirs, so that it takes no more work than it can hold. */
  hasRoom(): boolean;
  /** Waits for an output that another attempt makes. Rejects with the signal's reason, or AttemptStopped on a drain. */
  wait(attempt: WaitingAttempt, key: string, signal: AbortSignal): Promise<NodeOutputs | 'mine'>;
  /** An attempt of this process that made or was to make an output is over: who waits here need not wait for the next look. */
  ended(userId: string, key: string): void;
  /** Hands back what waits, now and from now on. */
  drain(): void;
}

interface WaitingAttempt extends Maker {
  readonly userId: string;
}

interface SharedOutputsDependencies {
  readonly pool: pg.Pool;
  readonly logger: Logger;
  /** Whether the files of outputs are still there. */
  readonly isUsable: (userId: string, outputs: NodeOutputs) => Promise<boolean>;
}

/** Between two looks of a process, one statement each, while somebody waits. */
const lookEveryMs = 250;
/** Each holds its inputs: up to 256 KiB from each node before it. */
const mostBesidePlaces = 200;

interface Waiter {
  readonly attempt: WaitingAttempt;
  readonly settle: (outcome: NodeOutputs | 'mine') => void;
  readonly stop: (reason: unknown) => void;
}

interface Awaited {
  readonly userId: string;
  readonly key: string;
  readonly waiters: Set<Waiter>;
  /** Who was at it at the last look. */
  maker: string | null;
}

const nameOf = (userId: string, key: string) => `${userId} ${key}`;

/** One for all of a process; it asks for all that wait at once. */
export function createSharedOutputs({ pool, logger, isUsable }: SharedOutputsDependencies): SharedOutputs {
  const awaited = new Map<string, Awaited>();
  let waiting = 0;
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | null = null;
  let isAskedAgain = false;
  let isDraining = false;

  function remove(of: Awaited, waiter: Waiter): void {
    if (of.waiters.delete(waiter)) waiting -= 1;
    const name = nameOf(of.userId, of.key);
    if (of.waiters.size === 0 && awaited.get(name) === of) awaited.delete(name);
  }

  function settleAll(of: Awaited, outputs: NodeOutputs): void {
    for (const waiter of [...of.waiters]) {
      remove(of, waiter);
      waiter.settle(outputs);
    }
  }

  /** One of those that wait makes it now. The others wait for that one, and their time counts anew like its own. */
  async function handOver(of: Awaited, waiter: Waiter): Promise<void> {
    await restartClocks(
      pool,
      [...of.waiters].map(({ attempt }) => attempt),
    );
    of.maker = makerName(waiter.attempt);
    remove(of, waiter);
    waiter.settle('mine');
  }

  async function lookAt(of: Awaited, state: OutputState | undefined): Promise<void> {
    const [first] = of.waiters;
    if (first === undefined) return;
    if (state === undefined) {
      // The row was cleared away.
      const turn = await takeOutput(pool, of.userId, of.key, first.attempt);
      if (turn.isTaken) await handOver(of, first);
      return;
    }
    if (state.outputs !== null && (await isUsable(of.userId, state.outputs))) return settleAll(of, state.outputs);
    if (!state.isUnderWay) {
      if (await takeOverOutput(pool, state, first.attempt)) await handOver(of, first);
      return;
    }
    const maker = state.maker === null ? null : makerName(state.maker);
    if (of.maker !== null && of.maker !== maker)
      await restartClocks(
        pool,
        [...of.waiters].map(({ attempt }) => attempt),
      );
    of.maker = maker;
  }

  async function look(): Promise<void> {
    const all = [...awaited.values()];
    const states = await listOutputStates(pool, all);
    const byName = new Map(states.map((state) => [nameOf(state.userId, state.key), state]));
    for (const of of all) await lookAt(of, byName.get(nameOf(of.userId, of.key)));
  }

  function lookNow(): void {
    if (looking !== null) {
      isAskedAgain = true;
      return;
    }
    clearTimeout(timer);
    timer = undefined;
    if (awaited.size === 0) return;
    isAskedAgain = false;
    looking = look()
      .catch((error: unknown) => logger.warn({ err: error }, 'could not look for an output that another node makes'))
      .finally(() => {
        looking = null;
        if (isAskedAgain) lookNow();
        else schedule();
      });
  }

  function schedule(): void {
    if (awaited.size > 0) timer ??= setTimeout(lookNow, lookEveryMs);
  }

  return {
    take: async (attempt, key) => {
      const { userId } = attempt;
      const { isTaken, outputs } = await takeOutput(pool, userId, key, attempt);
      if (isTaken) return 'mine';
      if (outputs !== null && (await isUsable(userId, outputs))) return outputs;
      const [state] = await listOutputStates(pool, [{ userId, key }]);
      if (state === undefined) return 'wait';
      if (state.maker !== null && makerName(state.maker) === makerName(attempt)) return 'mine';
      if (state.outputs !== null && (await isUsable(userId, state.outputs))) return state.outputs;
      if (state.isUnderWay) return 'wait';
      return (await takeOverOutput(pool, state, attempt)) ? 'mine' : 'wait';
    },
    hasRoom: () => waiting < mostBesidePlaces,
    wait: (attempt, key, signal) =>
      new Promise((resolve, reject) => {
        const { userId } = attempt;
        const name = nameOf(userId, key);
        const of = awaited.get(name) ?? { userId, key, waiters: new Set(), maker: null };
        const onAbort = () => waiter.stop(signal.reason);
        const waiter: Waiter = {
          attempt,
          settle: (outcome) => {
            signal.removeEventListener('abort', onAbort);
            resolve(outcome);
          },
          stop: (reason) => {
            signal.removeEventListener('abort', onAbort);
            remove(of, waiter);
            reject(reason);
          },
        };
        if (signal.aborted || isDraining) {
          waiter.stop(signal.aborted ? signal.reason : new AttemptStopped('drain'));
          return;
        }
        signal.addEventListener('abort', onAbort, { once: true });
        awaited.set(name, of);
        of.waiters.add(waiter);
        waiting += 1;
        schedule();
      }),
    ended: (userId, key) => {
      if (awaited.has(nameOf(userId, key))) lookNow();
    },
    drain: () => {
      isDraining = true;
      for (const of of awaited.values()) for (const waiter of [...of.waiters]) waiter.stop(new AttemptStopped('drain'));
    },
  };
}

function makerName({ id, attempt }: Maker): string {
  return `${id}-${attempt}`;
}
