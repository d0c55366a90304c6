import type { ListAction } from '../../core/api/parts.ts';
import type { PartsProgress } from '../../core/api/runs.ts';
import { cancelledMark } from '../../core/run/region.ts';
import { events, nodePayload } from '../run-sql/events.ts';
import { lockRuns } from '../run-sql/lock.ts';
import { progressOf } from '../run-sql/parts.ts';
import { runsOf, type ChangedRun } from '../run-sql/result.ts';
import { countChanges } from '../run-sql/settle.ts';
import { hotAnswerMs, statement, type Queryable } from '../statement.ts';

/** Which region, and what is to become of it. */
export interface RegionSteering {
  /** The execution of its driver. */
  readonly executionId: string;
  /** The run, or part, that it is in. */
  readonly runId: string;
  /** The run as a whole: its time limit stands still meanwhile. */
  readonly wholeRunId: string;
  readonly action: Exclude<ListAction, 'retryFailed'>;
  /** Who does it. Default null: nobody in particular. */
  readonly actorId?: string | null;
}

/** What became of it. */
export interface SteeredRegion {
  /** Null: it is over, or its elements are not known yet, so nothing was changed. */
  readonly parts: PartsProgress | null;
  readonly runs: readonly ChangedRun[];
}

/*
 * steer region: it is paused, goes on, or is cancelled, and tells so as an event of its driver. One that is cancelled counts
 * as one of which more has failed than may. The time for which it was paused is given back to the limit of the run.
 *
 * Locks   the runs, in id order; then the region.
 * Relies  on the primary keys, workflow_runs_active and node_executions (run_id, node_id).
 */
const steer = statement<{ parts: PartsProgress | null; runs: ChangedRun[] | null }>(
  'steer-region',
  `with ${lockRuns('array[$2, $3]')},
  before as materialized (
    select g.paused_at, n.status from run_regions g, node_executions n, gate
     where g.node_execution_id = $1::uuid and n.id = $1::uuid and not g.is_closed
       and n.status in ('WAITING', 'QUEUED', 'RUNNING') and exists (select from locked l where l.id = $2::uuid)
       for no key update of g
  ),
  region as (
    update run_regions g set
      paused_at = case when $4 = 'pause' then coalesce(g.paused_at, clock_timestamp()) end,
      paused_by = case when $4 = 'pause' then case when g.paused_at is null then $5 else g.paused_by end end,
      most_failed = case when $4 = 'cancel' then ${cancelledMark} else g.most_failed end,
      changed_at = clock_timestamp(), told_at = clock_timestamp()
      from before b where g.node_execution_id = $1::uuid
    returning g.*
  ),
  changed as (
    select n.run_id, n.id, 1 as number, g.parts, ${nodePayload('n')} || jsonb_build_object('parts', g.parts) as payload
      from (select g.node_execution_id, ${progressOf('g')} as parts from region g) g
      join node_executions n on n.id = any (array[g.node_execution_id])
  ),
  ${countChanges(`,
      deadline_at = case when r.id = $3::uuid and r.parent_run_id is null and $4 <> 'pause'
        then r.deadline_at + coalesce((select clock_timestamp() - b.paused_at from before b), interval '0') else r.deadline_at end`)},
  whole as (
    update workflow_runs r set
      deadline_at = r.deadline_at + coalesce((select clock_timestamp() - b.paused_at from before b), interval '0')
      from locked l
     where r.id = l.id and l.id = $3::uuid and $3::uuid <> $2::uuid and $4 <> 'pause' and exists (select from region)
  ),
  ${events(`select c.run_id, l.last_seq + c.number, 'node.updated', c.id, c.payload
      from changed c join locked l on l.id = c.run_id`)}
  select (select c.parts from changed c) as parts, ${runsOf('counted r')}`,
);

/** Steers a region that is under way. What is unfinished of one that was cancelled is ended by the caller. */
export async function steerRegion(
  on: Queryable,
  { executionId, runId, wholeRunId, action, actorId = null }: RegionSteering,
): Promise<SteeredRegion> {
  const [row] = await steer(on, [executionId, runId, wholeRunId, action, actorId], hotAnswerMs);
  return { parts: row?.parts ?? null, runs: row?.runs ?? [] };
}
