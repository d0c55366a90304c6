import { failNodeExecutions, type Failure } from '../../../db/nodes/fail.ts';
import { noticesOf } from '../../announce.ts';
import { jobsOf } from '../../jobs-of.ts';
import type { SweepContext } from './sweep-context.ts';
import { togetherOrApart } from './together-or-apart.ts';

/** Ends attempts as FAILED, in whoever's name they run. */
export async function endAttempts(
  { pool, logger, notices, queue, enqueue }: SweepContext,
  failures: readonly Failure[],
): Promise<void> {
  await togetherOrApart(failures, logger, async (some) => {
    const { runs, recorded, ready } = await failNodeExecutions(pool, some);
    logger.warn({ attempts: recorded.length, code: some[0]!.code }, 'ended attempts');
    if (ready.length > 0) await enqueue(() => queue.addNodes(jobsOf(ready)));
    await notices.publish(noticesOf(runs));
  });
}
