import { statement, type Queryable } from '../statement.ts';

interface RegionOfRun {
  /** In topological order; the first is the driver. */
  readonly nodes: readonly string[];
  /** Where the lists come from that it goes through, as `RegionPlan.each` has it. */
  readonly origins: readonly string[];
  /** Parts that failed. */
  readonly failed: number;
}

/* Relies on node_executions (run_id) and the primary keys. */
const list = statement<RegionOfRun>(
  'list-regions-of-run',
  `select array(select jsonb_array_elements_text(n.region -> 'nodes')) as nodes,
          array(select distinct value from jsonb_each_text(n.region -> 'each')) as origins,
          coalesce(g.failed, 0) as failed
     from node_executions n left join run_regions g on g.node_execution_id = n.id
    where n.run_id = $1 and n.region ? 'nodes'`,
);

/** The regions that a run was planned with, whether they were gone through or not. */
export function listRegionsOfRun(on: Queryable, runId: string): Promise<RegionOfRun[]> {
  return list(on, [runId]);
}
