import { listAttemptsPastTimeout } from '../../../db/nodes/list-overdue.ts';
import type { Duty } from '../duty.ts';
import { endAttempts } from './end-attempts.ts';
import { batchSize, type SweepContext } from './sweep-context.ts';

/** Ends attempts that are past their own limit and that their worker did not end. Reads every unfinished run. */
export const endLateAttempts: Duty<SweepContext> = {
  name: 'end-late-attempts',
  everyMs: ({ times }) => times.thoroughMs,
  run: async (context) => {
    const late = await listAttemptsPastTimeout(context.pool, context.times.timeoutGraceMs, batchSize);
    await endAttempts(
      context,
      late.map(({ id, runId, nodeId, attempt, timeoutMs }) => ({
        id,
        runId,
        attempt,
        code: 'NODE_TIMEOUT',
        message: `Node "${nodeId}" took longer than its limit of ${timeoutMs} ms. Give it less to do, or run it again.`,
        inputs: null,
        crashed: false,
      })),
    );
  },
};
