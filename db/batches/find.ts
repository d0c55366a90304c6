import type { Batch, BatchStatus } from '../../core/api/batches.ts';
import type { InWorkspace } from '../../core/scope.ts';
import { pageOfRows, type Page, type PageCursor } from '../page-cursor.ts';
import { statement, type Queryable } from '../statement.ts';
import { shownAs } from '../users/shown-as.ts';

interface Row extends Omit<Batch, 'secondsLeft' | 'createdAt' | 'finishedAt'> {
  readonly createdAt: Date;
  readonly exactCreatedAt: string;
  readonly finishedAt: Date | null;
  /** Seconds that one of the latest rows took, with all that were under way beside it. */
  readonly pace: number | null;
}

/** The latest rows that are over, whose pace counts. */
const paceRows = 100;

const counted = `
  select b.id, b.workflow_id as "workflowId", b.published_version as "workflowVersion", b.name, b.status,
         b.paused_reason as "pausedReason", b.at_once as "window", b.total, ${shownAs('coalesce(b.created_by, b.user_id)')} as "startedBy",
         b.created_at as "createdAt",
         to_char(b.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "exactCreatedAt",
         b.finished_at as "finishedAt", c.*, p.pace
    from batches b
   cross join lateral (
     select count(*) filter (where r.status = 'queued')::integer as queued,
            count(*) filter (where r.status = 'running')::integer as running,
            count(*) filter (where r.status = 'done')::integer as done,
            count(*) filter (where r.status = 'failed')::integer as failed,
            count(*) filter (where r.status = 'cancelled')::integer as cancelled,
            sum(r.cost_usd) as "costUsd"
       from batch_rows r where r.batch_id = b.id) c
   cross join lateral (
     select case when count(*) > 1
              then extract(epoch from max(l.finished_at) - min(l.finished_at))::double precision / (count(*) - 1) end as pace
       from (select r.finished_at from batch_rows r
              where b.status = 'running' and r.batch_id = b.id and r.status in ('done', 'failed')
              order by r.finished_at desc nulls last limit ${paceRows}) l) p`;

const find = statement<Row>('find-batch', `${counted} where b.id = $1 and b.user_id = $2`);

/** Null where the user has none of that id. */
export async function findBatch(on: Queryable, { workspaceId }: InWorkspace, id: string): Promise<Batch | null> {
  const [row] = await find(on, [id, workspaceId]);
  return row === undefined ? null : batchOf(row);
}

const list = statement<Row>(
  'list-batches',
  `${counted}
    where b.workflow_id = $1 and b.user_id = $2
      and ($3::timestamptz is null or (b.created_at, b.id) < ($3::timestamptz, $4::uuid))
    order by b.created_at desc, b.id desc limit $5`,
);

/** The batches of a user's workflow, the newest first. Relies on batches_workflow. */
export async function listBatches(
  on: Queryable,
  { workspaceId }: InWorkspace,
  workflowId: number,
  { limit, after }: { readonly limit: number; readonly after: PageCursor | null },
): Promise<Page<Batch>> {
  const rows = await list(on, [workflowId, workspaceId, after?.value ?? null, after?.id ?? null, limit + 1]);
  return pageOfRows(rows, limit, batchOf, ({ exactCreatedAt, id }) => ({ value: exactCreatedAt, id }));
}

function batchOf({ pace, exactCreatedAt: _exact, createdAt, finishedAt, ...row }: Row): Batch {
  const left = row.queued + row.running;
  return {
    ...row,
    secondsLeft: pace === null ? null : Math.round(left * pace * 10) / 10,
    createdAt: createdAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
  };
}

const graph = statement<{ workflowId: number; versionId: string; name: string | null; status: BatchStatus }>(
  'find-graph-of-batch',
  `select workflow_id as "workflowId", version_id as "versionId", name, status from batches where id = $1 and user_id = $2`,
);

/** What a user's batch runs; null where the user has none of that id. */
export async function findBatchGraph(
  on: Queryable,
  { workspaceId }: InWorkspace,
  id: string,
): Promise<{ readonly workflowId: number; readonly versionId: string; readonly name: string | null } | null> {
  return (await graph(on, [id, workspaceId]))[0] ?? null;
}

const pace = statement<{ runs: number; costUsd: number | null; seconds: number | null }>(
  'pace-of-workflow',
  `with recent as materialized (
     select r.id, r.started_at, r.finished_at from workflow_runs r
      where r.workflow_id = $1 and r.user_id = $2 and r.status = 'COMPLETED' and r.mode = 'all' and r.parent_run_id is null
      order by r.created_at desc limit 20
   )
   select count(*)::integer as runs,
          avg(extract(epoch from c.finished_at - c.started_at))::double precision as seconds,
          avg(cost.usd)::double precision as "costUsd"
     from recent c
    cross join lateral (
      select sum((n.usage ->> 'costUsd')::double precision) as usd from node_executions n where n.run_id = c.id) cost`,
);

/** What the latest completed runs of a user's workflow took on average. Relies on workflow_runs_history. */
export async function paceOfWorkflow(
  on: Queryable,
  { workspaceId }: InWorkspace,
  workflowId: number,
): Promise<{ readonly runs: number; readonly costUsd: number | null; readonly seconds: number | null }> {
  return (await pace(on, [workflowId, workspaceId]))[0]!;
}
