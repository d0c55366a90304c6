import type { InWorkspace } from '../../core/scope.ts';
import type { Db } from '../client.ts';
import { foundWaitOf, selectWaits, type FoundWait } from './rows.ts';

/** What a person is asked, by its id; null where the user has no such wait. */
export async function findWait(db: Db, { workspaceId }: InWorkspace, id: string): Promise<FoundWait | null> {
  const row = await selectWaits(db).where('q.id', '=', id).where('q.user_id', '=', workspaceId).executeTakeFirst();
  return row === undefined ? null : foundWaitOf(row);
}
