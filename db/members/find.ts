import type { UserRole } from '../../core/api/auth.ts';
import type { Db } from '../client.ts';

/** The e-mail address and role of a member, or null where there is none. */
export async function findMember(db: Db, id: string): Promise<{ email: string; role: UserRole } | null> {
  const row = await db
    .selectFrom('users')
    .select(['email', 'role'])
    .where('id', '=', id)
    .where('removed_at', 'is', null)
    .where('kind', '=', 'person')
    .executeTakeFirst();
  return row ?? null;
}
