import { sql } from 'kysely';
import { workspaceGraceDays } from '../../core/api/workspaces.ts';
import type { Db } from '../client.ts';
import { restOf } from '../members/end-access.ts';
import type { ChangedRun } from '../run-sql/result.ts';

/** Gives a workspace another name, and returns that which it had; null where it is not there. */
export async function renameWorkspace(db: Db, id: string, name: string): Promise<string | null> {
  return db.transaction().execute(async (trx) => {
    const before = await trx
      .selectFrom('workspaces')
      .select('name')
      .where('id', '=', id)
      .where('deleted_at', 'is', null)
      .forNoKeyUpdate()
      .executeTakeFirst();
    if (before === undefined) return null;
    await trx.updateTable('workspaces').set({ name }).where('id', '=', id).execute();
    return before.name;
  });
}

/**
 * Closes a workspace to everybody: nothing runs in it from here on, and what is under way ends. Nothing is deleted yet.
 * Returns the runs that were cancelled, to be announced after the commit; null where it is not there or closed already.
 */
export async function closeWorkspace(
  db: Db,
  id: string,
): Promise<{ readonly name: string; readonly runs: readonly ChangedRun[] } | null> {
  return db.transaction().execute(async (trx) => {
    const closed = await trx
      .updateTable('workspaces')
      .set({ deleted_at: sql<Date>`now()` })
      .where('id', '=', id)
      .where('deleted_at', 'is', null)
      .returning('name')
      .executeTakeFirst();
    if (closed === undefined) return null;
    // What decides about turns asks whether the owner is there.
    await trx
      .updateTable('users')
      .set({ removed_at: sql<Date>`now()` })
      .where('id', '=', id)
      .execute();
    return { name: closed.name, runs: await restOf(trx, id) };
  });
}

/** Opens a workspace again that was closed; what started runs by itself stays paused. False where its time is over. */
export async function restoreWorkspace(db: Db, id: string): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const restored = await trx
      .updateTable('workspaces')
      .set({ deleted_at: null })
      .where('id', '=', id)
      .where('deleted_at', '>', sql<Date>`now() - make_interval(days => ${workspaceGraceDays})`)
      .returning('id')
      .executeTakeFirst();
    if (restored === undefined) return false;
    await trx.updateTable('users').set({ removed_at: null }).where('id', '=', id).execute();
    return true;
  });
}
