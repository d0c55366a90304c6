import type { RunRecord } from '../../core/api/runs.ts';
import { events, runEvents } from '../run-sql/events.ts';
import { statement, storableJson, type Queryable } from '../statement.ts';
import { shownAs } from '../users/shown-as.ts';
import { newRunDetail, type NewRun, type NewRunRow } from './new-run.ts';

/** A run that was inserted; `waiting`: for others of its user to end. */
export interface InsertedRun {
  readonly turn: 'admitted' | 'waiting';
  /** As a reader would find it now. */
  readonly run: RunRecord;
}

/**
 * Why a run was not inserted: there was no room for it, it is there already, its user may not run anything (any more),
 * its version is not there (any more), its workflow is not, or is at another revision; or a list in a file that it is to hold is
 * gone (`lost`).
 */
export interface RefusedRun {
  readonly turn: 'full' | 'known' | 'barred' | 'stale' | 'gone' | 'changed' | 'lost';
}

/** What became of a run that was to be started: inserted, or refused and why. */
export type RunStart = InsertedRun | RefusedRun;

/** A run that was left out: somebody holds its workflow, such as to delete it. See `waitForWorkflow`. */
export interface HeldUpRun {
  readonly turn: 'locked';
}

interface Row {
  readonly id: string;
  readonly turn: (RunStart | HeldUpRun)['turn'];
  /** Null where it was not inserted. */
  readonly createdAt: Date | null;
  readonly startedBy: string | null;
}

/*
 * start: inserts runs, PENDING, with their node executions and their first events, in one statement.
 *
 * Result  what each came to. Those that do not fit what is there take no turn.
 * Locks   the workflows that nobody else holds: one that is being deleted must not keep the other runs waiting. Then the lists
 *         in files that are to be held, so that none is deleted meanwhile. Then an
 *         advisory lock per user, in their order: starts of one user wait for each other's commit.
 * Relies  on the primary keys, workflow_runs_active and workflow_runs_waiting.
 */
const start = statement<Row>(
  'start-runs',
  `with input as materialized (
    select i.* from rows from (jsonb_to_recordset($1::jsonb) as (
      id uuid, "workflowId" integer, "workflowVersionId" uuid, revision integer, "userId" text, "actorId" text, "triggerType" text,
      mode text, "nodeIds" text[], "useCache" boolean, "retryOf" uuid, "timeoutMs" double precision,
      "publishedVersion" integer, "mustBeLive" boolean, unfinished integer, nodes jsonb, lists uuid[])) with ordinality as i(
      id, "workflowId", "workflowVersionId", revision, "userId", "actorId", "triggerType", mode, "nodeIds", "useCache", "retryOf",
      "timeoutMs", "publishedVersion", "mustBeLive", unfinished, nodes, lists, place)
  ),
  held as materialized (
    select w.id, w.version, w.live_version from workflows w
     where w.id in (select i."workflowId" from input i) for key share of w skip locked
  ),
  list as materialized (
    select i.id as run_id, a.id from input i cross join unnest(i.lists) as l (id)
      join assets a on a.id = l.id and a.user_id = i."userId"
       for key share of a
  ),
  looked as materialized (
    select i.id, i."userId", i.place,
           case when (i.revision is not null or i."publishedVersion" is not null)
                     and w.user_id is distinct from i."userId" then 'gone'
                -- A retry, whose workflow belongs to another workspace by now.
                when w.user_id <> i."userId" then 'gone'
                when w.id is not null and h.id is null then 'locked'
                when i.revision is not null and h.version <> i.revision then 'changed'
                when i."mustBeLive" and h.live_version is distinct from i."publishedVersion" then 'changed'
                when v.id is null then 'stale'
                when cardinality(i.lists) > 0 and exists (
                  select from unnest(i.lists) as x (id) where x.id not in (select l.id from list l where l.run_id = i.id))
                then 'lost' end as misfit
      from input i
      left join workflow_versions v on v.id = i."workflowVersionId"
      left join workflows w on w.id = i."workflowId"
      left join held h on h.id = w.id
  ),
  turns as materialized (
    select t.run, t.turn from take_run_turns(
      (select array_agg(l.id order by l.place) from looked l where l.misfit is null),
      (select array_agg(l."userId" order by l.place) from looked l where l.misfit is null),
      $2::integer, $3::integer) as t
  ),
  run as (
    insert into workflow_runs (id, workflow_id, workflow_version_id, user_id, trigger_type, mode, node_ids, use_cache,
                               retry_of, status, unfinished_nodes, last_seq, deadline_at, admitted_at,
                               published_version, actor_id)
    select i.id, i."workflowId", i."workflowVersionId", i."userId", i."triggerType", i.mode, i."nodeIds", i."useCache",
           i."retryOf", 'PENDING', i.unfinished, 1,
           clock_timestamp() + make_interval(secs => i."timeoutMs" / 1000),
           case when t.turn = 'admitted' then clock_timestamp() end, i."publishedVersion", i."actorId"
      from input i join turns t on t.run = i.id
     where t.turn in ('admitted', 'waiting')
    on conflict (id) do nothing
    returning *
  ),
  nodes as (
    insert into node_executions (id, run_id, node_id, node_type, node_label, pool, status, cached, pending_dependencies,
                                 dependencies, dependents, fingerprint, timeout_ms, input_data, output_data,
                                 finished_at, error, error_code, edges, handles_error, region)
    select n.id, r.id, n."nodeId", n."nodeType", n."nodeLabel", n.pool,
           coalesce(n.settled, case when n.outputs is null then 'PENDING' else 'COMPLETED' end),
           n.outputs is not null and n.settled is null,
           n."pendingDependencies", n.dependencies, n.dependents, n.fingerprint, n."timeoutMs", n.inputs, n.outputs,
           case when n.outputs is not null or n.settled is not null then r.created_at end,
           n.error, n.code, n.edges, n."handlesError", n.region
      from run r join input i on i.id = r.id cross join jsonb_to_recordset(i.nodes) as n(
        id uuid, "nodeId" text, "nodeType" text, "nodeLabel" text, pool text, "pendingDependencies" integer,
        dependencies text[], dependents text[], fingerprint text, "timeoutMs" integer, inputs jsonb, outputs jsonb,
        settled text, error text, code text, edges jsonb, "handlesError" boolean, region jsonb)
  ),
  held_list as (
    insert into run_lists (run_id, asset_id) select distinct l.run_id, l.id from list l join run r on r.id = l.run_id
  ),
  ${events(runEvents('run r'))}
  select l.id, coalesce(l.misfit, t.turn) as turn, r.created_at as "createdAt",
         ${shownAs('coalesce(r.actor_id, r.user_id)')} as "startedBy"
    from looked l left join turns t on t.run = l.id left join run r on r.id = l.id`,
);

/**
 * Starts runs: inserts them, PENDING, with their planned node executions, where they fit what is there and their user
 * has room. Returns what each came to, in the order of the runs. Of those with the same id, as where a request was given up and
 * made again, the first counts: where it is inserted the others are `known`, where it is refused they are, too. None waits for a
 * workflow.
 */
export async function startRuns(
  on: Queryable,
  rows: readonly NewRunRow[],
  limits: { readonly maxActive: number; readonly maxWaiting: number },
): Promise<(RunStart | HeldUpRun)[]> {
  const firsts = new Map(rows.toReversed().map((row) => [row.run.id, row]));
  const given = rows.filter((row) => firsts.get(row.run.id) === row);
  const batch = storableJson(`[${given.map(({ json }) => json).join()}]`);
  const found = await start(on, [batch, limits.maxActive, limits.maxWaiting]);
  const byId = new Map(found.map((row) => [row.id, row]));
  return rows.map((row) => {
    const start = startOf(row.run, byId.get(row.run.id)!);
    return 'run' in start && firsts.get(row.run.id) !== row ? { turn: 'known' } : start;
  });
}

function startOf(run: NewRun, { turn, createdAt, startedBy }: Row): RunStart | HeldUpRun {
  if (turn === 'locked') return { turn };
  if (turn !== 'admitted' && turn !== 'waiting') return { turn };
  // Somebody else's by chance, or from before: what a reader finds counts.
  if (createdAt === null || startedBy === null) return { turn: 'known' };
  return { turn, run: newRunDetail(run, { createdAt, startedBy }) };
}
