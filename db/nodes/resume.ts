import { currentAttempts } from '../run-sql/attempts.ts';
import { events, nodeEvents } from '../run-sql/events.ts';
import { lockRuns } from '../run-sql/lock.ts';
import { readyOf, recordedOf, runsOf, type ChangedRun, type ReadyNode } from '../run-sql/result.ts';
import { countChanges, numberChanges } from '../run-sql/settle.ts';
import { closeWaits, timeGivenBack, type WaitEnd } from '../run-sql/waits.ts';
import { batchOf, hotAnswerMs, idsOf, runIdsOf, statement, type Queryable } from '../statement.ts';

/** A node that waits and is to be worked on again. */
export interface Resume {
  readonly id: string;
  readonly runId: string;
  /** The attempt that waits. */
  readonly attempt: number;
  /** How its wait ended; null where it has no row of `waits`. */
  readonly end: WaitEnd | null;
}

/** What resumes changed; an attempt that is missing does not wait any more. */
export interface RecordedResumes {
  readonly recorded: readonly string[];
  readonly runs: readonly ChangedRun[];
  /** With the number of the next attempt. */
  readonly ready: readonly ReadyNode[];
}

/**
 * `resumed`: WAITING attempts of a CTE `input` (id, run_id, attempt) become QUEUED under the next number, whole rows, in
 * runs that are `locked`. What was tried before the wait does not count against the limit of tries any more.
 *
 * Locks   the attempts; after `lockRuns`.
 * Relies  on the primary key.
 *
 * @param ids the array parameter with the ids of `input`, such as `$3`
 * @param more further columns of `i` to return
 */
export function resumeAttempts(ids: string, more = ''): string {
  return `
  resumed as (
    update node_executions n set
      status = 'QUEUED', attempt = n.attempt + 1, earlier_tries = n.attempt - n.crash_count - n.unrecorded_count,
      queued_at = clock_timestamp(), started_at = null, available_at = null
      ${currentAttempts(ids, 'WAITING')}
    returning n.*${more}
  )`;
}

/*
 * resume: WAITING attempts become QUEUED with attempt + 1, to be claimed again and worked on; their waits are over.
 *
 * Locks   the runs, in id order; then the attempts and their waits.
 * Relies  on the primary keys, node_executions (run_id, node_id) and waits (node_execution_id, attempt).
 */
const resume = statement<{ recorded: string[] | null; runs: ChangedRun[] | null; ready: ReadyNode[] | null }>(
  'resume-node-executions',
  `with input as (
    select i.* from jsonb_to_recordset($1::jsonb) as i(
      id uuid, run_id uuid, attempt integer, resolution jsonb, "resolvedBy" text)
  ),
  ${lockRuns('$2')},
  ${resumeAttempts('$3', ', i.resolution, i."resolvedBy" as resolved_by')},
  ${closeWaits('resumed', 'c.attempt - 1')},
  ${numberChanges({ from: 'resumed n' })},
  ${countChanges(`, ${timeGivenBack}`)},
  ${events(nodeEvents())}
  select ${recordedOf('resumed')}, ${runsOf('counted r')}, ${readyOf('resumed n')}`,
);

/** Sends WAITING attempts back to the queue under the next number; the caller gives `ready` to the queue. */
export async function resumeNodeExecutions(on: Queryable, resumes: readonly Resume[]): Promise<RecordedResumes> {
  const rows = resumes.map(({ id, runId, attempt, end }) => ({ id, run_id: runId, attempt, ...end }));
  const [row] = await resume(on, [batchOf(rows), runIdsOf(resumes), idsOf(resumes)], hotAnswerMs);
  return { recorded: row?.recorded ?? [], runs: row?.runs ?? [], ready: row?.ready ?? [] };
}
