import { modelUsageSchema } from '../core/api/runs.ts';
import { RetryableError, TerminalError, toAppError } from '../core/errors/app-error.ts';
import type { Logger } from '../core/node-type/executor.ts';
import type { NodeInputs } from '../core/node-type/values.ts';
import { withoutKeys } from '../core/scrub.ts';
import { retryDelayMs } from '../core/run/retry.ts';
import type { Claim } from '../db/run-sql/result.ts';
import { isRefusedData } from '../engine/outage.ts';
import type { AttemptOutcome } from './attempt-observer.ts';
import { turnDetail } from '../engine/paid-calls.ts';
import { AttemptStopped } from './attempts.ts';
import type { AttemptDependencies } from './attempt-dependencies.ts';

/** Records an attempt that did not complete: stopped, handed back, to be tried again, or failed. */
export async function recordTrouble(
  { recorder, retryPolicy, random, spaceRetry, scrubber }: AttemptDependencies,
  claim: Claim,
  error: unknown,
  inputs: NodeInputs | null,
  logger: Logger,
): Promise<AttemptOutcome> {
  const { id, runId, attempt } = claim;
  if (error instanceof AttemptStopped && error.reason === 'gone') {
    logger.info({}, 'stopped an attempt that is not ours any more');
    return 'lost';
  }
  if (error instanceof AttemptStopped && error.reason === 'drain') {
    logger.info({}, 'handed an attempt back');
    await recorder.requeue({ id, runId, attempt, delayMs: 0, code: null, message: null, crashed: false });
    return 'handed-back';
  }
  const failure: TerminalError | RetryableError =
    error instanceof AttemptStopped
      ? new TerminalError(
          'NODE_TIMEOUT',
          `Node "${claim.nodeId}" took longer than its limit of ${claim.timeoutMs} ms and was stopped. Give it less to do, or run it again.`,
        )
      : isRefusedData(error)
        ? refusedRecord(claim, error)
        : toAppError(error);
  // An answer that was cut off, blocked or empty is paid as any other.
  const usage = modelUsageSchema.safeParse(failure.details['usage']).data ?? null;
  const tries = attempt - claim.crashCount - claim.unrecordedCount - (claim.earlierTries ?? 0);
  if (failure instanceof RetryableError && failure.details[turnDetail] === true) {
    const { code, message, retryAfterMs: delayMs = 0 } = failure;
    logger.debug({ code, delayMs }, 'node waits for its turn at a provider');
    await recorder.requeue({ ...{ id, runId, attempt, delayMs, code, message }, crashed: false, uncounted: true });
    return 'retried';
  }
  const wantedMs = retryDelayMs(failure, tries, retryPolicy, random);
  const { code } = failure;
  const delayMs = wantedMs === null ? null : spaceRetry(code, wantedMs);
  // What a node says on purpose may repeat its user's own words, which are never held against secrets.
  const message = code === 'INTERNAL' ? scrubber.text(failure.message) : withoutKeys(failure.message);
  if (delayMs !== null) {
    logger.warn({ code, delayMs, err: failure }, 'node will be retried');
    await recorder.requeue({ id, runId, attempt, delayMs, code, message, crashed: false, usage });
    return 'retried';
  }
  logger.warn({ code, err: failure }, 'node failed');
  await recorder.fail({ id, runId, attempt, code, message, inputs, crashed: false, usage });
  return 'failed';
}

/** To do the work again would be paid for again, and refused again. */
function refusedRecord({ nodeId }: Claim, error: Error): TerminalError {
  return new TerminalError(
    'INTERNAL',
    `What node "${nodeId}" put out could not be stored: the database refused it (${error.message}).`,
    { cause: error },
  );
}
