import type { PlannedNode } from '../../core/graph/plan.ts';
import type { NodeOutputs } from '../../core/node-type/values.ts';
import type { RunMode, TriggerType } from '../../core/run/status.ts';
import { events, runEvents } from '../run-sql/events.ts';
import { batchOf, idsOf, statement, type Queryable } from '../statement.ts';

export interface NewRun {
  readonly id: string;
  readonly workflowId: number;
  readonly workflowVersionId: string;
  readonly userId: string;
  readonly triggerType: TriggerType;
  readonly mode: RunMode;
  readonly nodeIds: readonly string[] | null;
  readonly useCache: boolean | null;
  readonly retryOf: string | null;
  /** Milliseconds from the run's turn until it is ended as FAILED. */
  readonly timeoutMs: number;
  readonly nodes: readonly NewNodeExecution[];
}

export interface NewNodeExecution extends PlannedNode {
  readonly id: string;
  /** What stands in for an execution; set exactly where `action` is `reuse`. */
  readonly reused: { readonly inputs: object | null; readonly outputs: NodeOutputs } | null;
}

/**
 * What a new run came to: it may begin, it waits for others of its user to end,
 * there was no room for it, it is there already, its version is not there (any more),
 * or its user may not run anything (any more).
 */
export type RunTurn = 'admitted' | 'waiting' | 'full' | 'known' | 'stale' | 'barred';

/*
 * start: inserts runs, PENDING, with their node executions and their first events, in one statement.
 *
 * Locks   an advisory lock per user, in their order: starts of one user wait for each other's commit.
 * Relies  on the primary keys, workflow_runs_active and workflow_runs_waiting.
 */
const start = statement<{ id: string; turn: RunTurn }>(
  'start-runs',
  `with input as materialized (
    select i.* from jsonb_to_recordset($1::jsonb) as i(
      id uuid, "workflowId" integer, "workflowVersionId" uuid, "userId" text, "triggerType" text, mode text,
      "nodeIds" text[], "useCache" boolean, "retryOf" uuid, "timeoutMs" double precision, unfinished integer, nodes jsonb)
  ),
  turns as materialized (
    select t.run, t.turn from take_run_turns($2::uuid[], $3::text[], $4::integer, $5::integer) as t
  ),
  run as (
    insert into workflow_runs (id, workflow_id, workflow_version_id, user_id, trigger_type, mode, node_ids, use_cache,
                               retry_of, status, unfinished_nodes, last_seq, deadline_at, admitted_at)
    select i.id, i."workflowId", i."workflowVersionId", i."userId", i."triggerType", i.mode, i."nodeIds", i."useCache",
           i."retryOf", 'PENDING', i.unfinished, 1,
           clock_timestamp() + make_interval(secs => i."timeoutMs" / 1000),
           case when t.turn = 'admitted' then clock_timestamp() end
      from input i join turns t on t.run = i.id join workflow_versions v on v.id = i."workflowVersionId"
     where t.turn in ('admitted', 'waiting')
    on conflict (id) do nothing
    returning *
  ),
  nodes as (
    insert into node_executions (id, run_id, node_id, node_type, node_label, pool, status, cached, pending_dependencies,
                                 dependencies, dependents, fingerprint, timeout_ms, input_data, output_data,
                                 finished_at)
    select n.id, r.id, n."nodeId", n."nodeType", n."nodeLabel", n.pool,
           case when n.outputs is null then 'PENDING' else 'COMPLETED' end, n.outputs is not null,
           n."pendingDependencies", n.dependencies, n.dependents, n.fingerprint, n."timeoutMs", n.inputs, n.outputs,
           case when n.outputs is not null then clock_timestamp() end
      from run r join input i on i.id = r.id cross join jsonb_to_recordset(i.nodes) as n(
        id uuid, "nodeId" text, "nodeType" text, "nodeLabel" text, pool text, "pendingDependencies" integer,
        dependencies text[], dependents text[], fingerprint text, "timeoutMs" integer, inputs jsonb, outputs jsonb)
  ),
  ${events(runEvents('run r'))}
  select t.run as id, case when t.turn in ('full', 'known', 'barred') or v.id is not null then t.turn else 'stale' end as turn
    from turns t join input i on i.id = t.run left join workflow_versions v on v.id = i."workflowVersionId"`,
);

/**
 * Starts runs: inserts them, PENDING, with their planned node executions, except where a user
 * has as many as there may be ('full'), there is a run with the id ('known') or
 * the version is gone ('stale'). Returns their turns in the order of the runs.
 */
export async function startRuns(
  on: Queryable,
  runs: readonly NewRun[],
  limits: { readonly maxActive: number; readonly maxWaiting: number },
): Promise<RunTurn[]> {
  const rows = runs.map(({ nodes, ...run }) => ({
    ...run,
    unfinished: nodes.filter((node) => node.reused === null).length,
    nodes: nodes.map(({ reused, ...node }) => ({
      ...node,
      inputs: reused?.inputs ?? null,
      outputs: reused?.outputs ?? null,
    })),
  }));
  const owners = runs.map(({ userId }) => userId);
  const found = await start(on, [batchOf(rows), idsOf(runs), owners, limits.maxActive, limits.maxWaiting]);
  const turns = new Map(found.map(({ id, turn }) => [id, turn]));
  return runs.map(({ id }) => turns.get(id)!);
}
