import type { InWorkspace } from '../../core/scope.ts';
import type { Db } from '../client.ts';
import { ownedBy } from '../owned-by.ts';

/** Removes a workflow with its versions, runs and events, and returns its name; null where the user has none of that id. */
export async function deleteWorkflow(db: Db, scope: InWorkspace, id: number): Promise<string | null> {
  const row = await db
    .deleteFrom('workflows')
    .where('id', '=', id)
    .where(ownedBy(scope))
    .returning('name')
    .executeTakeFirst();
  return row?.name ?? null;
}
