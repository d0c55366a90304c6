import type { NodeOutputs } from '../../core/node-type/values.ts';
import type { PlaceInPart, RegionPlan } from '../../core/run/region.ts';
import { statement, type Queryable } from '../statement.ts';

/** The driver of a region with what comes into it. */
export interface DriverFacts {
  readonly executionId: string;
  readonly runId: string;
  readonly userId: string;
  readonly nodeId: string;
  readonly workflowVersionId: string;
  readonly retryOf: string | null;
  readonly region: RegionPlan | (RegionPlan & PlaceInPart);
  /** Outputs of everything from outside by node id; null for one that was skipped. */
  readonly outputs: Readonly<Record<string, NodeOutputs | null>>;
}

/* Relies on the primary keys and node_executions (run_id, node_id). */
const findDriverFacts = statement<DriverFacts>(
  'find-region-driver',
  `select n.id as "executionId", n.run_id as "runId", r.user_id as "userId", n.node_id as "nodeId", r.workflow_version_id as "workflowVersionId",
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
  readonly again: number;
  /** How many elements ever were gone through again. */
  readonly retried: number;
  readonly isClosed: boolean;
  /** Elements from `next` on that have a part already: of an earlier run. */
  readonly ahead: readonly number[];
}

/* Relies on the primary keys and workflow_runs_parts. */
const findRegionRow = statement<RegionRow>(
  'find-region',
  `select g.total, g.width, g.most_failed as "mostFailed", g.next_index as next, g.unfinished, g.completed, g.failed,
          g.again, g.retried, g.is_closed as "isClosed",
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
