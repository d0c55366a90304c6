import { sql } from 'kysely';
import type { Db } from '../client.ts';

/** Sets a password where the user has none, so that a restart never undoes a change. */
export async function setFirstPassword(db: Db, userId: string, passwordHash: string): Promise<void> {
  await db
    .updateTable('users')
    .set({ password_hash: passwordHash, updated_at: new Date() })
    .where('id', '=', userId)
    .where('password_hash', 'is', null)
    .execute();
}

/** Sets a password. */
export async function replacePassword(
  db: Db,
  {
    userId,
    before,
    passwordHash,
  }: { readonly userId: string; readonly before: string | null; readonly passwordHash: string },
): Promise<boolean> {
  const result = await db
    .updateTable('users')
    .set({ password_hash: passwordHash, updated_at: sql<Date>`now()` })
    .where('id', '=', userId)
    .where('password_hash', 'is not distinct from', before)
    .where('removed_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}
