import type { ModelUsage } from '../../core/node-type/model-usage.ts';
import type { NodeInputs, NodeOutputs } from '../../core/node-type/values.ts';
import type { WaitKind } from '../../core/run/wait.ts';
import { events, nodeEvents } from '../run-sql/events.ts';
import { lockRuns } from '../run-sql/lock.ts';
import { recordedOf, runsOf, type ChangedRun } from '../run-sql/result.ts';
import { countChanges, numberChanges } from '../run-sql/settle.ts';
import { suspendAttempts } from '../run-sql/suspend.ts';
import { batchOf, hotAnswerMs, idsOf, runIdsOf, statement, type Queryable } from '../statement.ts';

/** What an attempt waits for, as its row of `waits` says. */
export interface NewWait {
  readonly kind: WaitKind;
  /**
   * Milliseconds from now, by the clock of the database, until it ends by itself; null: never. A wait for a provider's job
   * does not end by itself: the provider is asked then for the first time.
   */
  readonly dueInMs: number | null;
  readonly payload: Readonly<Record<string, unknown>>;
  /** What the node puts out when its time is over; null: it fails with WAIT_EXPIRED then. */
  readonly dueOutputs: NodeOutputs | null;
}

/** An attempt that has to wait, as it is to be recorded. */
export interface Suspend {
  readonly id: string;
  readonly runId: string;
  readonly attempt: number;
  /** Shown while it waits, and kept. */
  readonly inputs: NodeInputs | null;
  /** What the attempt has used of a model so far. */
  readonly usage?: ModelUsage | null;
  /** Null: it waits for what is written down elsewhere, such as its parts. */
  readonly wait: NewWait | null;
}

/** What suspensions changed; an attempt that is missing was not the current one any more. */
export interface RecordedSuspends {
  readonly recorded: readonly string[];
  readonly runs: readonly ChangedRun[];
}

/*
 * suspend: RUNNING attempts become WAITING, each with a row of `waits` where it has one; what a provider calls the job that
 * is waited for is stored by the same statement. To repeat it changes nothing.
 *
 * Locks   the runs, in id order; then the attempts, and the jobs.
 * Relies  on the primary keys.
 */
const suspend = statement<{ recorded: string[] | null; runs: ChangedRun[] | null }>(
  'suspend-node-executions',
  `with input as (
    select i.* from jsonb_to_recordset($1::jsonb) as i(
      id uuid, run_id uuid, attempt integer, inputs jsonb, usage jsonb, wait jsonb)
  ),
  ${lockRuns('$2')},
  ${suspendAttempts('$3', ', i.wait')},
  opened as (
    insert into waits (run_id, user_id, node_execution_id, attempt, kind, due_at, payload, due_outputs)
    select n.run_id, l.user_id, n.id, n.attempt, w.kind,
           case when w.kind <> 'provider' then clock_timestamp() + make_interval(secs => w."dueInMs" / 1000.0) end, w.payload, w."dueOutputs"
      from suspended n
      join locked l on l.id = n.run_id
      cross join jsonb_to_record(n.wait) as w(kind text, "dueInMs" double precision, payload jsonb, "dueOutputs" jsonb)
     where jsonb_typeof(n.wait) = 'object'
  ),
  handed as (
    update provider_jobs p set
      job = w.payload, look_at = clock_timestamp() + make_interval(secs => coalesce(w."dueInMs", 0) / 1000.0)
      from suspended n cross join jsonb_to_record(n.wait) as w(kind text, "dueInMs" double precision, payload jsonb)
     where p.node_execution_id = any (array[n.id]) and w.kind = 'provider'
  ),
  ${numberChanges({ from: 'suspended n' })},
  ${countChanges()},
  ${events(nodeEvents())}
  select ${recordedOf('suspended')}, ${runsOf('counted r')}`,
);

/** Lets attempts wait. One that is missing from `recorded` was not the current one any more, or waits already. */
export async function suspendNodeExecutions(on: Queryable, suspends: readonly Suspend[]): Promise<RecordedSuspends> {
  const rows = suspends.map(({ runId, ...rest }) => ({ run_id: runId, ...rest }));
  const [row] = await suspend(on, [batchOf(rows), runIdsOf(suspends), idsOf(suspends)], hotAnswerMs);
  return { recorded: row?.recorded ?? [], runs: row?.runs ?? [] };
}
