import type { ModelUsage } from '../../core/node-type/model-usage.ts';
import type { NodeInputs } from '../../core/node-type/values.ts';
import { currentAttempts, endNow } from '../run-sql/attempts.ts';
import { judgedChanges, judgeNodes } from '../run-sql/branches.ts';
import { closeRuns } from '../run-sql/close.ts';
import { events, nodeEvents, runEvents } from '../run-sql/events.ts';
import { lockRuns } from '../run-sql/lock.ts';
import { readyOf, recordedOf, runsOf, type ChangedRun, type ReadyNode } from '../run-sql/result.ts';
import { settle } from '../run-sql/settle.ts';
import { skipDependents } from '../run-sql/skip.ts';
import { usageSum } from '../run-sql/usage.ts';
import { closeWaits, timeGivenBack, type WaitEnd } from '../run-sql/waits.ts';
import { batchOf, idsOf, runIdsOf, statement, storedMessage, type Queryable } from '../statement.ts';

/** An attempt that failed for good, as it is to be recorded. */
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

/** What failures changed; an attempt that is missing was not the current one any more. */
export interface RecordedFailures {
  readonly recorded: readonly string[];
  readonly runs: readonly ChangedRun[];
  /** What became ready where the failure is handled. */
  readonly ready: readonly ReadyNode[];
}

/*
 * fail: RUNNING attempts become FAILED for good; everything that depends on
 * them, near or far, becomes SKIPPED and names what failed; a run with nothing
 * left becomes FAILED. Branches that do not depend on them go on.
 *
 * Where a node handles its error, what is connected to that output gets it instead, and the run counts a handled failure.
 *
 * Locks   the runs, in id order; then the attempts and all their dependents.
 * Relies  on the primary keys and node_executions (run_id, node_id).
 */
const failText = (status: 'RUNNING' | 'WAITING') => `with recursive input as (
    select i.* from jsonb_to_recordset($1::jsonb) as i(
      id uuid, run_id uuid, attempt integer, code text, message text, inputs jsonb, crashed boolean, usage jsonb,
      resolution jsonb, "resolvedBy" text)
  ),
  ${lockRuns('$2')},
  failed as (
    update node_executions n set
      status = 'FAILED', error = i.message, error_code = i.code, input_data = ${status === 'WAITING' ? 'n.input_data' : 'i.inputs'},
      output_data = case when n.handles_error then jsonb_build_object('error',
        jsonb_build_object('code', i.code, 'message', i.message, 'attempts', n.attempt)) end,
      usage = ${usageSum('n.usage', 'i.usage')},
      crash_count = n.crash_count + case when i.crashed then 1 else 0 end,
      ${endNow('n')}
      ${currentAttempts('$3', status)}
    returning n.*${status === 'WAITING' ? ', i.resolution, i."resolvedBy" as resolved_by' : ''}
  ),${status === 'WAITING' ? `${closeWaits('failed')},` : ''}
  uncaught as (select f.* from failed f where f.handles_error is not true),
  caught as materialized (
    select f.id, f.run_id, f.node_id, f.dependents, '["error"]'::jsonb as given, null::text as continues_in
      from failed f where f.handles_error
  ),
  ${skipDependents},
  ${judgeNodes({
    sources: 'caught',
    only: 'not exists (select from reasons s where s.run_id = x.run_id and s.node_id = x.node_id)',
  })},
  ${settle(
    { from: 'failed n', ends: 'true', fails: 'n.handles_error is not true' },
    { from: 'skipped n', ends: 'n.is_new' },
    ...judgedChanges,
  )},
  ${closeRuns(
    `(
        select 'Node "' || coalesce(nullif(f.node_label, ''), f.node_id) || '" failed: ' || f.error
          from uncaught f where f.run_id = r.id order by f.id limit 1)`,
    `,
      handled_failures = nullif(coalesce(r.handled_failures, 0) + (select count(*)::integer from caught c where c.run_id = r.id), 0)${
        status === 'WAITING' ? `, ${timeGivenBack}` : ''
      }`,
  )},
  ${events(nodeEvents(), runEvents('runs r where r.finished_at is not null'))}
  select ${recordedOf('failed')}, ${runsOf('runs r')}, ${readyOf("judged n where n.status = 'QUEUED'")}`;

interface Row {
  readonly recorded: string[] | null;
  readonly runs: ChangedRun[] | null;
  readonly ready: ReadyNode[] | null;
}

const fail = statement<Row>('fail-node-executions', failText('RUNNING'));
const failWaiting = statement<Row>('fail-waiting-node-executions', failText('WAITING'));

/** Ends attempts as FAILED and skips what depends on them. */
export function failNodeExecutions(on: Queryable, failures: readonly Failure[]): Promise<RecordedFailures> {
  return record(fail, on, failures);
}

/** The same for attempts that are WAITING: what they waited for was given up. Their inputs stay as they are. */
export function failWaitingNodeExecutions(
  on: Queryable,
  failures: readonly (Omit<Failure, 'inputs' | 'crashed'> & WaitEnd)[],
): Promise<RecordedFailures> {
  return record(
    failWaiting,
    on,
    failures.map((failure) => ({ ...failure, inputs: null, crashed: false })),
  );
}

async function record(
  write: typeof fail,
  on: Queryable,
  failures: readonly (Failure & Partial<WaitEnd>)[],
): Promise<RecordedFailures> {
  const rows = failures.map(({ runId, message, ...failure }) => ({
    run_id: runId,
    message: storedMessage(message),
    ...failure,
  }));
  const [row] = await write(on, [batchOf(rows), runIdsOf(failures), idsOf(failures)]);
  return { recorded: row?.recorded ?? [], runs: row?.runs ?? [], ready: row?.ready ?? [] };
}
