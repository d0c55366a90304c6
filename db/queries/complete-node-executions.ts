import type { ModelUsage } from '../../core/node-type/executor.ts';
import type { NodeInputs, NodeOutputs } from '../../core/node-type/values.ts';
import { durationMs, lockRuns, nodePayload, runPayload, type ChangedRun, type ReadyNode } from '../run-event-sql.ts';
import { batchOf, idsOf, runIdsOf, statement, type Queryable } from '../statement.ts';

export interface Completion {
  readonly id: string;
  readonly runId: string;
  readonly attempt: number;
  readonly inputs: NodeInputs;
  readonly outputs: NodeOutputs;
  readonly cached: boolean;
  readonly usage: ModelUsage | null;
}

export interface RecordedCompletions {
  /** Ids that were recorded. The others lost their lease: their result is dropped. */
  readonly recorded: readonly string[];
  readonly runs: readonly ChangedRun[];
  readonly ready: readonly ReadyNode[];
}

/*
 * complete: RUNNING attempts become COMPLETED (the attempt's number fences off
 * whoever was rescued from); the
 * pending-dependency count of their dependents goes down, those at zero become
 * QUEUED; a run with nothing left becomes terminal. One statement for a batch.
 *
 * Locks   the runs, in id order; then the attempts and their dependents.
 * Relies  on the primary keys and node_executions (run_id, node_id).
 */
const complete = statement<{ recorded: string[] | null; runs: ChangedRun[] | null; ready: ReadyNode[] | null }>(
  'complete-node-executions',
  `with input as (
    select i.* from jsonb_to_recordset($1::jsonb) as i(
      id uuid, run_id uuid, attempt integer, inputs jsonb, outputs jsonb, cached boolean, usage jsonb)
  ),
  ${lockRuns('$2')},
  done as (
    update node_executions n set
      status = 'COMPLETED', output_data = i.outputs, input_data = i.inputs, cached = i.cached, usage = i.usage,
      error = null, error_code = null, finished_at = clock_timestamp(), duration = ${durationMs('n')}
      from input i join locked l on l.id = i.run_id, gate
     where n.id = any ($3::uuid[]) and n.id = i.id and n.attempt = i.attempt and n.status = 'RUNNING'
       and l.status = 'RUNNING'
    returning n.*
  ),
  settled as (
    select d.run_id, x.node_id, count(*)::integer as dependencies
      from done d cross join unnest(d.dependents) as x(node_id)
     group by d.run_id, x.node_id
  ),
  released as (
    update node_executions n set
      pending_dependencies = n.pending_dependencies - s.dependencies,
      status = case when n.pending_dependencies = s.dependencies then 'QUEUED' else n.status end,
      queued_at = case when n.pending_dependencies = s.dependencies then clock_timestamp() end
      from settled s
     where n.run_id = s.run_id and n.node_id = s.node_id and n.status = 'PENDING'
    returning n.*
  ),
  changed as (
    select c.*, row_number() over (partition by c.run_id order by c.rank, c.id)::integer as number from (
      select d.run_id, 0 as rank, d.id, ${nodePayload('d')} as payload from done d
      union all
      select r.run_id, 1 as rank, r.id, ${nodePayload('r')} as payload from released r where r.status = 'QUEUED'
    ) c
  ),
  totals as (
    select l.id, l.last_seq, l.unfinished_nodes - t.done as left_over, t.changes, l.failed_nodes
      from locked l join (
        select c.run_id, count(*)::integer as changes, (count(*) filter (where c.rank = 0))::integer as done
          from changed c group by c.run_id
      ) t on t.run_id = l.id
  ),
  runs as (
    update workflow_runs r set
      unfinished_nodes = t.left_over, progressed_at = clock_timestamp(),
      last_seq = t.last_seq + t.changes + case when t.left_over = 0 then 1 else 0 end,
      status = case when t.left_over > 0 then r.status when t.failed_nodes > 0 then 'FAILED' else 'COMPLETED' end,
      finished_at = case when t.left_over = 0 then clock_timestamp() end
      from totals t
     where r.id = t.id
    returning r.*
  ),
  events as (
    insert into run_events (run_id, seq, type, node_execution_id, payload)
    select c.run_id, t.last_seq + c.number, 'node.updated', c.id, c.payload
      from changed c join totals t on t.id = c.run_id
    union all
    select r.id, r.last_seq, 'run.updated', null, ${runPayload('r')} from runs r where r.finished_at is not null
  )
  select
    (select json_agg(d.id) from done d) as recorded,
    (select json_agg(json_build_object('runId', r.id, 'workflowId', r.workflow_id, 'seq', r.last_seq,
       'status', r.status)) from runs r) as runs,
    (select json_agg(json_build_object('id', n.id, 'runId', n.run_id, 'attempt', n.attempt, 'pool', n.pool))
       from released n where n.status = 'QUEUED') as ready`,
);

/** Records a batch of finished attempts. */
export async function completeNodeExecutions(
  on: Queryable,
  completions: readonly Completion[],
): Promise<RecordedCompletions> {
  const rows = completions.map(({ runId, ...completion }) => ({ run_id: runId, ...completion }));
  const [row] = await complete(on, [batchOf(rows), runIdsOf(completions), idsOf(completions)]);
  return { recorded: row?.recorded ?? [], runs: row?.runs ?? [], ready: row?.ready ?? [] };
}
