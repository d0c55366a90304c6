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
      select r.id, r.workflow_id, r.workflow_version_id, r.user_id, r.use_cache, r.last_seq, r.status,
             r.unfinished_nodes, r.failed_nodes
        from workflow_runs r
       where r.id = any (${ids}::uuid[])
       order by r.id
         for no key update
    ) l where l.status in ('PENDING', 'RUNNING')
  ),
  gate as materialized (select count(*) as runs from locked)`;
}

/**
 * What a worker needs to execute the attempts of a CTE, as JSON: rows of `node_executions` with `workflow_id`,
 * `workflow_version_id`, `user_id` and `use_cache` of their run.
 */
export function claimsOf(cte: string): string {
  return `(select json_agg(json_build_object('id', n.id, 'runId', n.run_id, 'nodeId', n.node_id, 'attempt', n.attempt,
       'crashCount', n.crash_count, 'unrecordedCount', n.unrecorded_count, 'timeoutMs', n.timeout_ms, 'workflowId', n.workflow_id,
       'workflowVersionId', n.workflow_version_id, 'userId', n.user_id, 'useCache', n.use_cache,
       'dependencyOutputs', case when cardinality(n.dependencies) > 0 then (
         select json_object_agg(d.node_id, d.output_data)
           from node_executions d where d.run_id = n.run_id and d.node_id = any (n.dependencies)
       ) end))
       from ${cte} n)`;
}

/** What a worker needs to go on with the rows of a CTE that are RUNNING, and what became ready beside them, as JSON. */
export function releasedOf(cte: string): string {
  return `(select json_agg(json_build_object('id', n.id, 'runId', n.run_id, 'attempt', n.attempt, 'pool', n.pool))
       from ${cte} n where n.status = 'QUEUED') as ready,
    (select json_agg(json_build_object('id', n.id, 'runId', n.run_id, 'nodeId', n.node_id, 'attempt', n.attempt,
       'crashCount', n.crash_count, 'unrecordedCount', n.unrecorded_count, 'timeoutMs', n.timeout_ms, 'after', n.after,
       'dependencies', n.dependencies))
       from ${cte} n where n.status = 'RUNNING') as continuations`;
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
