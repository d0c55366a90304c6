/** How a statement releases what waits for the rows that it completed. */
interface ReleaseParts {
  /** Whether nodes whose edges are written down are left to `judgeNodes`. */
  readonly hasBranches: boolean;
  /** Whether a row `n` that is ready is gone on with, as SQL over `w.pool` and the CTE `s`; else it is QUEUED. Default: never. */
  readonly isContinued?: string;
  /** The session that goes on with it, as SQL. */
  readonly worker?: string;
  /** A CTE with one row that `isContinued` speaks of as `s`. */
  readonly session?: string;
}

const isReady = `n.pending_dependencies = w.dependencies`;

/**
 * `released`: the dependents of the rows of `done`, whole, with `after`: the completed node that they come after. Their
 * count of pending dependencies went down; those at zero are QUEUED or RUNNING. `done` has `continues_in`, the pool to go
 * on in, and `keeps`, with how many of its first dependents.
 *
 * Dependents have their ids looked up first (`offset 0` keeps that a look-up).
 *
 * Locks   the dependents.
 * Relies  on node_executions (run_id, node_id) and the primary key.
 */
export function releaseDependents({
  hasBranches,
  isContinued = 'false',
  worker = 'null',
  session,
}: ReleaseParts): string {
  return `
  settled as (
    select d.run_id, x.node_id, count(*)::integer as dependencies,
           (array_agg(d.continues_in order by d.id) filter (where d.continues_in is not null and x.number <= d.keeps))[1] as pool,
           coalesce((array_agg(d.id order by d.id) filter (where d.continues_in is not null and x.number <= d.keeps))[1],
             (array_agg(d.id))[1]) as after
      from done d cross join unnest(d.dependents) with ordinality as x(node_id, number)
     group by d.run_id, x.node_id
  ),
  waiting as materialized (
    select s.dependencies, s.pool, s.after, x.id from settled s cross join lateral (
      select n.id from node_executions n where n.run_id = s.run_id and n.node_id = s.node_id${hasBranches ? ' and n.edges is null' : ''} offset 0) x
  ),
  released as (
    update node_executions n set
      pending_dependencies = n.pending_dependencies - w.dependencies,
      status = case when not (${isReady}) then n.status when ${isContinued} then 'RUNNING' else 'QUEUED' end,
      queued_at = case when ${isReady} then clock_timestamp() end,
      started_at = case when ${isReady} and ${isContinued} then clock_timestamp() end,
      worker_id = case when ${isReady} and ${isContinued} then ${worker}::uuid end
      from waiting w${session === undefined ? '' : `, ${session} s`}
     where n.id = any (array[w.id]) and n.status = 'PENDING'
    returning n.*, w.after
  )`;
}
