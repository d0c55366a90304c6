import type { NodeOutputs } from '../../core/node-type/values.ts';
import type { RegionPlan } from '../../core/run/region.ts';
import { statement, type Queryable } from '../statement.ts';

/** The driver of a region with what comes into it. */
export interface DriverFacts {
  readonly executionId: string;
  readonly runId: string;
  readonly nodeId: string;
  readonly workflowVersionId: string;
  readonly retryOf: string | null;
  readonly region: RegionPlan;
  /** Outputs of everything from outside by node id; null for one that was skipped. */
  readonly outputs: Readonly<Record<string, NodeOutputs | null>>;
}

/* Relies on the primary keys and node_executions (run_id, node_id). */
const findDriverFacts = statement<DriverFacts>(
  'find-region-driver',
  `select n.id as "executionId", n.run_id as "runId", n.node_id as "nodeId", r.workflow_version_id as "workflowVersionId",
          r.retry_of as "retryOf", n.region,
          coalesce((select jsonb_object_agg(d.node_id, d.output_data) from node_executions d
                     where d.run_id = n.run_id and d.node_id = any (n.dependencies)), '{}') as outputs
     from node_executions n join workflow_runs r on r.id = n.run_id
    where n.id = $1 and n.region ? 'nodes'`,
);

/** Null where the run was deleted. */
export async function findDriver(on: Queryable, executionId: string): Promise<DriverFacts | null> {
  const [row] = await findDriverFacts(on, [executionId]);
  return row ?? null;
}

/** A region as it stands. */
export interface RegionRow {
  readonly total: number;
  readonly width: number;
  readonly mostFailed: number | null;
  readonly next: number;
  readonly unfinished: number;
  readonly completed: number;
  readonly failed: number;
  /** Elements from `next` on that have a part already: of an earlier run. */
  readonly ahead: readonly number[];
}

/* Relies on the primary keys and workflow_runs_parts. */
const findRegionRow = statement<RegionRow>(
  'find-region',
  `select g.total, g.width, g.most_failed as "mostFailed", g.next_index as next, g.unfinished, g.completed, g.failed,
          array(select p.part_index from workflow_runs p
                 where p.parent_run_id = g.run_id and p.parent_execution_id = g.node_execution_id
                   and p.part_index >= g.next_index order by p.part_index) as ahead
     from run_regions g where g.node_execution_id = $1`,
);

/** Null where its elements are not known yet. */
export async function findRegion(on: Queryable, executionId: string): Promise<RegionRow | null> {
  const [row] = await findRegionRow(on, [executionId]);
  return row ?? null;
}

/* Relies on node_executions (run_id) and the primary keys. */
const countPlanned = statement<{ nodes: number }>(
  'count-planned-executions',
  `select coalesce(sum(g.total::bigint * g.nodes), 0)::double precision as nodes
     from node_executions n join run_regions g on g.node_execution_id = n.id
    where n.run_id = $1 and n.region ? 'nodes'`,
);

/** Node executions that the regions of a run come to, as far as their elements are known. */
export async function countPlannedExecutions(on: Queryable, runId: string): Promise<number> {
  const [row] = await countPlanned(on, [runId]);
  return row?.nodes ?? 0;
}

/** Retries of retries that are looked through. */
const mostRetries = 20;

export interface FinishedPart {
  readonly id: string;
  readonly key: string;
}

/*
 * A run that is retried may be a retry itself, which perhaps ended before it came to the region: what completed before that
 * is paid for all the same. The latest comes first.
 *
 * Relies on node_executions (run_id, node_id), the primary keys and workflow_runs_parts.
 */
const listFinished = statement<FinishedPart>(
  'list-finished-parts',
  `with recursive earlier as (
     select r.id, r.retry_of, 1 as place from workflow_runs r where r.id = $1
     union all
     select r.id, r.retry_of, e.place + 1 from earlier e join workflow_runs r on r.id = e.retry_of
      where e.place < ${mostRetries}
   )
   select distinct on (p.part_key) p.id, p.part_key as key
     from earlier e
     join node_executions n on n.run_id = e.id and n.node_id = $2
     join run_regions g on g.node_execution_id = n.id and g.shared_key = $3
     join workflow_runs p on p.parent_run_id = n.run_id and p.parent_execution_id = n.id and p.status = 'COMPLETED'
    order by p.part_key, e.place`,
);

/**
 * The parts of a region that completed in another run, or in those that it was a retry of, where all of them got what is
 * alike; of each key the latest.
 */
export function listFinishedParts(
  on: Queryable,
  { runId, driver, sharedKey }: { readonly runId: string; readonly driver: string; readonly sharedKey: string },
): Promise<FinishedPart[]> {
  return listFinished(on, [runId, driver, sharedKey]);
}

/* Relies on node_executions (run_id, node_id). */
const findByNode = statement<{ id: string }>(
  'find-region-driver-of-run',
  `select n.id from node_executions n where n.run_id = $1 and n.node_id = $2`,
);

/** The execution of a region's driver in a run; null where the run was deleted. */
export async function findDriverOf(on: Queryable, runId: string, driver: string): Promise<string | null> {
  const [row] = await findByNode(on, [runId, driver]);
  return row?.id ?? null;
}
