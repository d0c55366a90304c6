import { placeOf } from '../run-sql/parts.ts';
import { statement, type Queryable } from '../statement.ts';

/*
 * What must be true of the rows at every moment, whatever has crashed. Each
 * invariant is a query that counts what breaks it; anything but zero is a fault
 * of the engine, or a worker park that is too small to be called alive.
 *
 * They look at unfinished runs and at those that ended lately, newest first and
 * up to a limit of each, so that a check costs the same whatever the history.
 *
 * Relies on workflow_runs_active and workflow_runs_finished, and on
 * node_executions (run_id, node_id) and the primary keys.
 */
export interface InvariantScope {
  /** A worker that has not renewed for so long is dead. */
  readonly leaseMs: number;
  /** Runs that ended longer ago are not looked at; null looks at all. */
  readonly windowMs: number | null;
  /** Unfinished runs, and ended runs, that are looked at. */
  readonly limit: number;
}

/** What breaks each invariant, as a count over `runs`. $1: lease in ms. Times are by the clock of the database. */
const broken = {
  /** An attempt runs on although its worker is dead for 30 s: nobody rescues. */
  attempts_without_lease: `
    select count(*) from runs r
      join node_executions n on n.run_id = r.id
      left join workers w on w.id = n.worker_id
     where r.finished_at is null and n.status = 'RUNNING'
       and n.started_at < now() - make_interval(secs => $1 / 1000.0 + 30)
       and (w.id is null or least(w.expired_at, w.heartbeat_at + make_interval(secs => $1 / 1000.0)) < now() - interval '30 s')`,

  /** A node could have been claimed for 60 s by a worker with a free slot, and was not. */
  ready_nodes_passed_over: `
    select case when (
        select coalesce(sum(w.concurrency), 0) from workers w
         where w.expired_at is null and not w.draining and w.heartbeat_at > now() - make_interval(secs => $1 / 1000.0)
           and w.started_at < now() - interval '60 s'
      ) > (select count(*) from runs r join node_executions n on n.run_id = r.id
            where r.finished_at is null and n.status = 'RUNNING')
      then (
        select count(*) from runs r join node_executions n on n.run_id = r.id
         where r.status = 'RUNNING' and n.status = 'QUEUED' and r.progressed_at < now() - interval '60 s'
           and coalesce(n.available_at, n.queued_at) < now() - interval '60 s')
      else 0 end`,

  /** A run is over exactly when all of its nodes are, and its counter says how many are not. */
  runs_unlike_their_nodes: `
    select count(*) from runs r
     where r.unfinished_nodes <> (
         select count(*) from node_executions n
          where n.run_id = r.id and n.status in ('PENDING', 'QUEUED', 'RUNNING', 'WAITING'))
        or r.status = 'RUNNING' and r.unfinished_nodes = 0 and r.progressed_at < now() - interval '30 s'
        or r.finished_at is not null and r.unfinished_nodes > 0`,

  /** A node that was executed to its end has been committed once, and has an output. */
  results_not_committed_once: `
    select count(*) from runs r
      join node_executions n on n.run_id = r.id
      left join moments m on m.node_execution_id = n.id
     where n.status = 'COMPLETED' and (n.output_data is null or n.started_at is not null and m.commits is distinct from 1)`,

  /**
   * No node has started before everything it depends on was committed, or settled where a branch leads there. A failure
   * that was handled in an earlier run stands in as an output does.
   */
  nodes_started_too_early: `
    select count(*) from runs r
      join node_executions n on n.run_id = r.id
      join moments m on m.node_execution_id = n.id and m.started_seq is not null
      cross join unnest(n.dependencies) as x(node_id)
      join node_executions d on d.run_id = r.id and d.node_id = x.node_id
      left join moments before on before.node_execution_id = d.id
     where d.status <> 'COMPLETED' and (n.edges is null or d.status not in ('SKIPPED', 'FAILED'))
           and (d.status <> 'FAILED' or d.output_data is null)
        or d.started_at is not null
           and (case when n.edges is null then before.committed_seq else before.ended_seq end < m.started_seq) is not true`,

  /** A node that has decided has no open edge, and each edge within its run is live exactly where a value came over it. */
  edges_unlike_their_sources: `
    select count(*) from runs r
      join node_executions n on n.run_id = r.id and n.edges is not null
     where (n.status in ('QUEUED', 'RUNNING', 'WAITING', 'COMPLETED', 'FAILED') or n.status = 'SKIPPED' and n.error_code is null)
       and exists (
         select from jsonb_array_elements(n.edges -> 'in') as x(edge)
           left join node_executions d on d.run_id = n.run_id and d.node_id = x.edge ->> 'from'
          where not x.edge ? 'state'
             or d.id is not null and (x.edge ->> 'state' = 'live') is distinct from coalesce(d.output_data ? (x.edge ->> 'out'), false))`,

  /** A wait is open exactly while its node is WAITING in that attempt, and no longer than its time. */
  waits_unlike_their_nodes: `
    select count(*) from runs r
      join waits w on w.run_id = r.id and w.resolved_at is null
      left join node_executions n on n.id = w.node_execution_id and n.attempt = w.attempt and n.status = 'WAITING'
     where n.id is null or w.due_at < now() - interval '60 s' and r.finished_at is null`,

  /** Each element has one part, or is to be gone through again; a part is counted once when it has ended; a region that completed has one for each, but for a loop whose failure is handled. */
  parts_unlike_their_regions: `
    select count(*) from runs r
      join node_executions n on n.run_id = r.id and n.region ? 'nodes'
      join run_regions g on g.node_execution_id = n.id
      cross join lateral (
        select coalesce(sum(p.unfinished), 0) as unfinished, coalesce(sum(p.completed), 0) as completed,
               coalesce(sum(p.failed), 0) as failed, count(*) filter (where not p.has_part) as again
          from (
            select count(*) filter (where p.part_settled = false) as unfinished,
                   count(*) filter (where p.part_settled and p.status = 'COMPLETED') as completed,
                   count(*) filter (where p.part_settled and p.status = 'FAILED' and p.part_index >= 0) as failed,
                   bool_or(p.part_index >= 0) as has_part
              from workflow_runs p where p.parent_run_id = r.id and p.parent_execution_id = n.id
             group by ${placeOf('p', 'g')}) p) p
     where p.unfinished <> g.unfinished or p.completed <> g.completed or p.failed <> g.failed or p.again <> g.again
        or g.unfinished > g.width or n.status = 'COMPLETED' and g.completed + g.failed <> g.total and not (n.region ? 'loop' and g.failed > 0)`,

  /** A run has been over for 30 s and a part of it goes on. */
  parts_without_run: `
    select count(*) from runs p
      join workflow_runs w on w.id = p.id
      join workflow_runs r on r.id = w.parent_run_id
     where p.finished_at is null and r.finished_at < now() - interval '30 s'`,

  /** An accepted run was not begun for 30 s although workers are there. */
  runs_not_begun: `
    select count(*) from runs r
     where r.status = 'PENDING' and r.admitted_at < now() - interval '30 s'
       and exists (select from workers w where w.expired_at is null and not w.draining
                      and w.heartbeat_at > now() - make_interval(secs => $1 / 1000.0)
                      and w.started_at < now() - interval '30 s')`,

  /** Connections stay within four fifths of what Postgres takes. */
  connections_over_budget: `
    select greatest(0, count(*) - current_setting('max_connections')::integer * 4 / 5) from pg_stat_activity
     where backend_type = 'client backend'`,
} as const;

/** The name of one of them. */
export type Invariant = keyof typeof broken;

/** Their names. */
export const invariants = Object.keys(broken) as readonly Invariant[];

const check = statement<{ name: Invariant; violations: number }>(
  'check-invariants',
  `with runs as materialized (
    (select r.id, r.status, r.admitted_at, r.started_at, r.progressed_at, r.finished_at, r.unfinished_nodes
       from workflow_runs r where r.finished_at is null and r.admitted_at is not null
      order by r.created_at limit $3)
    union all
    (select r.id, r.status, r.admitted_at, r.started_at, r.progressed_at, r.finished_at, r.unfinished_nodes
       from workflow_runs r
      where r.finished_at > now() - make_interval(secs => coalesce($2::double precision / 1000, 1e9))
      order by r.finished_at desc limit $3)
  ),
  moments as materialized (
    select e.node_execution_id, min(e.seq) filter (where e.payload ->> 'status' = 'RUNNING') as started_seq,
           min(e.seq) filter (where e.payload ->> 'status' = 'COMPLETED') as committed_seq,
           min(e.seq) filter (where e.payload ->> 'status' in ('COMPLETED', 'FAILED', 'SKIPPED')) as ended_seq,
           (count(*) filter (where e.payload ->> 'status' = 'COMPLETED'))::integer as commits
      -- No equality that could be hashed: the events of a history are not read whole, whenever the plan was made.
      from runs r join run_events e on e.run_id = any (array[r.id])
     where e.node_execution_id is not null
     group by e.node_execution_id
  )
  ${Object.entries(broken)
    .map(([name, query]) => `select '${name}' as name, (${query})::integer as violations`)
    .join('\n  union all\n  ')}`,
);

/** How many rows break each invariant, all in one snapshot. */
export async function checkInvariants(on: Queryable, scope: InvariantScope): Promise<Record<Invariant, number>> {
  const rows = await check(on, [scope.leaseMs, scope.windowMs, scope.limit]);
  return Object.fromEntries(rows.map(({ name, violations }) => [name, violations])) as Record<Invariant, number>;
}
