/*
 * Fragments that every status-changing statement shares.
 *
 * A statement that changes the status of node executions or runs
 *   1. locks the runs it touches, in id order, before it changes anything
 *      (CTEs `locked` and `gate`), so that two statements never deadlock and
 *      `seq` has no gaps and no reordering;
 *   2. changes the rows it may change (guarded by status and attempt);
 *   3. writes one row of run_events per change, numbered from the run's last_seq.
 */

/**
 * Locks the runs whose ids are in an array parameter, such as `$2`, and keeps
 * the unfinished ones. `gate` has one row and is there only once all of them are
 * locked: join it before changing anything. `for no key update` leaves room for
 * the foreign keys' own locks.
 *
 * The status is looked at after the rows were found: rows are always found by
 * arrays of ids, which is a look-up in the primary key whatever the statistics
 * say.
 */
export function lockRuns(ids: string): string {
  return `
  locked as materialized (
    select * from (
      select r.id, r.workflow_id, r.last_seq, r.status, r.unfinished_nodes, r.failed_nodes
        from workflow_runs r
       where r.id = any (${ids}::uuid[])
       order by r.id
         for no key update
    ) l where l.status in ('PENDING', 'RUNNING')
  ),
  gate as materialized (select count(*) as runs from locked)`;
}

/**
 * The payload of a `node.updated` row. Outputs and inputs are not in it: once
 * they are there they never change, so readers join them from node_executions.
 */
export function nodePayload(alias: string): string {
  return `jsonb_build_object(
    'status', ${alias}.status, 'attempt', ${alias}.attempt, 'cached', ${alias}.cached,
    'error', ${alias}.error, 'errorCode', ${alias}.error_code, 'workerId', ${alias}.worker_id,
    'queuedAt', ${alias}.queued_at, 'startedAt', ${alias}.started_at, 'finishedAt', ${alias}.finished_at,
    'duration', ${alias}.duration)`;
}

/** The payload of a `run.updated` row. */
export function runPayload(alias: string): string {
  return `jsonb_build_object(
    'status', ${alias}.status, 'error', ${alias}.error,
    'startedAt', ${alias}.started_at, 'finishedAt', ${alias}.finished_at)`;
}

/** Milliseconds since the attempt started; null where it never did. */
export function durationMs(alias: string): string {
  return `greatest(0, round(extract(epoch from (clock_timestamp() - ${alias}.started_at)) * 1000))::integer`;
}

/** A finished run as the statements of this folder report it. */
export interface ChangedRun {
  readonly runId: string;
  readonly workflowId: number;
  /** The newest event's number. */
  readonly seq: number;
  readonly status: 'PENDING' | 'RUNNING' | 'COMPLETED' | 'FAILED' | 'CANCELLED';
}

/** A node execution that may be claimed now. */
export interface ReadyNode {
  readonly id: string;
  readonly runId: string;
  readonly attempt: number;
  readonly pool: 'inline' | 'io' | 'cpu';
}
