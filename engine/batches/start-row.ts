import type pg from 'pg';
import type { ErrorCode } from '../../core/errors/codes.ts';
import { AppError, RetryableError, TerminalError } from '../../core/errors/app-error.ts';
import type { Logger } from '../../core/node-type/executor.ts';
import { actingFor } from '../../db/acting-for.ts';
import { pauseBatchFor } from '../../db/batches/change.ts';
import { markRowStarted, recordRowUnstarted, type ClaimedRow } from '../../db/batches/feed.ts';
import { isTransientDatabaseError } from '../outage.ts';
import type { RunStarter } from '../runs/run-starter.ts';

/** What a row is started with. */
export interface RowStarterDependencies {
  readonly pool: pg.Pool;
  readonly starter: Pick<RunStarter, 'start' | 'retry' | 'cancel'>;
  readonly logger: Logger;
  /** What time it is; null: by the clock of the database. */
  readonly now: () => Date | null;
}

/** What refuses one row refuses all: the batch pauses and says why, until somebody has made room. */
const pausing: ReadonlySet<string> = new Set<ErrorCode>([
  'DATA_QUOTA_FULL',
  'DISK_LOW',
  'SCOPE_MISSING',
  'WORKFLOW_NOT_FOUND',
  'WORKFLOW_VERSION_NOT_FOUND',
]);

const firstWaitMs = 2_000;
const longestWaitMs = 60_000;
/** A row that fails for reasons that only the log knows is given up after about a quarter of an hour. */
const mostTries = 20;

/**
 * Starts the run of a row that was claimed, under the id that the row has for it: one that is started twice is one run.
 * Throws where the database is away: the claim ends, and somebody tries again.
 */
export async function startRow(dependencies: RowStarterDependencies, row: ClaimedRow): Promise<void> {
  const { pool, starter } = dependencies;
  try {
    await actingFor(row.userId, () => begin(starter, row));
  } catch (error) {
    await recordFailure(dependencies, row, error);
    return;
  }
  // Of a row that was given away meanwhile nobody would hear any more.
  if (!(await markRowStarted(pool, row))) await starter.cancel(row.runId);
}

async function begin(starter: RowStarterDependencies['starter'], row: ClaimedRow): Promise<void> {
  const { runId, retryOf, userId, actorId, workflowId, versionId, published, inputs, useCache } = row;
  if (retryOf !== null) {
    try {
      await starter.retry({ retryOf, userId, actorId, runId, isPaced: true });
      return;
    } catch (error) {
      // The run before is gone, or has nothing that a retry would do: all of it runs.
      const isMoot =
        error instanceof AppError && (error.code === 'RUN_NOT_FOUND' || error.code === 'RUN_NOTHING_TO_RETRY');
      if (!isMoot) throw error;
    }
  }
  await starter.start({
    userId,
    actorId,
    workflow: { id: workflowId, frozen: { versionId, published } },
    inputs,
    useCache: useCache ?? undefined,
    triggerType: 'BATCH',
    runId,
    isPaced: true,
  });
}

async function recordFailure(
  { pool, logger, now }: RowStarterDependencies,
  row: ClaimedRow,
  error: unknown,
): Promise<void> {
  if (isTransientDatabaseError(error)) throw error;
  const isKnown = error instanceof TerminalError || error instanceof RetryableError;
  if (!isKnown) logger.error({ err: error, batchId: row.batchId, row: row.number }, 'a row of a batch could not start');
  const code = isKnown ? error.code : 'INTERNAL';
  const message = isKnown ? error.message : 'Something went wrong on the server; its log has the reason.';
  if (pausing.has(code)) {
    await pauseBatchFor(pool, row.batchId, message);
    await recordRowUnstarted(pool, { ...row, code, message, waitMs: 0 }, now());
    return;
  }
  const isOver = error instanceof TerminalError || row.tries >= mostTries;
  const backoffMs = Math.min(longestWaitMs, firstWaitMs * 2 ** (row.tries - 1));
  const waitMs = Math.max(backoffMs, error instanceof RetryableError ? (error.retryAfterMs ?? 0) : 0);
  await recordRowUnstarted(pool, { ...row, code, message, waitMs: isOver ? null : waitMs }, now());
}
