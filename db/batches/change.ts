import { sql } from 'kysely';
import type { InWorkspace } from '../../core/scope.ts';
import type { Db } from '../client.ts';
import { statement, storedMessage, type Queryable } from '../statement.ts';

const pause = statement<{ id: string }>(
  'pause-batch',
  `update batches set status = 'paused', paused_reason = null
    where id = $1 and user_id = $2 and finished_at is null and status in ('running', 'paused') returning id`,
);

/** No further row begins. False where the batch is over or canceled. */
export async function pauseBatch(on: Queryable, { workspaceId }: InWorkspace, id: string): Promise<boolean> {
  return (await pause(on, [id, workspaceId])).length > 0;
}

const resume = statement<{ id: string }>(
  'resume-batch',
  `update batches b set status = 'running', paused_reason = null
     from users u
    where b.id = $1 and b.user_id = $2 and u.id = b.user_id and u.removed_at is null and u.role <> 'viewer'
      and b.finished_at is null and b.status in ('running', 'paused')
   returning b.id`,
);

/** Rows begin again. False where the batch is over or canceled, or its user may not run anything (any more). */
export async function resumeBatch(on: Queryable, { workspaceId }: InWorkspace, id: string): Promise<boolean> {
  return (await resume(on, [id, workspaceId])).length > 0;
}

const cancel = statement<{ id: string }>(
  'cancel-batch',
  `with b as (
     update batches set status = 'cancelled', paused_reason = null
      where id = $1 and user_id = $2 and finished_at is null returning id
   ),
   rows as (
     update batch_rows r set status = 'cancelled', finished_at = clock_timestamp()
       from b where r.batch_id = b.id and r.status = 'queued'
   )
   select id from b`,
);

/** No further row begins, for good; runs that are under way are canceled by whoever feeds batches. False where it is over. */
export async function cancelBatch(on: Queryable, { workspaceId }: InWorkspace, id: string): Promise<boolean> {
  return (await cancel(on, [id, workspaceId])).length > 0;
}

const retry = statement<{ rows: number }>(
  'retry-batch-rows',
  `with held as materialized (
     select b.id from batches b join users u on u.id = b.user_id and u.removed_at is null and u.role <> 'viewer'
      where b.id = $1 and b.user_id = $2 for no key update of b
   ),
   again as (
     update batch_rows r set
       status = 'queued', retry_of = coalesce(r.run_id, r.retry_of), run_id = null, tries = 0, try_at = null, code = null,
       error = null, cost_usd = null, duration_ms = null, finished_at = null
      from held h where r.batch_id = h.id and r.status = any ($3::text[])
     returning r.batch_id
   ),
   on_again as (
     update batches b set status = 'running', paused_reason = null, finished_at = null
       from held h where b.id = h.id and exists (select from again)
   )
   select count(*)::integer as rows from again`,
);

/** Queues rows anew that did not complete; gives how many. */
export async function retryBatchRows(
  on: Queryable,
  { workspaceId }: InWorkspace,
  id: string,
  statuses: readonly ('failed' | 'cancelled')[],
): Promise<number> {
  return (await retry(on, [id, workspaceId, statuses]))[0]!.rows;
}

const remove = statement<{ name: string | null }>(
  'delete-batch',
  'delete from batches where id = $1 and user_id = $2 and finished_at is not null returning name',
);

/** Removes a batch that is over; its runs stay. Undefined where it is not over, or the user has none of that id. */
export async function deleteBatch(
  on: Queryable,
  { workspaceId }: InWorkspace,
  id: string,
): Promise<{ readonly name: string | null } | undefined> {
  return (await remove(on, [id, workspaceId]))[0];
}

const pauseFor = statement(
  'pause-batch-for',
  `update batches set status = 'paused', paused_reason = $2 where id = $1 and status = 'running' and finished_at is null`,
);

/** Pauses a batch whose next row could not start either, and says why. */
export async function pauseBatchFor(on: Queryable, id: string, reason: string): Promise<void> {
  await pauseFor(on, [id, storedMessage(reason)]);
}

/** Pauses the batches of a user who may no longer run anything. */
export async function pauseBatchesOf(trx: Db, userId: string): Promise<void> {
  await sql`update batches set status = 'paused', paused_reason = 'Its owner may no longer run workflows.'
             where user_id = ${userId} and status = 'running' and finished_at is null`.execute(trx);
}
