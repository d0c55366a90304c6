import type { NodeOutputs } from '../../core/node-type/values.ts';
import { currentAttempts, endNow } from '../run-sql/attempts.ts';
import { judgedChanges, judgeNodes } from '../run-sql/branches.ts';
import { closeRuns } from '../run-sql/close.ts';
import { events, nodeEvents, runEvents } from '../run-sql/events.ts';
import { lockRuns } from '../run-sql/lock.ts';
import { releaseDependents } from '../run-sql/release.ts';
import { readyOf, recordedOf, runsOf, type ChangedRun, type ReadyNode } from '../run-sql/result.ts';
import { settle } from '../run-sql/settle.ts';
import { closeWaits, timeGivenBack, type WaitEnd } from '../run-sql/waits.ts';
import { batchOf, hotAnswerMs, idsOf, runIdsOf, statement, type Queryable } from '../statement.ts';

/** A wait that ended with what was waited for. */
export interface Resolve extends WaitEnd {
  readonly id: string;
  readonly runId: string;
  /** The attempt that waits. */
  readonly attempt: number;
  /** The outputs with a value; what hangs on the others is skipped. Null: what is stored with the wait for its end. */
  readonly outputs: NodeOutputs | null;
}

/** What the ends of waits changed. */
export interface RecordedResolves {
  /** Those that are resolved by this. The others were resolved before, or ended with their run: the first one wins. */
  readonly recorded: readonly string[];
  readonly runs: readonly ChangedRun[];
  readonly ready: readonly ReadyNode[];
}

/*
 * resolve: WAITING attempts become COMPLETED with the outputs of what they waited for, and their waits are over. What that
 * makes ready is QUEUED: no worker has a hand in it.
 *
 * Locks   the runs, in id order; then the attempts, their waits and their dependents.
 * Relies  on the primary keys, node_executions (run_id, node_id) and waits (node_execution_id, attempt).
 */
const resolve = statement<{ recorded: string[] | null; runs: ChangedRun[] | null; ready: ReadyNode[] | null }>(
  'resolve-node-executions',
  `with recursive input as (
    select i.* from jsonb_to_recordset($1::jsonb) as i(
      id uuid, run_id uuid, attempt integer, outputs jsonb, resolution jsonb, "resolvedBy" text)
  ),
  ${lockRuns('$2')},
  done as (
    update node_executions n set
      status = 'COMPLETED', output_data = case when jsonb_typeof(i.outputs) = 'object' then i.outputs else (
        select w.due_outputs from waits w where w.node_execution_id = n.id and w.attempt = n.attempt) end,
      error = null, error_code = null, ${endNow('n')}
      ${currentAttempts('$3', 'WAITING')}
    returning n.*, null::text as continues_in, 0 as keeps, i.resolution, i."resolvedBy" as resolved_by
  ),
  ${closeWaits('done')},
  ${releaseDependents({ hasBranches: true })},
  given as materialized (
    select d.id, d.run_id, d.node_id, d.dependents, null::text as continues_in,
           (select coalesce(jsonb_agg(o.name), '[]') from jsonb_object_keys(d.output_data) as o(name)) as given
      from done d
  ),
  ${judgeNodes({ sources: 'given' })},
  ${settle({ from: 'done n', ends: 'true' }, { from: "released n where n.status <> 'PENDING'" }, ...judgedChanges)},
  ${closeRuns('null::text', `, ${timeGivenBack}`)},
  ${events(nodeEvents(), runEvents('runs r where r.finished_at is not null'))}
  select ${recordedOf('done')}, ${runsOf('runs r')},
    ${readyOf(`(
       select n.id, n.run_id, n.attempt, n.pool, n.region from released n where n.status = 'QUEUED'
       union all
       select n.id, n.run_id, n.attempt, n.pool, n.region from judged n where n.status = 'QUEUED'
     ) n`)}`,
);

/** Completes WAITING attempts; the caller gives `ready` to the queue. */
export async function resolveNodeExecutions(on: Queryable, resolves: readonly Resolve[]): Promise<RecordedResolves> {
  const rows = resolves.map(({ runId, ...rest }) => ({ run_id: runId, ...rest }));
  const [row] = await resolve(on, [batchOf(rows), runIdsOf(resolves), idsOf(resolves)], hotAnswerMs);
  return { recorded: row?.recorded ?? [], runs: row?.runs ?? [], ready: row?.ready ?? [] };
}
