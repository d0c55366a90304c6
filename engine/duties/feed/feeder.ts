import { createDutyRunner, type DutyRunner } from '../duty-runner.ts';
import type { Duty } from '../duty.ts';
import { cancelRunsOfBatches } from './cancel-runs-of-batches.ts';
import type { FeedContext } from './feed-context.ts';
import { settleBatches } from './settle-batches.ts';
import { startBatchRows } from './start-batch-rows.ts';

/*
 * The feeder starts the rows of batches, so many at once as their users have turns, but one. Any number of servers do so
 * at once: each step is a guarded statement. Its timer only wakes it; what is left to do stands in Postgres.
 */

const feedDuties: readonly Duty<FeedContext>[] = [cancelRunsOfBatches, settleBatches, startBatchRows];

/** How soon a new batch begins. */
const idleMs = 500;
/** While rows begin and end: one that ends gives its place to the next one after half of it on average. */
const busyMs = 80;
/** A place is held by a row for that long without anything to do; a longer one is noticed half a second late. */
const busyForMs = 2_000;

/** A feeder for one server, which begins at once. */
export function createFeeder(context: FeedContext): DutyRunner {
  let busyUntil = 0;
  return createDutyRunner({
    name: 'feed',
    duties: feedDuties,
    context: { ...context, onRows: () => (busyUntil = performance.now() + busyForMs) },
    logger: context.logger,
    everyMs: () => (performance.now() < busyUntil ? busyMs : idleMs),
  });
}
