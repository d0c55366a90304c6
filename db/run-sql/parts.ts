import { shownAs } from '../users/shown-as.ts';

/*
 * parts: runs inside a run, one for each element of a region. They are RUNNING from the start, take no turn, and have no
 * time limit but that of the run that they are in.
 */

/** Who executes first nodes of new parts, as SQL. */
interface PartKeeping {
  /** A CTE with one row: whether the session is alive, as `is_alive`. */
  readonly session: string;
  /** The session that they are claimed for. */
  readonly worker: string;
  /** Rows of a pool, and how many of it are kept. */
  readonly keeps: string;
  /** Rows of a region's `execution_id`, and what a claim tells of its run: there are few, while of parts each would be compared with each. */
  readonly owners: string;
}

/**
 * `parts` and `part_nodes`: the rows of a CTE `made` (id, run_id, execution_id, index, key, label, template, earlier)
 * become parts of the runs `run_id`, with the nodes of their template. Templates are a CTE `templates` (number, unfinished,
 * graph, nodes). A part in which nothing is to be executed has ended already. Nodes that are planned as `reuse` have
 * completed in the part `earlier`, and are copied from there.
 *
 * Nodes that wait for nothing are QUEUED, or RUNNING under the session that makes them where it executes them itself: those
 * that are pure and tiny, and as many of a pool as it keeps. What takes over an output of the part is always QUEUED: what
 * a statement inserts it cannot read. `begun` are those that are RUNNING, with what a claim tells of their run.
 *
 * Relies on the primary keys.
 */
export function insertParts({ session, worker, keeps, owners }: PartKeeping): string {
  return `
  planned as materialized (
    select r.*, r.is_ready and s.is_alive and (r.pool = 'inline' or coalesce(k.keeps, 0) >=
             row_number() over (partition by r.pool, r.is_ready order by r.run_id, r."nodeId"))
             and cardinality(r.dependencies) = 0 as is_kept
      from (
        select m.id as run_id, m.execution_id, m.index, m.earlier, t.graph, n.*,
               n.action = 'run' and n."pendingDependencies" = 0 as is_ready
          from made m join templates t on t.number = m.template
          cross join jsonb_to_recordset(t.nodes) as n(
            "nodeId" text, "nodeType" text, "nodeLabel" text, pool text, action text, "pendingDependencies" integer,
            dependencies text[], dependents text[], fingerprint text, "timeoutMs" integer, edges jsonb, "handlesError" boolean,
            region jsonb)) r
      cross join ${session} s
      left join ${keeps} as k(pool, keeps) on k.pool = r.pool
  ),
  parts as (
    insert into workflow_runs (id, workflow_id, workflow_version_id, user_id, actor_id, trigger_type, use_cache, status,
                               unfinished_nodes, deadline_at, admitted_at, started_at, finished_at, retry_of,
                               parent_run_id, parent_execution_id, part_index, part_key, part_label, part_settled, last_seq)
    select m.id, r.workflow_id, r.workflow_version_id, r.user_id, r.actor_id, r.trigger_type, r.use_cache,
           case when t.unfinished = 0 then 'COMPLETED' else 'RUNNING' end, t.unfinished, 'infinity', clock_timestamp(),
           clock_timestamp(), case when t.unfinished = 0 then clock_timestamp() end, m.earlier,
           m.run_id, m.execution_id, m.index, m.key, m.label, false, coalesce(b.nodes, 0)
      from made m join templates t on t.number = m.template join workflow_runs r on r.id = m.run_id
      left join (select n.run_id, count(*)::integer as nodes from planned n where n.is_kept group by n.run_id) b
        on b.run_id = m.id
    returning *
  ),
  part_nodes as (
    insert into node_executions (id, run_id, node_id, node_type, node_label, pool, status, pending_dependencies,
                                 dependencies, dependents, fingerprint, timeout_ms, queued_at, started_at, worker_id,
                                 finished_at, edges, handles_error, region, cached, input_data, output_data)
    select gen_random_uuid(), n.run_id, n."nodeId", n."nodeType", n."nodeLabel", n.pool,
           case when n.action = 'skip' then 'SKIPPED' when n.action = 'reuse' then 'COMPLETED' when n.is_kept then 'RUNNING'
                when n.is_ready then 'QUEUED' else 'PENDING' end,
           n."pendingDependencies", n.dependencies, n.dependents, n.fingerprint, n."timeoutMs",
           case when n.is_ready then clock_timestamp() end, case when n.is_kept then clock_timestamp() end,
           case when n.is_kept then ${worker}::uuid end,
           case when n.action <> 'run' then clock_timestamp() end, n.edges, n."handlesError",
           jsonb_build_object('of', n.execution_id, 'index', n.index)
             || case when n.graph is null then '{}' else jsonb_build_object('graph', n.graph) end || coalesce(n.region, '{}'),
           n.action = 'reuse', e.input_data, e.output_data
      from planned n
      left join lateral (
        select e.input_data, e.output_data from node_executions e
         where n.action = 'reuse' and e.run_id = any (array[n.earlier]) and e.node_id = n."nodeId" limit 1) e on true
    returning *
  ),
  begun as materialized (
    select n.*, o.workflow_id, o.workflow_version_id, o.user_id, o.use_cache
      from part_nodes n join ${owners} o on o.execution_id = (n.region ->> 'of')::uuid where n.status = 'RUNNING'
  )`;
}

/**
 * How far a region has come, as SQL: `{ total, queued, running, waiting, done, cached, failed, skipped }`. `cached` are
 * among `done`; the others add up to `total`. A region that is paused has `paused` besides, and
 * `pausedBy` where it is known who did it.
 *
 * Relies on workflow_runs_active and node_executions (run_id, node_id).
 *
 * @param region a row of run_regions
 * @param made parts of it that the same statement makes, as SQL
 */
export function progressOf(region: string, made = '0'): string {
  return `(select jsonb_build_object(
      'total', ${region}.total,
      'queued', case when s.is_open then ${region}.total - ${region}.unfinished - ${region}.completed - ${region}.failed + ${made} + s.queued
                else 0 end,
      'running', case when s.is_open then ${region}.unfinished - ${made} - s.queued - s.waiting else 0 end,
      'waiting', case when s.is_open then s.waiting else 0 end,
      'done', ${region}.completed, 'cached', ${region}.cached, 'failed', ${region}.failed,
      'skipped', case when s.is_open then 0 else ${region}.total - ${region}.completed - ${region}.failed end)
      || case when s.is_open and ${region}.paused_at is not null
           then jsonb_strip_nulls(jsonb_build_object('paused', true, 'pausedBy', ${shownAs(`${region}.paused_by`)}))
           else '{}'::jsonb end
    from (
      select ${region}.unfinished > 0 or not ${isStopped(region)} and (${region}.next_index < ${region}.total or ${region}.again > 0) as is_open,
             (count(*) filter (where p.state = 'queued'))::integer as queued,
             (count(*) filter (where p.state = 'waiting'))::integer as waiting
        from (
          select case when bool_or(n.status = 'RUNNING' or n.status = 'WAITING' and n.region ? 'nodes') then 'running' when bool_or(n.status = 'QUEUED') then 'queued'
                      when bool_or(n.status = 'WAITING') then 'waiting' else 'running' end as state
            from (select o.user_id from workflow_runs o where o.id = ${region}.run_id and ${region}.unfinished > 0 offset 0) owner
           cross join lateral (
            select u.id from workflow_runs u
             where u.user_id = owner.user_id and u.finished_at is null and u.admitted_at is not null
               and u.parent_execution_id = ${region}.node_execution_id offset 0) u
           cross join lateral (select n.status, n.region from node_executions n where n.run_id = u.id offset 0) n
           group by u.id) p) s)`;
}

/** Whether more parts of a region have failed than may, as SQL. */
export function isStopped(region: string): string {
  return `(${region}.most_failed is not null and ${region}.failed > ${region}.most_failed)`;
}

/**
 * The place of the element of a part, as SQL: also of one that was set aside, see `retryParts`.
 *
 * @param region that it is of
 */
export function placeOf(part: string, region: string): string {
  return `case when ${part}.part_index >= 0 then ${part}.part_index else (-1 - ${part}.part_index) % ${region}.total end`;
}

/**
 * The parts of a region that were set aside and whose elements are still to be gone through again, as SQL for a lateral join: of
 * each element the one that was tried last, as `(id, place)`. `offset 0` keeps that a look-up.
 *
 * Relies on workflow_runs_parts.
 *
 * @param region a row with `run_id`, `node_execution_id` and `total`
 */
export function partsAside(region: string): string {
  return `(
      select w.id, w.place from (
        select distinct on ((-1 - x.part_index) % ${region}.total) x.id, (-1 - x.part_index) % ${region}.total as place
          from workflow_runs x
         where x.parent_run_id = ${region}.run_id and x.parent_execution_id = ${region}.node_execution_id and x.part_index < 0
         order by (-1 - x.part_index) % ${region}.total, x.part_index) w
       where not exists (
        select from workflow_runs q
         where q.parent_run_id = ${region}.run_id and q.parent_execution_id = ${region}.node_execution_id
           and q.part_index = w.place)
      offset 0)`;
}

/** What the completed nodes of a part gave, as SQL: the names of their outputs by node id; null where none completed. A region of which elements failed counts as not completed. */
export function finishedNodes(part: string): string {
  return `(select jsonb_object_agg(d.node_id, to_jsonb(array(select jsonb_object_keys(d.output_data))))
             from node_executions d left join run_regions f on f.node_execution_id = d.id
            where d.run_id = ${part}.id and d.status = 'COMPLETED' and d.output_data is not null
              and coalesce(f.failed, 0) = 0)`;
}
