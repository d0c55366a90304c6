import { finishedNodes } from '../run-sql/parts.ts';
import { statement, type Queryable } from '../statement.ts';

/** Retries of retries that are looked through. */
const mostRetries = 20;

/** `earlier`: the run $1 and those that it was a retry of. */
const earlierRuns = `with recursive earlier as (
     select r.id, r.retry_of, 1 as place from workflow_runs r where r.id = $1
     union all
     select r.id, r.retry_of, e.place + 1
       from earlier e cross join lateral (select r.id, r.retry_of from workflow_runs r where r.id = e.retry_of offset 0) r
      where e.place < ${mostRetries}
   )`;

/** A region of an earlier run. */
export interface EarlierRegion {
  readonly runId: string;
  /** The id of its driver. */
  readonly driver: string;
  readonly sharedKey: string;
}

interface FinishedPart {
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
  `${earlierRuns}
   select distinct on (p.part_key) p.id, p.part_key as key
     from earlier e
     cross join lateral (select n.id, n.run_id from node_executions n where n.run_id = e.id and n.node_id = $2 offset 0) n
     join run_regions g on g.node_execution_id = n.id and g.shared_key = $3
     cross join lateral (
       select p.id, p.part_key from workflow_runs p
        where p.parent_run_id = n.run_id and p.parent_execution_id = n.id and p.status = 'COMPLETED' offset 0) p
    order by p.part_key, e.place`,
);

/**
 * The parts of a region that completed in another run, or in those that it was a retry of, where all of them got what is
 * alike; of each key the latest.
 */
export function listFinishedParts(on: Queryable, { runId, driver, sharedKey }: EarlierRegion): Promise<FinishedPart[]> {
  return listFinished(on, [runId, driver, sharedKey]);
}

interface PartialPart {
  readonly id: string;
  readonly key: string;
  /** The outputs that its completed nodes gave, by node id; null where none completed. */
  readonly nodes: Readonly<Record<string, readonly string[]>> | null;
}

/*
 * Of an element that was tried several times the last part counts.
 *
 * Relies on node_executions (run_id, node_id), the primary keys and workflow_runs_parts.
 */
const listPartial = statement<PartialPart>(
  'list-partial-parts',
  `${earlierRuns}
   select distinct on (p.part_key) p.id, p.part_key as key,
          ${finishedNodes('p')} as nodes
     from earlier e
     cross join lateral (select n.id, n.run_id from node_executions n where n.run_id = e.id and n.node_id = $2 offset 0) n
     join run_regions g on g.node_execution_id = n.id and g.shared_key = $3
     cross join lateral (
       select p.id, p.part_key, p.part_index from workflow_runs p
        where p.parent_run_id = n.run_id and p.parent_execution_id = n.id and p.status in ('FAILED', 'CANCELLED') offset 0) p
    order by p.part_key, e.place, p.part_index < 0, p.part_index`,
);

/** The same for parts that ended otherwise: what completed in them. */
export function listPartialParts(on: Queryable, { runId, driver, sharedKey }: EarlierRegion): Promise<PartialPart[]> {
  return listPartial(on, [runId, driver, sharedKey]);
}
