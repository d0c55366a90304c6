import type { NodeOutputs } from '../../core/node-type/values.ts';
import { lockRuns, nodePayload } from '../run-event-sql.ts';
import { batchOf, idsOf, runIdsOf, statement, type Queryable } from '../statement.ts';

export interface ClaimRequest {
  readonly id: string;
  readonly runId: string;
  readonly attempt: number;
}

/** Everything a worker needs to execute an attempt. */
export interface Claim {
  readonly id: string;
  readonly runId: string;
  readonly workflowId: number;
  readonly workflowVersionId: string;
  readonly userId: string;
  readonly useCache: boolean | null;
  readonly nodeId: string;
  readonly attempt: number;
  readonly crashCount: number;
  readonly timeoutMs: number;
  /** Outputs of the dependencies by node id; null where there are none. */
  readonly dependencyOutputs: Readonly<Record<string, NodeOutputs>> | null;
  /** The newest event's number of the run. */
  readonly seq: number;
}

/*
 * claim: QUEUED attempts become RUNNING under a worker session's lease.
 *
 * Result  one row per claimed attempt. An attempt that is missing was taken,
 *         finished or cancelled before, or is not the current one: its job is
 *         dropped quietly. An expired session claims nothing.
 * Locks   the runs, in id order; then the attempts.
 * Relies  on the primary keys and node_executions (run_id, node_id).
 */
const claim = statement<Claim>(
  'claim-node-executions',
  `with input as (
    select i.id, i.run_id, i.attempt from jsonb_to_recordset($1::jsonb) as i(id uuid, run_id uuid, attempt integer)
  ),
  ${lockRuns('$3')},
  claimed as (
    update node_executions n set
      status = 'RUNNING', worker_id = $2, started_at = clock_timestamp(), available_at = null
      from input i join locked l on l.id = i.run_id, gate
     where n.id = any ($4::uuid[]) and n.id = i.id and n.attempt = i.attempt and n.status = 'QUEUED'
       and l.status = 'RUNNING'
       and exists (select from workers w where w.id = $2 and w.expired_at is null)
    returning n.*
  ),
  numbered as (
    select c.*, row_number() over (partition by c.run_id order by c.id)::integer as number from claimed c
  ),
  counted as (
    update workflow_runs r set last_seq = r.last_seq + c.changes, progressed_at = clock_timestamp()
      from (select n.run_id, count(*)::integer as changes from numbered n group by n.run_id) c
     where r.id = c.run_id
    returning r.id, r.workflow_id, r.workflow_version_id, r.user_id, r.use_cache, r.last_seq
  ),
  events as (
    insert into run_events (run_id, seq, type, node_execution_id, payload)
    select n.run_id, l.last_seq + n.number, 'node.updated', n.id, ${nodePayload('n')}
      from numbered n join locked l on l.id = n.run_id
  )
  select n.id, n.run_id as "runId", r.workflow_id as "workflowId", r.workflow_version_id as "workflowVersionId",
         r.user_id as "userId", r.use_cache as "useCache", n.node_id as "nodeId", n.attempt,
         n.crash_count as "crashCount", n.timeout_ms as "timeoutMs", r.last_seq as seq,
         case when cardinality(n.dependencies) > 0 then (
           select jsonb_object_agg(d.node_id, d.output_data)
             from unnest(n.dependencies) as x(node_id)
             join node_executions d on d.run_id = n.run_id and d.node_id = x.node_id
         ) end as "dependencyOutputs"
    from numbered n join counted r on r.id = n.run_id`,
);

/** Claims a batch of attempts for a worker session. */
export function claimNodeExecutions(
  on: Queryable,
  workerId: string,
  requests: readonly ClaimRequest[],
): Promise<Claim[]> {
  const rows = requests.map(({ id, runId, attempt }) => ({ id, run_id: runId, attempt }));
  return claim(on, [batchOf(rows), workerId, runIdsOf(requests), idsOf(requests)]);
}
