import type { Db } from '../client.ts';
import { findRun } from './find.ts';

/** Removes a finished run. `unfinished` where it is under way, null where the user has none of that id. */
export async function deleteFinishedRun(db: Db, userId: string, id: string): Promise<'deleted' | 'unfinished' | null> {
  const result = await db
    .deleteFrom('workflow_runs')
    .where('id', '=', id)
    .where('user_id', '=', userId)
    .where('status', 'in', ['COMPLETED', 'FAILED', 'CANCELLED'])
    .executeTakeFirst();
  if (result.numDeletedRows > 0n) return 'deleted';
  return (await findRun(db, userId, id)) === null ? null : 'unfinished';
}
