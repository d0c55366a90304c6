import type { PartsProgress } from '../../core/api/runs.ts';
import { cancelledMark } from '../../core/run/region.ts';
import { events, nodePayload } from '../run-sql/events.ts';
import { lockRuns } from '../run-sql/lock.ts';
import { finishedNodes, partsAside, placeOf, progressOf } from '../run-sql/parts.ts';
import { runsOf, type ChangedRun } from '../run-sql/result.ts';
import { countChanges } from '../run-sql/settle.ts';
import { hotAnswerMs, statement, type Queryable } from '../statement.ts';

/** Which failed elements of a region are to be gone through again. */
export interface PartsRetry {
  /** The execution of its driver. */
  readonly executionId: string;
  /** The run, or part, that it is in. */
  readonly runId: string;
  /** Their places; null: all that have failed so far. */
  readonly at: readonly number[] | null;
}

/** What became of it. */
export interface RetriedParts {
  /** Null: it is over, or its elements are not known yet, so nothing was changed. */
  readonly parts: PartsProgress | null;
  readonly runs: readonly ChangedRun[];
}

/*
 * retry parts: elements of a region that is under way and of which the part has failed become elements without a part, which
 * come before all others. The part that failed is set aside: its place becomes one below zero, the lower the more often it was tried, from which
 * its own is told again (`-1 - place` modulo the number of elements). So everything that asks for parts by their places
 * passes over it, and what it has used stays with the run. With fewer failures than it may have the region is not stopped any more.
 *
 * A region that is closed is over: its driver collects, or has.
 *
 * Locks   the run; then the region, then the parts, which are read once, however often each was tried.
 * Relies  on the primary keys, workflow_runs_parts, workflow_runs_active and node_executions (run_id, node_id).
 */
const retry = statement<{ parts: PartsProgress | null; runs: ChangedRun[] | null }>(
  'retry-parts',
  `with ${lockRuns('array[$2]')},
  before as materialized (
    select g.* from run_regions g, node_executions n, gate
     where g.node_execution_id = $1::uuid and n.id = $1::uuid and not g.is_closed
       and g.most_failed is distinct from ${cancelledMark} and not n.region ? 'loop' and not n.region ? 'call'
       and n.status in ('WAITING', 'QUEUED', 'RUNNING') and exists (select from locked l where l.id = $2::uuid)
       for no key update of g
  ),
  failed as materialized (
    select p.id, p.place, p.earlier, p.total from (
      select p.*, (count(*) filter (where p.part_index < 0) over (partition by p.place))::integer as earlier
        from before b cross join lateral (
          select x.id, x.status, x.part_settled, x.part_index, ${placeOf('x', 'b')} as place, b.total
            from workflow_runs x where x.parent_run_id = b.run_id and x.parent_execution_id = b.node_execution_id offset 0) p
       where $3::integer[] is null or p.place in (select unnest($3::integer[]))) p
     where p.status = 'FAILED' and p.part_settled and p.part_index >= 0
  ),
  aside as (
    update workflow_runs p set part_index = -1 - f.place - f.total * f.earlier
      from failed f where p.id = any (array[f.id]) and p.part_index = f.place
    returning p.id
  ),
  region as (
    update run_regions g set
      failed = g.failed - a.parts, again = g.again + a.parts, retried = g.retried + a.parts,
      changed_at = clock_timestamp(), told_at = clock_timestamp()
      from before b, (select count(*)::integer as parts from aside) a
     where g.node_execution_id = b.node_execution_id
    returning g.*
  ),
  changed as (
    select n.run_id, n.id, 1 as number, g.parts, ${nodePayload('n')} || jsonb_build_object('parts', g.parts) as payload
      from (select g.node_execution_id, ${progressOf('g')} as parts from region g) g
      join node_executions n on n.id = any (array[g.node_execution_id])
  ),
  ${countChanges()},
  ${events(`select c.run_id, l.last_seq + c.number, 'node.updated', c.id, c.payload
      from changed c join locked l on l.id = c.run_id`)}
  select (select c.parts from changed c) as parts, ${runsOf('counted r')}`,
);

/** Goes through failed elements of a region that is under way again. A worker that is told makes their parts. */
export async function retryParts(on: Queryable, { executionId, runId, at }: PartsRetry): Promise<RetriedParts> {
  const [row] = await retry(on, [executionId, runId, at], hotAnswerMs);
  return { parts: row?.parts ?? null, runs: row?.runs ?? [] };
}

/** A part that was set aside, and whose element has no other yet. */
export interface PartAgain {
  readonly id: string;
  /** The place of its element. */
  readonly index: number;
  /** The outputs that its completed nodes gave, by node id; null where none completed. */
  readonly nodes: Readonly<Record<string, readonly string[]>> | null;
}

/** The first elements that are to be gone through again, and how many were, and ever had been, when they were read. */
export interface PartsAgain {
  readonly left: number;
  readonly retried: number;
  /** In the order of the elements. */
  readonly parts: readonly PartAgain[];
}

/* Relies on the primary keys, workflow_runs_parts and node_executions (run_id, node_id). */
const listAgain = statement<PartAgain & Pick<PartsAgain, 'left' | 'retried'>>(
  'list-parts-again',
  `select p.id, p.place as index, ${finishedNodes('p')} as nodes, g.again as left, g.retried
     from run_regions g cross join lateral ${partsAside('g')} p
    where g.node_execution_id = $1
    order by p.place limit $2`,
);

/** Elements of a region that are to be gone through again, each with the part that failed last; null: there are none. */
export async function listPartsAgain(on: Queryable, executionId: string, limit: number): Promise<PartsAgain | null> {
  const rows = await listAgain(on, [executionId, limit]);
  const [first] = rows;
  return first === undefined ? null : { left: first.left, retried: first.retried, parts: rows };
}
