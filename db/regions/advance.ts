import type { PlannedNode } from '../../core/graph/plan.ts';
import { events, nodeEvents, nodePayload } from '../run-sql/events.ts';
import { lockRuns } from '../run-sql/lock.ts';
import { insertParts, isStopped, partsAside, progressOf } from '../run-sql/parts.ts';
import { claimsOf, readyOf, runsOf, type ChangedRun, type Claim, type ReadyNode } from '../run-sql/result.ts';
import { countChanges } from '../run-sql/settle.ts';
import { batchOf, hotAnswerMs, statement, storableJson, type Queryable } from '../statement.ts';

/** The nodes of a part, as `planPart` has them. */
export interface PartTemplate {
  readonly number: number;
  readonly nodes: readonly PlannedNode[];
  /** The called workflow that they are of, as `CallPlan.graph`; null: the graph of the run itself. */
  readonly graph: string | null;
}

/** A part that may be made. */
export interface NewPart {
  readonly id: string;
  readonly index: number;
  readonly key: string;
  readonly label: string | null;
  /** Number of its template. */
  readonly template: number;
  /** The first element after it without a part. */
  readonly next: number;
  /** The same part of an earlier run, from which nodes of the template that are planned as `reuse` are taken over; or null. */
  readonly from: string | null;
  /** Its element is gone through again. Default: for the first time. */
  readonly isAgain?: boolean;
}

/** How far a region has come: parts that ended, and the next ones to make. */
export interface RegionAdvance {
  /** The execution of its driver. */
  readonly executionId: string;
  /** The run that the region is in. */
  readonly runId: string;
  /** Parts that have ended. */
  readonly ended: readonly string[];
  /** The next parts, as many as there may be room for, where the first element without one is `from`. */
  readonly from: number;
  readonly parts: readonly NewPart[];
  /** How many elements were to be gone through again, and ever had been, when `parts` were chosen. Default: none ever. */
  readonly again?: { readonly left: number; readonly retried: number };
}

/** A region after a statement. */
export interface AdvancedRegion {
  readonly executionId: string;
  readonly nextIndex: number;
  /** Elements that are to be gone through again, and that ever were. */
  readonly again: number;
  readonly retried: number;
  readonly unfinished: number;
  readonly total: number;
  readonly width: number;
  readonly isStopped: boolean;
  readonly isPaused: boolean;
  /** Nothing is left to be made. */
  readonly isClosed: boolean;
  /** How far it has come was told as an event; else that is due `tellEveryMs` after it was told last. */
  readonly isTold: boolean;
  /** The attempt of its driver, where it is WAITING. */
  readonly waitingAttempt: number | null;
  /** It is over, and was left open, since parts had been set aside that the statement could not see yet. */
  readonly isBehind: boolean;
}

/** What an advance made of the regions. */
export interface AdvancedRegions {
  /** A region that is missing is not there any more. */
  readonly regions: readonly AdvancedRegion[];
  /** New parts that had ended as soon as they were made. */
  readonly ended: readonly string[];
  /** Runs with regions, and of the parts that began one of each region. */
  readonly runs: readonly ChangedRun[];
  readonly ready: readonly ReadyNode[];
  /** What the session executes itself. */
  readonly claims: readonly Claim[];
}

/** First nodes of new parts that a worker executes itself, beside what is pure and tiny. */
export interface KeptFirst {
  /** The session that claims; one that has expired claims nothing. */
  readonly workerId: string;
  /** How many of each pool. */
  readonly keeps: Readonly<Partial<Record<'io' | 'cpu', number>>>;
}

/** How far a region has come is told at most four times a second. */
export const tellEveryMs = 250;

/** Nodes of a part `r` for which more was done, now or earlier, than what is pure and tiny: look-ups that end with the first, as most have none that is cached. */
const workOfPart = `from node_executions n where n.run_id = r.id and n.status = 'COMPLETED' and n.pool <> 'inline'`;

/*
 * advance regions: parts that have ended are counted, once each; the room that they leave goes to the next parts; the
 * driver of a region with nothing left to make or to wait for goes back to the queue, to collect. How far a region has come
 * becomes an event of its driver now and then, and always when it has come to its end or, paused, to a standstill.
 *
 * A lap of a loop that says that it is the last makes its region as long as it has come: its end gave no value for another.
 *
 * A region is over with its run and with its driver: nothing more is made then, nor while it is paused.
 *
 * New parts are taken where the region stands where the caller believes it to: of two that make them one is first. So are those
 * of elements that are gone through again, which come before all others: who has not heard of them makes nothing. What is left of
 * these where a region ends gets its part back.
 *
 * A statement reads parts as they were when it began, and the region as it is once its lock is held. Where elements came to be gone
 * through again in between, the parts that they get back are not to be seen: the region is left open, for the next statement.
 *
 * First nodes of new parts are RUNNING under the session that makes them where it executes them itself, as those of a run that it begins.
 *
 * Result  the regions as they are now; what may be claimed, and what was; new parts that have ended already, which are to be counted.
 * Locks   the runs and their ended parts, in id order; then the regions, then their drivers.
 * Relies  on the primary keys, workflow_runs_active and node_executions (run_id, node_id).
 */
const advance = statement<{ [Part in keyof AdvancedRegions]: AdvancedRegions[Part] | null }>(
  'advance-regions',
  `with candidates as (
    select i.* from jsonb_to_recordset($1::jsonb) as i(
      id uuid, run_id uuid, execution_id uuid, "from" integer, rank integer, index integer, key text, label text,
      template integer, next integer, earlier uuid, "isAgain" boolean, "againLeft" integer, retried integer)
  ),
  templates as (
    select i.* from jsonb_to_recordset($2::jsonb) as i(number integer, unfinished integer, graph text, nodes jsonb)
  ),
  lost as materialized (
    select x.execution_id from candidates x
     where x.earlier is not null and not x."isAgain"
       and (select e.id from workflow_runs e where e.id = x.earlier) is null
  ),
  session as materialized (
    select exists (select from workers w where w.id = $6 and w.expired_at is null) as is_alive
  ),
  ${lockRuns('$3')},
  region as materialized (
    select g.* from run_regions g, gate
     where g.node_execution_id = any ($4::uuid[]) order by g.node_execution_id for no key update of g
  ),
  driver as materialized (
    select n.* from node_executions n, (select count(*) from region) after_regions
     where n.id = any ($4::uuid[]) order by n.id for no key update of n
  ),
  settled as (
    update workflow_runs r set part_settled = true from gate, unnest($5::uuid[]) as e(id)
     where r.id = any (array[e.id]) and r.part_settled = false and r.finished_at is not null
    returning r.parent_execution_id, r.status, r.id,
      coalesce((select false ${workOfPart} and not n.cached limit 1), (select true ${workOfPart} limit 1), false) as is_cached
  ),
  counts as (
    select parent_execution_id, count(*)::integer as ended, (count(*) filter (where status = 'COMPLETED'))::integer as completed,
           (count(*) filter (where status = 'COMPLETED' and is_cached))::integer as cached,
           (count(*) filter (where status = 'FAILED'))::integer as failed, bool_or(x.is_last) as is_last
      from settled s
      left join lateral (
        select s.status = 'COMPLETED' and not exists (
                 select from node_executions n
                  where n.run_id = s.id and n.node_id = d.region -> 'loop' ->> 'end'
                    and n.output_data ->> 'ended' is distinct from 'condition' and n.output_data is not null) as is_last
          from driver d where d.id = s.parent_execution_id and d.region ? 'loop') x on true
     group by parent_execution_id
  ),
  state as materialized (
    select g.node_execution_id, g.run_id, case when c.is_last then g.next_index else g.total end as total, g.width, g.most_failed, g.next_index, g.told_at, g.is_closed, g.again, g.retried,
           g.paused_at, g.unfinished - coalesce(c.ended, 0) as unfinished, g.completed + coalesce(c.completed, 0) as completed,
           g.cached + coalesce(c.cached, 0) as cached, g.failed + coalesce(c.failed, 0) as failed,
           l.id is not null and coalesce(d.status in ('WAITING', 'QUEUED', 'RUNNING'), false) as is_alive,
           d.status as driver_status, d.attempt as driver_attempt
      from region g
      left join counts c on c.parent_execution_id = g.node_execution_id
      left join locked l on l.id = g.run_id
      left join driver d on d.id = g.node_execution_id
  ),
  made as materialized (
    select c.* from candidates c join state s on s.node_execution_id = c.execution_id
     where s.is_alive and not s.is_closed and s.paused_at is null and not ${isStopped('s')}
       and c.rank <= s.width - s.unfinished
       and (s.again = 0 and not c."isAgain" or c."againLeft" = s.again and c.retried = s.retried)
       and (c."isAgain" or c."from" = s.next_index and c.index < s.total)
       and not exists (select from lost x where x.execution_id = c.execution_id)
  ),
  owners as materialized (
    select s.node_execution_id as execution_id, l.workflow_id, l.workflow_version_id, l.user_id, l.use_cache
      from state s join locked l on l.id = s.run_id
  ),
  ${insertParts({ session: 'session', worker: '$6', keeps: 'unnest($7::text[], $8::integer[])', owners: 'owners' })},
  reached as materialized (
    select s.*, coalesce(m.parts, 0) as made, s.unfinished + coalesce(m.parts, 0) as unfinished_now,
           coalesce(m.next, s.next_index) as next_now, s.again - coalesce(m.again, 0) as again_now,
           not s.is_alive or s.driver_status = 'WAITING' and s.unfinished + coalesce(m.parts, 0) = 0
             and (${isStopped('s')} or coalesce(m.next, s.next_index) = s.total and s.again = coalesce(m.again, 0)) as is_ending,
           s.again > 0 and (select (seen.again, seen.retried) is distinct from (s.again, s.retried)
                              from run_regions seen where seen.node_execution_id = s.node_execution_id) as is_unseen
      from state s
      left join (select execution_id, count(*)::integer as parts, (count(*) filter (where "isAgain"))::integer as again,
                        max(next) filter (where not "isAgain") as next
                   from made group by execution_id) m on m.execution_id = s.node_execution_id
  ),
  outcome as materialized (
    select r.*, r.is_ending and not r.is_unseen as is_over, r.is_ending and r.is_unseen and not r.is_closed as is_behind from reached r
  ),
  put_back as (
    update workflow_runs p set part_index = x.place
      from outcome o cross join lateral ${partsAside('o')} x
     where o.is_over and not o.is_closed and o.again_now > 0 and p.id = any (array[x.id])
  ),
  after as (
    update run_regions g set
      unfinished = o.unfinished_now, next_index = o.next_now, total = o.total, completed = o.completed, cached = o.cached,
      failed = o.failed + case when o.is_over then o.again_now else 0 end,
      again = case when o.is_over then 0 else o.again_now end, changed_at = clock_timestamp(),
      is_closed = o.is_closed or o.is_over,
      told_at = case when o.told_at < clock_timestamp() - interval '${tellEveryMs} ms'
                       or o.paused_at is not null and o.unfinished = 0 then clock_timestamp() else o.told_at end
      from outcome o
     where g.node_execution_id = o.node_execution_id
    returning g.*, o.made, o.is_alive, o.is_behind, g.is_closed and not o.is_closed as is_done,
      g.told_at <> o.told_at as is_told, case when o.driver_status = 'WAITING' then o.driver_attempt end as waiting_attempt
  ),
  woken as (
    update node_executions n set
      status = 'QUEUED', attempt = d.attempt + 1, earlier_tries = d.attempt - d.crash_count - d.unrecorded_count,
      queued_at = clock_timestamp(), started_at = null, available_at = null
      from driver d, after g
     where n.id = d.id and g.node_execution_id = d.id and d.status = 'WAITING' and g.is_alive and g.is_done
    returning n.*
  ),
  shown as (
    select n.* from woken n
    union all
    select d.* from driver d join after g on g.node_execution_id = d.id
     where g.is_alive and g.is_told and not g.is_done and d.status = 'WAITING'
  ),
  changed as (
    select n.run_id, n.id, row_number() over (partition by n.run_id order by n.id)::integer as number,
           ${nodePayload('n')} || jsonb_build_object('parts', ${progressOf('g', 'g.made')}) as payload
      from shown n join after g on g.node_execution_id = n.id
  ),
  ${countChanges()},
  ${events(
    nodeEvents(),
    `select n.run_id, row_number() over (partition by n.run_id order by n.id), 'node.updated', n.id, ${nodePayload('n')} from begun n`,
  )}
  select (select json_agg(json_build_object('executionId', g.node_execution_id, 'nextIndex', g.next_index,
            'again', g.again, 'retried', g.retried, 'unfinished', g.unfinished, 'total', g.total, 'width', g.width, 'isStopped', ${isStopped('g')},
            'isPaused', g.paused_at is not null,
            'isClosed', g.is_closed, 'isTold', g.is_told or g.is_done, 'waitingAttempt', g.waiting_attempt,
            'isBehind', g.is_behind)) from after g) as regions,
    (select json_agg(p.id) from parts p where p.unfinished_nodes = 0) as ended,
    ${runsOf(`(
      select c.* from counted c
      union all
      select distinct on (p.parent_execution_id) p.id, p.workflow_id, p.last_seq, p.status, p.parent_run_id, p.parent_execution_id
        from parts p where p.last_seq > 0
    ) r`)},
    ${claimsOf('begun')},
    ${readyOf(`(
      select n.id, n.run_id, n.attempt, n.pool, n.region from part_nodes n where n.status = 'QUEUED'
      union all
      select n.id, n.run_id, n.attempt, n.pool, n.region from woken n
    ) n`)}`,
);

/**
 * Counts ended parts and makes the next ones, of several regions at once.
 *
 * @param keeping default: nothing is claimed
 */
export async function advanceRegions(
  on: Queryable,
  advances: readonly RegionAdvance[],
  templates: readonly PartTemplate[],
  keeping?: KeptFirst,
): Promise<AdvancedRegions> {
  const candidates = advances.flatMap(({ executionId, runId, from, parts, again = { left: 0, retried: 0 } }) =>
    parts.map(({ from: earlier, isAgain = false, ...part }, at) => ({
      ...{ ...part, earlier, isAgain, againLeft: again.left, retried: again.retried },
      ...{ run_id: runId, execution_id: executionId, from, rank: at + 1 },
    })),
  );
  const ended = advances.flatMap((region) => region.ended);
  const [row] = await advance(
    on,
    [
      batchOf(candidates),
      storableJson(JSON.stringify(templates.map(templateRow))),
      [...new Set([...advances.map(({ runId }) => runId), ...ended])],
      [...new Set(advances.map(({ executionId }) => executionId))],
      ended,
      keeping?.workerId ?? null,
      Object.keys(keeping?.keeps ?? {}),
      Object.values(keeping?.keeps ?? {}),
    ],
    hotAnswerMs,
  );
  const made: AdvancedRegions = {
    ...{ regions: row?.regions ?? [], ended: row?.ended ?? [], runs: row?.runs ?? [] },
    ...{ ready: row?.ready ?? [], claims: row?.claims ?? [] },
  };
  const behind = new Set(made.regions.filter(({ isBehind }) => isBehind).map(({ executionId }) => executionId));
  if (behind.size === 0) return made;
  // Once for each time that somebody asked for elements meanwhile.
  const left = advances.filter(({ executionId }) => behind.has(executionId));
  const then = await advanceRegions(
    on,
    left.map((region) => ({ ...region, ended: [], parts: [] })),
    [],
  );
  return {
    regions: [...made.regions.filter(({ isBehind }) => !isBehind), ...then.regions],
    ended: made.ended,
    runs: [...made.runs, ...then.runs],
    ready: [...made.ready, ...then.ready],
    claims: made.claims,
  };
}

function templateRow({ number, nodes, graph }: PartTemplate): object {
  return {
    number,
    graph,
    unfinished: nodes.filter(({ action }) => action === 'run').length,
    nodes: nodes.map(({ edges, ...node }, rank) => ({
      ...node,
      ...(edges === undefined ? {} : { edges: { rank, in: edges } }),
    })),
  };
}
