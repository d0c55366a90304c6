import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError } from '../../../core/errors/app-error.ts';
import type { OutputValue } from '../../../core/node-type/values.ts';
import type { Condition } from './condition.ts';
import { firstThatHolds } from './executor-conditions.ts';

/** The last of those who wait. One line for all nodes of a process. */
let last: Promise<unknown> = Promise.resolve();

/**
 * `firstThatHolds`, one node after another, with a turn of the event loop before each: however many nodes come at once,
 * heartbeats and everything else of the process go on between them.
 *
 * One that was too slow gets a second turn, for other programs may have had the processor. Rejects with the reason of
 * `signal` where it is aborted before its turn.
 */
export async function findInTurn(
  conditions: readonly Condition[],
  value: OutputValue,
  signal: AbortSignal,
): Promise<number | null> {
  const ask = () => firstThatHolds(conditions, value);
  try {
    return await inTurn(ask, signal);
  } catch (error) {
    if (error instanceof AppError && error.code === 'CONDITION_TOO_SLOW') return inTurn(ask, signal);
    throw error;
  }
}

function inTurn<Result>(work: () => Result, signal: AbortSignal): Promise<Result> {
  const turn = last.then(async () => {
    await nextTurn();
    signal.throwIfAborted();
    return work();
  });
  last = turn.catch(() => {});
  return turn;
}
