import { statement, storedMessage, type Queryable } from '../statement.ts';

/** A row whose run is to be started, by whoever has claimed it. */
export interface ClaimedRow {
  readonly batchId: string;
  readonly number: number;
  /** Of the run that it is to have. */
  readonly runId: string;
  /** The run that it goes on from; null: it begins anew. */
  readonly retryOf: string | null;
  readonly inputs: Record<string, unknown>;
  readonly userId: string;
  /** Who made the batch; null: the owner. */
  readonly actorId: string | null;
  readonly workflowId: number;
  readonly versionId: string;
  readonly published: number | null;
  readonly useCache: boolean | null;
  /** How often it has been tried, this time included. */
  readonly tries: number;
}

/** Others leave a claimed row alone for so long: a start takes no longer, and one that is done twice makes one run. */
const claimSeconds = 30;

/*
 * claim-batch-rows: takes rows of running batches whose runs may start. What the function writes, the statement around it
 * does not see yet.
 *
 * $1 what time it is, null: by the clock of the database; $2 runs of one user under way at once; $3 rows at most.
 * Locks an advisory lock for each user that nobody else looks at.
 * Relies on batches_open, batch_rows_queued, batch_rows_running, workflow_runs_active and workflow_runs_waiting.
 */
const claim = statement<ClaimedRow>(
  'claim-batch-rows',
  `select w.batch_id as "batchId", w.number, c.run as "runId", w.retry_of as "retryOf", w.inputs, b.user_id as "userId",
          b.created_by as "actorId",
          b.workflow_id as "workflowId", b.version_id as "versionId", b.published_version as published,
          b.use_cache as "useCache", w.tries + 1 as tries
     from claim_batch_rows($1, $2, $3, ${claimSeconds}) c
     join batch_rows w on w.batch_id = c.batch and w.number = c.row_no
     join batches b on b.id = w.batch_id`,
);

/**
 * @param now what time it is; null: by the clock of the database
 * @param mostActive runs that one user may have under way at once
 */
export function claimBatchRows(
  on: Queryable,
  now: Date | null,
  mostActive: number,
  limit: number,
): Promise<ClaimedRow[]> {
  return claim(on, [now, mostActive, limit]);
}

type RowKey = Pick<ClaimedRow, 'batchId' | 'number' | 'runId'>;

const started = statement<{ number: number }>(
  'mark-batch-row-started',
  `update batch_rows set claimed_until = null, code = null, error = null
    where batch_id = $1 and number = $2 and run_id = $3 and status = 'running' returning number`,
);

/** Its run is there. False: the row is not of this run any more. */
export async function markRowStarted(on: Queryable, { batchId, number, runId }: RowKey): Promise<boolean> {
  return (await started(on, [batchId, number, runId])).length > 0;
}

/** What a row whose run could not be started comes to. */
export interface UnstartedRow extends RowKey {
  readonly code: string;
  readonly message: string;
  /** Milliseconds after which it is tried again; null: it is given up. */
  readonly waitMs: number | null;
}

const unstarted = statement(
  'record-batch-row-unstarted',
  `update batch_rows w set
     status = case when $6::double precision is not null then case when b.status = 'cancelled' then 'cancelled' else 'queued' end
                   else 'failed' end,
     run_id = case when $6::double precision is null then null else w.run_id end, claimed_until = null, code = $4, error = $5,
     try_at = coalesce($7::timestamptz, clock_timestamp()) + make_interval(secs => $6::double precision / 1000),
     finished_at = case when $6::double precision is null or b.status = 'cancelled' then clock_timestamp() end
    from batches b
   where w.batch_id = $1 and w.number = $2 and w.run_id = $3 and w.status = 'running' and b.id = w.batch_id`,
);

/** @param now what time it is; null: by the clock of the database */
export async function recordRowUnstarted(
  on: Queryable,
  { batchId, number, runId, code, message, waitMs }: UnstartedRow,
  now: Date | null,
): Promise<void> {
  await unstarted(on, [batchId, number, runId, code, storedMessage(message), waitMs, now]);
}

/*
 * settle-batch-rows: how the runs of rows have ended, with what they cost; rows whose start nobody has finished are queued
 * anew, with the run that they are to have.
 *
 * $1: what time it is; null: by the clock of the database. $2: rows at most.
 * Locks the rows that nobody else holds.
 * Relies on batch_rows_running.
 */
const settle = statement<{ number: number }>(
  'settle-batch-rows',
  `with open as materialized (
     select w.batch_id, w.number, w.claimed_until, b.status as batch_status, r.id as run, r.status, r.error, r.started_at,
            r.finished_at
       from batch_rows w join batches b on b.id = w.batch_id left join workflow_runs r on r.id = w.run_id
      where w.status = 'running'
        and case when r.id is null then coalesce(w.claimed_until, '-infinity') <= coalesce($1::timestamptz, clock_timestamp())
                 else r.finished_at is not null end
      limit $2
        for no key update of w skip locked
   )
   update batch_rows w set
     status = case when o.run is not null then case o.status when 'COMPLETED' then 'done' when 'FAILED' then 'failed' else 'cancelled' end
                   when o.claimed_until is null then 'failed'
                   when o.batch_status = 'cancelled' then 'cancelled' else 'queued' end,
     code = case when o.status = 'FAILED' then 'RUN_FAILED' end,
     error = case when o.run is not null then left(o.error, 2000) when o.claimed_until is null then 'The run was deleted.' end,
     claimed_until = null,
     duration_ms = extract(epoch from o.finished_at - o.started_at) * 1000,
     cost_usd = (
       with recursive tree as (
         select o.run as id
         union all
         select p.id from tree t join workflow_runs p on p.parent_run_id = t.id
       )
       select sum((n.usage ->> 'costUsd')::double precision) from tree t join node_executions n on n.run_id = t.id),
     finished_at = case when o.run is null and o.claimed_until is not null and o.batch_status <> 'cancelled' then null
                        else coalesce(o.finished_at, clock_timestamp()) end
    from open o
   where w.batch_id = o.batch_id and w.number = o.number
  returning w.number`,
);

/** Gives how many rows it changed. */
export async function settleBatchRows(on: Queryable, now: Date | null, limit: number): Promise<number> {
  return (await settle(on, [now, limit])).length;
}

/*
 * finish-batches: ends batches of which no row is left. Rows may be queued anew at this moment, which this statement does not
 * see; whoever does that changes the batch. So one that was changed since it was looked at is left for the next time.
 *
 * Locks   the batches that it ends.
 * Relies  on batches_open, batch_rows_queued and batch_rows_running.
 */
const finish = statement(
  'finish-batches',
  `with over as materialized (
     select b.id, b.xmin as seen from batches b
      where b.finished_at is null
        and not exists (select from batch_rows r where r.batch_id = b.id and r.status = 'queued')
        and not exists (select from batch_rows r where r.batch_id = b.id and r.status = 'running')
   )
   update batches b set finished_at = clock_timestamp(), status = case when b.status = 'cancelled' then b.status else 'finished' end,
          paused_reason = null
     from over o
    where b.id = o.id and b.xmin = o.seen and b.finished_at is null`,
);

/** Ends batches of which no row is left. */
export async function finishBatches(on: Queryable): Promise<void> {
  await finish(on, []);
}

const cancelled = statement<{ runId: string }>(
  'list-runs-of-cancelled-batches',
  `select r.id as "runId" from batches b join batch_rows w on w.batch_id = b.id and w.status = 'running'
     join workflow_runs r on r.id = w.run_id and r.finished_at is null
    where b.finished_at is null and b.status = 'cancelled' limit $1`,
);

/** Unfinished runs of batches that were canceled. Relies on batches_open and batch_rows_running. */
export async function listRunsOfCancelledBatches(on: Queryable, limit: number): Promise<string[]> {
  return (await cancelled(on, [limit])).map(({ runId }) => runId);
}
