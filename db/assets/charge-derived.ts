import { sql } from 'kysely';
import type { StorageQuota } from '../../core/limits.ts';
import type { Db } from '../client.ts';
import { isRoom, lockUser } from './room.ts';

/** Counts what was made from a content of the user towards the quota. False: there is no room for it. */
export async function chargeDerived(
  db: Db,
  { userId, sha256, bytes }: { readonly userId: string; readonly sha256: string; readonly bytes: number },
  quota: StorageQuota,
): Promise<boolean> {
  return db.transaction().execute(async (transaction) => {
    await lockUser(transaction, userId);
    const noId = '00000000-0000-0000-0000-000000000000';
    if (!(await isRoom(transaction, { userId, bytes, files: 0, except: noId }, quota))) return false;
    await transaction
      .updateTable('assets')
      .set({ derived_bytes: sql<string>`derived_bytes + ${bytes}` })
      .where('user_id', '=', userId)
      .where('sha256', '=', sha256)
      .execute();
    return true;
  });
}
