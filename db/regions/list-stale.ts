import { cancelledMark } from '../../core/run/region.ts';
import { statement, type Queryable } from '../statement.ts';

/** A region that somebody has to look at. */
export interface StaleRegion {
  readonly executionId: string;
  readonly runId: string;
  /** Parts that have ended and were not counted. */
  readonly ended: readonly string[];
}

/* Relies on run_regions_open, the primary keys and workflow_runs_unsettled. */
const stale = statement<StaleRegion>(
  'list-stale-regions',
  `select s."executionId", s."runId", s.ended from (
     select g.node_execution_id as "executionId", g.run_id as "runId", u.ended,
            g.unfinished - cardinality(u.ended) < g.width and (g.next_index < g.total or g.again > 0) and g.paused_at is null as has_room,
            n.status as status, g.changed_at, g.paused_at is not null and (g.next_index < g.total or g.again > 0) as is_held, g.unfinished - cardinality(u.ended) as left_over
       from run_regions g
       left join node_executions n on n.id = g.node_execution_id
       cross join lateral (
         select array(select p.id from workflow_runs p
                       where p.parent_execution_id = g.node_execution_id and p.part_settled = false
                         and p.finished_at < clock_timestamp() - make_interval(secs => $1 / 1000.0)
                       limit $2) as ended) u
      where not g.is_closed) s
    where cardinality(s.ended) > 0
       or s.changed_at < clock_timestamp() - make_interval(secs => $1 / 1000.0)
          and (s.has_room or s.left_over = 0 and not s.is_held or s.status not in ('WAITING', 'RUNNING', 'QUEUED'))
    limit $2`,
);

/** Open regions in which something was not followed up for `overdueMs`, such as by a worker that died. */
export function listStaleRegions(on: Queryable, overdueMs: number, limit: number): Promise<StaleRegion[]> {
  return stale(on, [overdueMs, limit]);
}

/* Relies on workflow_runs_active and the primary keys. */
const orphans = statement<{ id: string }>(
  'list-orphaned-parts',
  `select p.id from workflow_runs p join workflow_runs r on r.id = p.parent_run_id
    where p.finished_at is null and p.admitted_at is not null
      and (r.finished_at is not null
           or exists (select from run_regions g where g.node_execution_id = p.parent_execution_id
                         and g.most_failed = ${cancelledMark} and not g.is_closed))
    limit $1`,
);

/** Unfinished parts of runs that are over, and of lists that were cancelled. */
export async function listOrphanedParts(on: Queryable, limit: number): Promise<string[]> {
  return (await orphans(on, [limit])).map(({ id }) => id);
}

/* Relies on workflow_runs_parts. */
const unfinished = statement<{ id: string }>(
  'list-unfinished-parts',
  `select p.id from workflow_runs p where p.parent_run_id = any ($1::uuid[]) and p.finished_at is null order by p.id limit $2`,
);

/* Relies on workflow_runs_parts. */
const unfinishedOf = statement<{ id: string }>(
  'list-unfinished-parts-of-region',
  `select p.id from workflow_runs p
    where p.parent_run_id = $1 and p.parent_execution_id = $2 and p.finished_at is null order by p.id limit $3`,
);

/** Unfinished parts of one region. */
export async function listUnfinishedPartsOf(
  on: Queryable,
  { runId, executionId }: { readonly runId: string; readonly executionId: string },
  limit: number,
): Promise<string[]> {
  return (await unfinishedOf(on, [runId, executionId, limit])).map(({ id }) => id);
}

/** Unfinished parts of these runs. */
export async function listUnfinishedParts(on: Queryable, runIds: readonly string[], limit: number): Promise<string[]> {
  return (await unfinished(on, [runIds, limit])).map(({ id }) => id);
}
