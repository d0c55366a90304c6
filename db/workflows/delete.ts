import type { Db } from '../client.ts';

/** Removes a workflow with its versions, runs and events, and returns its name; null where the user has none of that id. */
export async function deleteWorkflow(db: Db, userId: string, id: number): Promise<string | null> {
  const row = await db
    .deleteFrom('workflows')
    .where('id', '=', id)
    .where('user_id', '=', userId)
    .returning('name')
    .executeTakeFirst();
  return row?.name ?? null;
}
