import { statement, type Queryable } from '../statement.ts';

/** Parts of one element, one after another, that are looked through. */
const mostTries = 100;

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

/*
 * Where the element that the region belongs to is gone through again within the run, the part before may have had the same
 * region: only what is more than that is added.
 *
 * Locks the run. Relies on the primary keys and node_executions (run_id, node_id).
 */
const addPlanned = statement<{ nodes: number; isWithin: boolean }>(
  'add-planned-executions',
  `with recursive up as (
     select r.id, r.parent_run_id from workflow_runs r where r.id = $1
     union all
     select r.id, r.parent_run_id from up join workflow_runs r on r.id = up.parent_run_id
   ),
   earlier as (
     select r.retry_of as id, 1 as place from workflow_runs r where r.id = $1 and r.retry_of is not null
     union all
     select r.retry_of, e.place + 1
       from earlier e cross join lateral (select r.retry_of from workflow_runs r where r.id = e.id offset 0) r
      where r.retry_of is not null and e.place < ${mostTries}
   ),
   inside as (
     select e.id, e.place, e.id as at, r.parent_run_id
       from earlier e cross join lateral (select r.parent_run_id from workflow_runs r where r.id = e.id offset 0) r
     union all
     select i.id, i.place, i.parent_run_id, r.parent_run_id
       from inside i cross join lateral (select r.parent_run_id from workflow_runs r where r.id = i.parent_run_id offset 0) r
   ),
   counted as (
     select coalesce((n.region -> 'loop' ->> 'most')::bigint, g.total) * g.nodes as nodes
       from inside i
       cross join lateral (
         select n.id, n.region from node_executions n where n.run_id = i.id and n.node_id = $4 offset 0) n
       cross join lateral (select g.total, g.nodes from run_regions g where g.node_execution_id = n.id offset 0) g
      where i.at = (select up.id from up where up.parent_run_id is null)
      order by i.place limit 1
   ),
   adding as (select $2::bigint - coalesce((select c.nodes from counted c), 0) as nodes),
   whole as materialized (
     select r.id, ${ofRun('r')} as of_run, ${ofParts('r')} as of_parts from workflow_runs r
      where r.id = (select up.id from up where up.parent_run_id is null)
   ),
   added as (
     update workflow_runs r set region_executions = coalesce(r.region_executions, 0) + a.nodes
       from whole w, adding a where r.id = w.id and w.of_run + ${ofParts('r')} + a.nodes <= $3::integer
     returning r.id
   )
   select w.of_run + w.of_parts as nodes, exists (select from added) as "isWithin" from whole w`,
);

/**
 * Adds node executions of a region within a part to what the run comes to, unless that is more than it may.
 *
 * @param region the part that it is in, and the id of its driver
 */
export async function addPlannedExecutions(
  on: Queryable,
  { partId, nodeId }: { readonly partId: string; readonly nodeId: string },
  executions: number,
  limit: number,
): Promise<{ readonly nodes: number; readonly isWithin: boolean }> {
  const [row] = await addPlanned(on, [partId, executions, limit, nodeId]);
  return row ?? { nodes: 0, isWithin: true };
}
