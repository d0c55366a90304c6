import type { ModelUsage } from '../../core/node-type/executor.ts';
import type { NodeInputs } from '../../core/node-type/values.ts';
import { durationMs, lockRuns, nodePayload, runPayload, type ChangedRun } from '../run-event-sql.ts';
import { batchOf, idsOf, runIdsOf, statement, storedMessage, type Queryable } from '../statement.ts';
import { usageSum } from '../usage-sql.ts';

export interface Failure {
  readonly id: string;
  readonly runId: string;
  readonly attempt: number;
  readonly code: string;
  readonly message: string;
  readonly inputs: NodeInputs | null;
  /** Counts one more death of a worker. */
  readonly crashed: boolean;
  /** What the attempt has used of a model all the same. */
  readonly usage?: ModelUsage | null;
}

export interface RecordedFailures {
  readonly recorded: readonly string[];
  readonly runs: readonly ChangedRun[];
}

/** Names in the message of a skipped node; what fails beyond is told as "and more". */
const maxNamed = 20;

/** Why a node is skipped: names that are quoted already, as an array. */
const because = (names: string) =>
  `'Skipped because it depends on what failed: ' || array_to_string((${names})[1:${maxNamed}], ', ')
        || case when cardinality(${names}) > ${maxNamed} then ' and more.' else '.' end`;

/*
 * fail: RUNNING attempts become FAILED for good; everything that depends on
 * them, near or far, becomes SKIPPED and names what failed; a run with nothing
 * left becomes FAILED. Branches that do not depend on them go on. What was
 * skipped before, for another failure, names this one too: whoever mends only
 * the first would run into the second.
 *
 * Whether a node was skipped now or before stands in its message: one that was
 * added to is longer than what is made of these failures alone. Its status
 * before cannot be asked for, since the rows that a statement reads are those of
 * before it waited for its locks.
 *
 * Locks   the runs, in id order; then the attempts and all their dependents.
 * Relies  on the primary keys and node_executions (run_id, node_id).
 */
const fail = statement<{ recorded: string[] | null; runs: ChangedRun[] | null }>(
  'fail-node-executions',
  `with recursive input as (
    select i.* from jsonb_to_recordset($1::jsonb) as i(
      id uuid, run_id uuid, attempt integer, code text, message text, inputs jsonb, crashed boolean, usage jsonb)
  ),
  ${lockRuns('$2')},
  failed as (
    update node_executions n set
      status = 'FAILED', error = i.message, error_code = i.code, input_data = i.inputs,
      usage = ${usageSum('n.usage', 'i.usage')},
      crash_count = n.crash_count + case when i.crashed then 1 else 0 end,
      finished_at = clock_timestamp(), duration = ${durationMs('n')}
      from input i join locked l on l.id = i.run_id, gate
     where n.id = any ($3::uuid[]) and n.id = i.id and n.attempt = i.attempt and n.status = 'RUNNING' and l.status = 'RUNNING'
    returning n.*
  ),
  downstream as (
    select f.run_id, x.node_id, coalesce(nullif(f.node_label, ''), f.node_id) as because from failed f cross join unnest(f.dependents) as x(node_id)
    union
    select d.run_id, x.node_id, d.because
      from downstream d
      join node_executions n on n.run_id = d.run_id and n.node_id = d.node_id
      cross join unnest(n.dependents) as x(node_id)
  ),
  reasons as (
    select d.run_id, d.node_id, array_agg('"' || d.because || '"' order by d.because) as names
      from downstream d group by d.run_id, d.node_id
  ),
  skipped as (
    update node_executions n set
      status = 'SKIPPED', finished_at = coalesce(n.finished_at, clock_timestamp()), error_code = 'DEPENDENCY_FAILED',
      error = case
        when n.status = 'PENDING' then ${because('s.names')}
        when cardinality(string_to_array(n.error, '", "')) + cardinality(s.names) > ${maxNamed}
          then left(n.error, -1) || ' and more.'
        else left(n.error, -1) || ', ' || array_to_string(s.names, ', ') || '.' end
      from reasons s
     where n.run_id = s.run_id and n.node_id = s.node_id
       and (n.status = 'PENDING' or n.status = 'SKIPPED' and n.error not like '% and more.')
    returning n.*, n.error = ${because('s.names')} as is_new
  ),
  changed as (
    select c.*, row_number() over (partition by c.run_id order by c.rank, c.id)::integer as number from (
      select f.run_id, 0 as rank, f.id, true as is_new, ${nodePayload('f')} as payload from failed f
      union all
      select s.run_id, 1 as rank, s.id, s.is_new, ${nodePayload('s')} as payload from skipped s
    ) c
  ),
  totals as (
    select l.id, l.last_seq, l.unfinished_nodes - t.ended as left_over, t.changes, t.failures
      from locked l join (
        select c.run_id, count(*)::integer as changes, (count(*) filter (where c.is_new))::integer as ended,
               (count(*) filter (where c.rank = 0))::integer as failures
          from changed c group by c.run_id
      ) t on t.run_id = l.id
  ),
  runs as (
    update workflow_runs r set
      unfinished_nodes = t.left_over, progressed_at = clock_timestamp(), failed_nodes = r.failed_nodes + t.failures,
      error = coalesce(r.error, (
        select 'Node "' || coalesce(nullif(f.node_label, ''), f.node_id) || '" failed: ' || f.error
          from failed f where f.run_id = r.id order by f.id limit 1)),
      last_seq = t.last_seq + t.changes + case when t.left_over = 0 then 1 else 0 end,
      status = case when t.left_over > 0 then r.status else 'FAILED' end,
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
    (select json_agg(f.id) from failed f) as recorded,
    (select json_agg(json_build_object('runId', r.id, 'workflowId', r.workflow_id, 'seq', r.last_seq,
       'status', r.status)) from runs r) as runs`,
);

/** Ends attempts as FAILED and skips what depends on them. */
export async function failNodeExecutions(on: Queryable, failures: readonly Failure[]): Promise<RecordedFailures> {
  const rows = failures.map(({ runId, message, ...failure }) => ({
    run_id: runId,
    message: storedMessage(message),
    ...failure,
  }));
  const [row] = await fail(on, [batchOf(rows), runIdsOf(failures), idsOf(failures)]);
  return { recorded: row?.recorded ?? [], runs: row?.runs ?? [] };
}
