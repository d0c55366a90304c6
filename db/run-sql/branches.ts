/*
 * branches: what settled nodes make of the nodes whose edges are written down. Only rows of runs with branches have
 * `edges`: { rank, in: [{ id, from, out, need?, state? }] }, see core/run/edges.ts. An edge without a state is open.
 *
 * A node that is skipped settles what comes after it in the same statement: the nodes downstream are walked once, in
 * topological order, with all that is settled so far. The rows that a statement reads are those of before it waited for
 * its locks, so the walk starts from rows that were locked after their run.
 */

/** What a statement with branches says of its own part. */
interface BranchParts {
  /**
   * A CTE of the nodes that it settles: `id`, `run_id`, `node_id`, `dependents`, `given` (the outputs that have a value,
   * as an array in jsonb) and `continues_in`, the pool to go on in.
   */
  readonly sources: string;
  /** A further condition on nodes downstream, as SQL over `x(run_id, node_id)`. */
  readonly only?: string;
  /** What a row `n` that may run becomes, as SQL; `w.pool` is the pool to go on in, or null. Default: QUEUED. */
  readonly isContinued?: string;
  /** The session that goes on with it, as SQL. */
  readonly worker?: string;
}

/**
 * `judged`: the rows whose edges changed, whole, with `after`: the settled node that they come after. Those that can
 * decide are QUEUED, RUNNING or SKIPPED; the others stay PENDING. Needs `with recursive`, after `lockRuns`.
 *
 * Locks   the nodes downstream of the sources that wait, and whose edges are written down.
 * Relies  on node_executions (run_id, node_id) and the primary key.
 */
export function judgeNodes({ sources, only = 'true', isContinued = 'false', worker = 'null' }: BranchParts): string {
  return `
  reached as (
    select x.run_id, x.node_id from (
      select s.run_id, d.node_id from ${sources} s cross join unnest(s.dependents) as d(node_id)) x
     where ${only}
    union
    select n.run_id, d.node_id
      from reached r
      join node_executions n on n.run_id = r.run_id and n.node_id = r.node_id and n.edges is not null
      cross join unnest(n.dependents) as d(node_id)
  ),
  undecided as materialized (
    select n.id, n.run_id, n.node_id, n.edges
      from reached x join node_executions n on n.run_id = x.run_id and n.node_id = x.node_id
     where n.edges is not null and n.status = 'PENDING' and ${only}
       for no key update of n
  ),
  line as materialized (
    select u.*, row_number() over (partition by u.run_id order by (u.edges ->> 'rank')::integer) as place from undecided u
  ),
  walk as (
    select s.run_id, 0::bigint as place, jsonb_object_agg(s.node_id, s.given) as settled,
           null::uuid as id, null::jsonb as edges, null::text as verdict, false as is_changed
      from ${sources} s group by s.run_id
    union all
    select w.run_id, l.place,
           case when v.verdict = 'skip' then w.settled || jsonb_build_object(l.node_id, '[]'::jsonb) else w.settled end,
           l.id, e.edges, v.verdict, e.edges is distinct from l.edges -> 'in'
      from walk w
      join line l on l.run_id = w.run_id and l.place = w.place + 1
      cross join lateral (
        select jsonb_agg(case
                 when x.edge ? 'state' or not w.settled ? (x.edge ->> 'from') then x.edge
                 else x.edge || jsonb_build_object('state',
                   case when w.settled -> (x.edge ->> 'from') ? (x.edge ->> 'out') then 'live' else 'dead' end)
               end order by x.number) as edges
          from jsonb_array_elements(l.edges -> 'in') with ordinality as x(edge, number)) e
      cross join lateral (
        select case
          when exists (select from jsonb_array_elements(e.edges) as x(edge) where not x.edge ? 'state') then 'wait'
          when exists (select from jsonb_array_elements(e.edges) as x(edge) where x.edge ? 'need'
                        group by x.edge -> 'need' having bool_and(x.edge ->> 'state' = 'dead')) then 'skip'
          else 'run' end as verdict) v
  ),
  turns as (
    select w.id, w.edges, w.verdict, s.after, case when row_number() over (partition by w.run_id, w.verdict order by w.place) = 1
                               then s.pool end as pool
      from walk w
      cross join lateral (
        select (array_agg(s.id order by s.continues_in is null, s.id))[1] as after,
               (array_agg(s.continues_in order by s.continues_in is null, s.id))[1] as pool
          from ${sources} s where s.run_id = w.run_id) s
     where w.id is not null and (w.is_changed or w.verdict <> 'wait')
  ),
  judged as (
    update node_executions n set
      edges = jsonb_set(n.edges, '{in}', w.edges),
      pending_dependencies = (select count(distinct x.edge ->> 'from')::integer
                                from jsonb_array_elements(w.edges) as x(edge) where not x.edge ? 'state'),
      status = case w.verdict when 'wait' then n.status when 'skip' then 'SKIPPED'
                 else case when ${isContinued} then 'RUNNING' else 'QUEUED' end end,
      queued_at = case when w.verdict = 'run' then clock_timestamp() end,
      started_at = case when w.verdict = 'run' and ${isContinued} then clock_timestamp() end,
      worker_id = case when w.verdict = 'run' and ${isContinued} then ${worker}::uuid end,
      finished_at = case when w.verdict = 'skip' then clock_timestamp() end
      from turns w
     where n.id = any (array[w.id]) and n.status = 'PENDING'
    returning n.*, w.after
  )`;
}

/**
 * The changes of `judged` for `settle`: what could decide. Skips are told first, since what runs may come after them; a skip
 * ends the node and is no failure.
 */
export const judgedChanges = [
  { from: "judged n where n.status = 'SKIPPED'", ends: 'true' },
  { from: "judged n where n.status not in ('PENDING', 'SKIPPED')" },
] as const;
