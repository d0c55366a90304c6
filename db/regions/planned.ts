import { statement, type Queryable } from '../statement.ts';

/*
 * What the regions of a run come to, as far as their elements are known: those of the run itself are counted, those within
 * its parts are added up on its row as they become known.
 *
 * Relies on node_executions (run_id) and the primary keys.
 */
const ofRun = (run: string) => `(
    select coalesce(sum(g.total::bigint * g.nodes), 0)::double precision
      from node_executions n join run_regions g on g.node_execution_id = n.id
     where n.run_id = ${run}.id and n.region ? 'nodes')`;
const ofParts = (run: string) => `coalesce(${run}.region_executions, 0)`;

const countPlanned = statement<{ nodes: number }>(
  'count-planned-executions',
  `select ${ofRun('r')} + ${ofParts('r')} as nodes from workflow_runs r where r.id = $1`,
);

/** Node executions that the regions of a run come to, those within its parts included. */
export async function countPlannedExecutions(on: Queryable, runId: string): Promise<number> {
  const [row] = await countPlanned(on, [runId]);
  return row?.nodes ?? 0;
}

/* Locks the run. Relies on the primary keys and node_executions (run_id). */
const addPlanned = statement<{ nodes: number; isWithin: boolean }>(
  'add-planned-executions',
  `with recursive up as (
     select r.id, r.parent_run_id from workflow_runs r where r.id = $1
     union all
     select r.id, r.parent_run_id from up join workflow_runs r on r.id = up.parent_run_id
   ),
   whole as materialized (
     select r.id, ${ofRun('r')} as of_run, ${ofParts('r')} as of_parts from workflow_runs r
      where r.id = (select up.id from up where up.parent_run_id is null)
   ),
   added as (
     update workflow_runs r set region_executions = coalesce(r.region_executions, 0) + $2::integer
       from whole w where r.id = w.id and w.of_run + ${ofParts('r')} + $2::integer <= $3::integer
     returning r.id
   )
   select w.of_run + w.of_parts as nodes, exists (select from added) as "isWithin" from whole w`,
);

/**
 * Adds node executions of a region within a part to what the run comes to, unless that is more than it may.
 *
 * @param partId the part that the region is in
 */
export async function addPlannedExecutions(
  on: Queryable,
  partId: string,
  executions: number,
  limit: number,
): Promise<{ readonly nodes: number; readonly isWithin: boolean }> {
  const [row] = await addPlanned(on, [partId, executions, limit]);
  return row ?? { nodes: 0, isWithin: true };
}
