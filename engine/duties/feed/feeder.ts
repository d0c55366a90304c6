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

/** A row that ends gives its place to the next one after a quarter of a second on average. */
const everyMs = 500;

/** A feeder for one server, which begins at once. */
export function createFeeder(context: FeedContext): DutyRunner {
  return createDutyRunner({ name: 'feed', duties: feedDuties, context, logger: context.logger, everyMs });
}
