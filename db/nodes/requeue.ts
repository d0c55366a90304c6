import type { ModelUsage } from '../../core/node-type/model-usage.ts';
import { currentAttempts } from '../run-sql/attempts.ts';
import { events, nodeEvents } from '../run-sql/events.ts';
import { lockRuns } from '../run-sql/lock.ts';
import { readyOf, runsOf, type ChangedRun, type ReadyNode } from '../run-sql/result.ts';
import { countChanges, numberChanges } from '../run-sql/settle.ts';
import { usageSum } from '../run-sql/usage.ts';
import { batchOf, hotAnswerMs, idsOf, runIdsOf, statement, storedMessage, type Queryable } from '../statement.ts';

/** An attempt that ended and is to be followed by another one. */
export interface Requeue {
  readonly id: string;
  readonly runId: string;
  /** The attempt that ended. */
  readonly attempt: number;
  /** Milliseconds before the next attempt may be claimed. */
  readonly delayMs: number;
  /** Why the attempt ended, shown while the node waits; null for a rescue or a drain. */
  readonly code: string | null;
  readonly message: string | null;
  /** Counts one more death of a worker. */
  readonly crashed: boolean;
  /** What the attempt has used of a model all the same; it stays with the node. */
  readonly usage?: ModelUsage | null;
  /** Counts one more time that how it ended could not be recorded. Default false. */
  readonly unrecorded?: boolean;
  /** Nothing was tried: it does not count against the limit of tries. Default false. */
  readonly uncounted?: boolean;
}

/** A ready node that may have to wait. */
export interface RequeuedNode extends ReadyNode {
  readonly delayMs: number;
}

/** What requeues changed; an attempt that is missing was not the current one any more. */
export interface RecordedRequeues {
  readonly runs: readonly ChangedRun[];
  /** With the number of the next attempt. */
  readonly ready: readonly RequeuedNode[];
}

/*
 * requeue: RUNNING attempts become QUEUED again with attempt + 1: a retry, a
 * rescue from a dead worker, or work handed back by one that drains. The raised
 * attempt fences off whoever still works on the old one.
 *
 * Locks   the runs, in id order; then the attempts.
 * Relies  on the primary keys.
 */
const requeue = statement<{ runs: ChangedRun[] | null; ready: RequeuedNode[] | null }>(
  'requeue-node-executions',
  `with input as (
    select i.* from jsonb_to_recordset($1::jsonb) as i(
      id uuid, run_id uuid, attempt integer, "delayMs" integer, code text, message text, crashed boolean, unrecorded boolean, uncounted boolean, usage jsonb)
  ),
  ${lockRuns('$2')},
  requeued as (
    update node_executions n set
      status = 'QUEUED', attempt = n.attempt + 1, worker_id = null, error = i.message, error_code = i.code,
      crash_count = n.crash_count + case when i.crashed then 1 else 0 end,
      unrecorded_count = n.unrecorded_count + case when i.unrecorded then 1 else 0 end,
      earlier_tries = case when i.uncounted then coalesce(n.earlier_tries, 0) + 1 else n.earlier_tries end,
      usage = ${usageSum('n.usage', 'i.usage')}, queued_at = clock_timestamp(), started_at = null,
      available_at = clock_timestamp() + make_interval(secs => i."delayMs" / 1000.0)
      ${currentAttempts('$3')}
    returning n.*, i."delayMs" as delay_ms
  ),
  ${numberChanges({ from: 'requeued n' })},
  ${countChanges()},
  ${events(nodeEvents())}
  select ${runsOf('counted r')}, ${readyOf('requeued n', "'delayMs', n.delay_ms")}`,
);

/** Hands attempts back to the queue under the next number. */
export async function requeueNodeExecutions(on: Queryable, requeues: readonly Requeue[]): Promise<RecordedRequeues> {
  const rows = requeues.map(({ runId, message, ...rest }) => ({
    run_id: runId,
    message: message === null ? null : storedMessage(message),
    ...rest,
  }));
  const [row] = await requeue(on, [batchOf(rows), runIdsOf(requeues), idsOf(requeues)], hotAnswerMs);
  return { runs: row?.runs ?? [], ready: row?.ready ?? [] };
}
