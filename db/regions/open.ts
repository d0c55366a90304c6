import type { NodeInputs } from '../../core/node-type/values.ts';
import { events, nodePayload } from '../run-sql/events.ts';
import { lockRuns } from '../run-sql/lock.ts';
import { progressOf } from '../run-sql/parts.ts';
import { runsOf, type ChangedRun } from '../run-sql/result.ts';
import { countChanges } from '../run-sql/settle.ts';
import { suspendAttempts } from '../run-sql/suspend.ts';
import { batchOf, hotAnswerMs, statement, storableJson, type Queryable } from '../statement.ts';

/** A part of an earlier run that stands in for an element. */
export interface StandIn {
  readonly id: string;
  readonly index: number;
  readonly key: string;
  readonly label: string | null;
  /** The part of the earlier run. */
  readonly from: string;
}

/** A region that is to be opened, by the attempt of its driver. */
export interface NewRegion {
  /** The driver's attempt. */
  readonly id: string;
  readonly runId: string;
  readonly attempt: number;
  /** Shown while it waits. */
  readonly inputs: NodeInputs;
  /** What every part gets alike, as a hash. */
  readonly sharedKey: string;
  readonly total: number;
  /** Nodes of each part. */
  readonly nodes: number;
  readonly width: number;
  readonly mostFailed: number | null;
  /** The first element without a part. */
  readonly next: number;
}

/*
 * open region: the driver becomes WAITING, and its region is written down with the parts of an earlier run that stand in,
 * copied with their outputs. For a region that is open already the driver waits again, and nothing else happens.
 *
 * Locks   the run; then the driver.
 * Relies  on the primary keys and node_executions (run_id, node_id).
 */
const open = statement<{ opened: boolean; runs: ChangedRun[] | null }>(
  'open-region',
  `with input as (
    select i.* from jsonb_to_recordset($1::jsonb) as i(
      id uuid, run_id uuid, attempt integer, inputs jsonb, usage jsonb, "sharedKey" text, total integer, nodes integer,
      width integer, "mostFailed" integer, next integer)
  ),
  stand_ins as (
    select i.* from jsonb_to_recordset($4::jsonb) as i(id uuid, index integer, key text, label text, "from" uuid)
  ),
  ${lockRuns('$2')},
  ${suspendAttempts('$3')},
  region as (
    insert into run_regions (node_execution_id, run_id, shared_key, total, nodes, width, most_failed, next_index,
                             completed, cached)
    select n.id, n.run_id, i."sharedKey", i.total, i.nodes, i.width, i."mostFailed", i.next,
           (select count(*) from stand_ins), (select count(*) from stand_ins)
      from suspended n join input i on i.id = n.id
    on conflict (node_execution_id) do nothing
    returning *
  ),
  parts as (
    insert into workflow_runs (id, workflow_id, workflow_version_id, user_id, actor_id, trigger_type, use_cache, status,
                               unfinished_nodes, handled_failures, deadline_at, admitted_at, started_at, finished_at,
                               parent_run_id, parent_execution_id, part_index, part_key, part_label, part_settled)
    select s.id, r.workflow_id, r.workflow_version_id, r.user_id, r.actor_id, r.trigger_type, r.use_cache, 'COMPLETED', 0,
           p.handled_failures, 'infinity', clock_timestamp(), clock_timestamp(), clock_timestamp(),
           g.run_id, g.node_execution_id, s.index, s.key, s.label, true
      from region g
      join workflow_runs r on r.id = g.run_id
      cross join stand_ins s
      cross join lateral (select p.handled_failures from workflow_runs p where p.id = s."from" offset 0) p
    returning id
  ),
  part_nodes as (
    insert into node_executions (id, run_id, node_id, node_type, node_label, pool, status, cached, attempt,
                                 pending_dependencies, dependencies, dependents, fingerprint, timeout_ms, input_data,
                                 output_data, error, error_code, finished_at, handles_error, region)
    select gen_random_uuid(), p.id, n.node_id, n.node_type, n.node_label, n.pool, n.status, n.status = 'COMPLETED', n.attempt,
           0, n.dependencies, n.dependents, n.fingerprint, n.timeout_ms, n.input_data, n.output_data, n.error,
           n.error_code, clock_timestamp(), n.handles_error,
           n.region || jsonb_build_object('of', g.node_execution_id, 'index', s.index)
      from parts p
      join stand_ins s on s.id = p.id
      cross join region g
      join node_executions n on n.run_id = any (array[s."from"])
  ),
  changed as (
    select n.run_id, n.id, 1 as number,
           ${nodePayload('n')} || coalesce((select jsonb_build_object('parts', ${progressOf('g')}) from region g), '{}') as payload
      from suspended n
  ),
  ${countChanges()},
  ${events(`select c.run_id, l.last_seq + c.number, 'node.updated', c.id, c.payload
      from changed c join locked l on l.id = c.run_id`)}
  select exists (select from suspended) as opened, ${runsOf('counted r')}`,
);

/** What opening a region came to. */
export interface OpenedRegion {
  /** False: the attempt was not the current one any more. */
  readonly isOpen: boolean;
  readonly runs: readonly ChangedRun[];
}

/** Lets a driver wait for its parts. */
export async function openRegion(
  on: Queryable,
  { runId, ...region }: NewRegion,
  standIns: readonly StandIn[],
): Promise<OpenedRegion> {
  const values = [
    batchOf([{ run_id: runId, ...region }]),
    [runId],
    [region.id],
    storableJson(JSON.stringify(standIns)),
  ];
  const [row] = await open(on, values, hotAnswerMs);
  return { isOpen: row?.opened ?? false, runs: row?.runs ?? [] };
}
