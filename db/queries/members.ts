import { sql } from 'kysely';
import type { UserRole } from '../../core/api/auth.ts';
import type { Member } from '../../core/api/members.ts';
import type { Db } from '../client.ts';
import { userColumns } from './users.ts';

/** Everybody who has an account, the oldest first. */
export async function listMembers(db: Db): Promise<Member[]> {
  const rows = await db
    .selectFrom('users')
    .select([
      ...userColumns,
      'users.created_at as createdAt',
      sql<Date | null>`greatest(
        (select max(last_used_at) from sessions where user_id = users.id),
        (select max(last_used_at) from api_keys where user_id = users.id))`.as('lastSeenAt'),
    ])
    .where('users.removed_at', 'is', null)
    .orderBy('users.created_at')
    .orderBy('users.id')
    .execute();
  return rows.map(({ createdAt, lastSeenAt, ...user }) => ({
    ...user,
    createdAt: createdAt.toISOString(),
    lastSeenAt: lastSeenAt?.toISOString() ?? null,
  }));
}

/** The e-mail address and role of a member, or null where there is none. */
export async function findMember(db: Db, id: string): Promise<{ email: string; role: UserRole } | null> {
  const row = await db
    .selectFrom('users')
    .select(['email', 'role'])
    .where('id', '=', id)
    .where('removed_at', 'is', null)
    .executeTakeFirst();
  return row ?? null;
}

/**
 * Changes a role or removes an account, in one transaction under the locks of
 * all owners' rows, in the order of their ids: two owners who demote each other
 * at once cannot both succeed.
 */
async function changeMember(
  db: Db,
  id: string,
  change: (trx: Db) => Promise<bigint>,
  keepsOwner: boolean,
): Promise<'changed' | 'missing' | 'last owner'> {
  return db.transaction().execute(async (trx) => {
    const owners = await trx
      .selectFrom('users')
      .select('id')
      .where('role', '=', 'owner')
      .where('removed_at', 'is', null)
      .orderBy('id')
      .forUpdate()
      .execute();
    const isLastOwner = owners.length === 1 && owners[0]?.id === id;
    if (isLastOwner && !keepsOwner) return 'last owner';
    return (await change(trx)) > 0n ? 'changed' : 'missing';
  });
}

/** Gives a member another role; the last owner stays one. */
export function setRole(db: Db, id: string, role: UserRole): Promise<'changed' | 'missing' | 'last owner'> {
  const change = async (trx: Db) => {
    const result = await trx
      .updateTable('users')
      .set({ role, updated_at: sql<Date>`now()` })
      .where('id', '=', id)
      .where('removed_at', 'is', null)
      .executeTakeFirst();
    return result.numUpdatedRows;
  };
  return changeMember(db, id, change, role === 'owner');
}

/**
 * Removes an account: it cannot be used from this moment on, its sessions,
 * keys and links are gone. What it made stays, and is there again when the same
 * address is invited once more. The last owner stays.
 */
export function removeMember(db: Db, id: string): Promise<'changed' | 'missing' | 'last owner'> {
  return changeMember(db, id, (trx) => removeAccount(trx, id), false);
}

/** The same without a question about owners: the identity provider has decided. */
export async function removeAccount(db: Db, id: string): Promise<bigint> {
  const result = await db
    .updateTable('users')
    .set({ removed_at: sql<Date>`now()`, password_hash: null, updated_at: sql<Date>`now()` })
    .where('id', '=', id)
    .where('removed_at', 'is', null)
    .executeTakeFirst();
  await db.deleteFrom('sessions').where('user_id', '=', id).execute();
  await db.deleteFrom('sign_in_tokens').where('user_id', '=', id).execute();
  await db
    .updateTable('api_keys')
    .set({ revoked_at: sql<Date>`now()` })
    .where('user_id', '=', id)
    .where('revoked_at', 'is', null)
    .execute();
  return result.numUpdatedRows;
}
