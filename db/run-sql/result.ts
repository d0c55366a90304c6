import type { NodeOutputs } from '../../core/node-type/values.ts';
import type { StoredRegion } from '../../core/run/region.ts';

/*
 * result: what the caller needs of a statement, as JSON columns of its one row.
 * A `from` names a CTE with an alias, perhaps with a condition.
 */

/** A run as the statements that changed it report it. */
export interface ChangedRun {
  readonly runId: string;
  readonly workflowId: number;
  /** The newest event's number. */
  readonly seq: number;
  readonly status: 'PENDING' | 'RUNNING' | 'COMPLETED' | 'FAILED' | 'CANCELLED';
  /** Of a part: the run that it is a part of, and the execution there that made it; null for a run that somebody started. */
  readonly partOf: { readonly runId: string; readonly executionId: string } | null;
}

/** A node execution that may be claimed now. */
export interface ReadyNode {
  readonly id: string;
  readonly runId: string;
  readonly attempt: number;
  readonly pool: 'inline' | 'io' | 'cpu';
  /** It belongs to a part: the run that somebody started has no job of its own for it. */
  readonly isOfPart: boolean;
}

/** What a worker needs to know of an attempt that is its own now. */
export interface ClaimedAttempt {
  readonly id: string;
  readonly runId: string;
  readonly nodeId: string;
  readonly attempt: number;
  readonly crashCount: number;
  readonly unrecordedCount: number;
  readonly timeoutMs: number;
  readonly pool: 'inline' | 'io' | 'cpu';
  /** Tries before it last waited, which do not count against its limit; null where it never did. */
  readonly earlierTries: number | null;
  /** Its place in a region; null where it has none. */
  readonly region: StoredRegion | null;
}

/** Everything a worker needs to execute an attempt. */
export interface Claim extends ClaimedAttempt {
  readonly workflowId: number;
  readonly workflowVersionId: string;
  readonly userId: string;
  readonly useCache: boolean | null;
  /** Outputs of the dependencies by node id, null for one that was skipped; null where there are none. */
  readonly dependencyOutputs: Readonly<Record<string, NodeOutputs | null>> | null;
}

/** Of a run `r`. */
const partOf = `case when r.parent_run_id is not null
       then json_build_object('runId', r.parent_run_id, 'executionId', r.parent_execution_id) end`;

/** `runs`: each of the whole rows `r` as a `ChangedRun`. */
export function runsOf(from: string): string {
  return `(select json_agg(json_build_object('runId', r.id, 'workflowId', r.workflow_id, 'seq', r.last_seq,
       'status', r.status, 'partOf', ${partOf})) from ${from}) as runs`;
}

/** The same, as rows of their own. */
export function changedRuns(from: string): string {
  return `select r.id as "runId", r.workflow_id as "workflowId", r.last_seq as seq, r.status, ${partOf} as "partOf"
     from ${from}`;
}

/** `recorded`: the ids of the rows. */
export function recordedOf(cte: string): string {
  return `(select json_agg(n.id) from ${cte} n) as recorded`;
}

/** Whether a node execution `n` belongs to a part, as SQL. */
export const isOfPart = `coalesce(n.region ? 'of', false)`;

/**
 * `ready`: each of the rows `n` as a `ReadyNode`.
 *
 * @param more further pairs of names and values, as SQL: `'delayMs', n.delay_ms`
 */
export function readyOf(from: string, more = ''): string {
  return `(select json_agg(json_build_object('id', n.id, 'runId', n.run_id, 'attempt', n.attempt, 'pool', n.pool,
       'isOfPart', ${isOfPart}${more === '' ? '' : `, ${more}`})) from ${from}) as ready`;
}

/** What a worker needs to know of any attempt that is its own, as pairs of names and values. */
const attemptPairs = `'id', n.id, 'runId', n.run_id, 'nodeId', n.node_id, 'attempt', n.attempt,
       'crashCount', n.crash_count, 'unrecordedCount', n.unrecorded_count, 'timeoutMs', n.timeout_ms, 'region', n.region, 'pool', n.pool,
       'earlierTries', n.earlier_tries`;

/**
 * `claims`: what a worker needs to execute the attempts of a CTE: rows of `node_executions` with `workflow_id`,
 * `workflow_version_id`, `user_id` and `use_cache` of their run.
 *
 * Relies on node_executions (run_id, node_id).
 */
export function claimsOf(cte: string): string {
  return `(select json_agg(json_build_object(${attemptPairs}, 'workflowId', n.workflow_id,
       'workflowVersionId', n.workflow_version_id, 'userId', n.user_id, 'useCache', n.use_cache,
       'dependencyOutputs', case when cardinality(n.dependencies) > 0 then (
         select json_object_agg(d.node_id, d.output_data)
           from node_executions d where d.run_id = n.run_id and d.node_id = any (n.dependencies)
       ) end))
       from ${cte} n) as claims`;
}

/** `ready` and `continuations`: the rows of a CTE that are QUEUED, and those RUNNING that a worker goes on with. */
export function releasedOf(cte: string): string {
  return `${readyOf(`${cte} n where n.status = 'QUEUED'`)},
    (select json_agg(json_build_object(${attemptPairs}, 'after', n.after, 'dependencies', n.dependencies))
       from ${cte} n where n.status = 'RUNNING') as continuations`;
}
