import type pg from 'pg';
import { storedListType } from '../../core/node-type/values.ts';
import { statement, type Queryable } from '../statement.ts';
import { inTransaction } from '../transaction.ts';

/** A run, or a part of one, that holds lists; and whose it is. */
export interface ListHolder {
  readonly userId: string;
  readonly runId: string;
}

/*
 * hold lists: they stay as long as the whole run does.
 *
 * Locks   the lists, so that none is deleted meanwhile; one that is being deleted counts as gone.
 * Relies  on the primary keys.
 */
const hold = statement<{ count: number }>(
  'hold-lists',
  `with list as materialized (
     select a.id from assets a
      where a.id = any ($3::uuid[]) and a.user_id = $1 and a.mime_type = '${storedListType}'
        for key share of a
   ),
   held as (
     insert into run_lists (run_id, asset_id)
     select r.id, l.id from list l cross join unnest(whole_runs(array[$2::uuid])) as r (id)
     on conflict do nothing
   )
   select count(*)::integer as count from list`,
);

/** Lets a run hold lists of its workspace; answers how many of these are there. */
export async function holdLists(
  on: Queryable,
  { userId, runId }: ListHolder,
  assetIds: readonly string[],
): Promise<number> {
  if (assetIds.length === 0) return 0;
  return (await hold(on, [userId, runId, assetIds]))[0]?.count ?? 0;
}

/* Relies on the primary key. */
const there = statement<{ id: string }>(
  'list-lists-that-are-there',
  `select a.id from assets a where a.id = any ($2::uuid[]) and a.user_id = $1 and a.mime_type = '${storedListType}'`,
);

/** Which of these lists of a workspace are there. */
export async function findLists(on: Queryable, userId: string, assetIds: readonly string[]): Promise<Set<string>> {
  if (assetIds.length === 0) return new Set();
  return new Set((await there(on, [userId, assetIds])).map(({ id }) => id));
}

/* Relies on the primary key. */
const ofRun = statement<{ id: string }>('list-lists-of-run', `select asset_id as id from run_lists where run_id = $1`);

/** The ids of the lists that a run holds. */
export async function listListsOfRun(on: Queryable, runId: string): Promise<string[]> {
  return (await ofRun(on, [runId])).map(({ id }) => id);
}

/*
 * lock, then delete: lists that no run holds, a while after they came. A run that came to hold one meanwhile is seen by the
 * second statement only; none comes to while they are locked.
 *
 * Locks   the lists that nobody else has.
 * Relies  on assets_lists and run_lists_asset.
 */
const lockUnheld = statement<{ id: string }>(
  'lock-unheld-lists',
  `select a.id from assets a
    where a.mime_type = '${storedListType}' and a.created_at < clock_timestamp() - interval '1 hour'
      and not exists (select from run_lists l where l.asset_id = a.id)
    order by a.created_at limit $1
      for update of a skip locked`,
);
const deleteUnheld = statement<{ id: string }>(
  'delete-unheld-lists',
  `delete from assets a where a.id = any ($1::uuid[]) and not exists (select from run_lists l where l.asset_id = a.id)
   returning a.id`,
);

/** Deletes lists that no run holds any more; returns how many it looked at. Their contents are left to the sweep of files. */
export async function deleteUnheldLists(pool: pg.Pool, limit: number): Promise<number> {
  return inTransaction(pool, async (connection) => {
    const ids = (await lockUnheld(connection, [limit])).map(({ id }) => id);
    if (ids.length > 0) await deleteUnheld(connection, [ids]);
    return ids.length;
  });
}
