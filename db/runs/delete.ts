import type { InWorkspace } from '../../core/scope.ts';
import type { Db } from '../client.ts';
import { ownedBy } from '../owned-by.ts';
import { findRun } from './find.ts';

/** Removes a finished run. `unfinished` where it is under way, null where the user has none of that id. */
export async function deleteFinishedRun(
  db: Db,
  scope: InWorkspace,
  id: string,
): Promise<'deleted' | 'unfinished' | null> {
  const result = await db
    .deleteFrom('workflow_runs')
    .where('id', '=', id)
    .where('parent_run_id', 'is', null)
    .where(ownedBy(scope))
    .where('status', 'in', ['COMPLETED', 'FAILED', 'CANCELLED'])
    .executeTakeFirst();
  if (result.numDeletedRows > 0n) return 'deleted';
  return (await findRun(db, scope, id)) === null ? null : 'unfinished';
}
