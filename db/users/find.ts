import type { Db } from '../client.ts';
import { isAddressShown, userColumns, type UserRow } from './rows.ts';

/** The user with that e-mail address (lower case) and the stored password hash, or null. */
export async function findUserByEmail(
  db: Db,
  email: string,
): Promise<(UserRow & { passwordHash: string | null }) | null> {
  const row = await db
    .selectFrom('users')
    .select([...userColumns, 'users.password_hash as passwordHash'])
    .where('users.email', '=', email)
    .where('users.kind', '=', 'person')
    .where('users.removed_at', 'is', null)
    .executeTakeFirst();
  return row ?? null;
}

/**
 * The person whose address (lower case) that is: not only the account that says so. An account of this installation has shown
 * it by the invitation that made it, one of an identity provider by what that said; an address that a user has written
 * themselves since is nobody's.
 */
export async function findShownHolder(db: Db, email: string): Promise<{ id: string } | null> {
  const row = await db
    .selectFrom('users')
    .select('id')
    .where('email', '=', email)
    .where('kind', '=', 'person')
    .where('removed_at', 'is', null)
    .where(isAddressShown)
    .executeTakeFirst();
  return row ?? null;
}

/** The account, removed or not, that has an address (lower case) and is not this one; null where none has it. */
export async function findOtherHolder(
  db: Db,
  email: string,
  userId: string,
): Promise<{ id: string; externalId: string | null } | null> {
  const row = await db
    .selectFrom('users')
    .select(['id', 'external_id as externalId'])
    .where('email', '=', email)
    .where('id', '!=', userId)
    .executeTakeFirst();
  return row ?? null;
}

/** The stored password hash of a user; null where there is none. */
export async function findPasswordHash(db: Db, userId: string): Promise<string | null> {
  const row = await db
    .selectFrom('users')
    .select('password_hash')
    .where('id', '=', userId)
    .where('removed_at', 'is', null)
    .executeTakeFirst();
  return row?.password_hash ?? null;
}

/** The oldest owner of the installation, or null where there is none yet. */
export async function findOwner(db: Db): Promise<UserRow | null> {
  const row = await db
    .selectFrom('users')
    .select(userColumns)
    .where('users.role', '=', 'owner')
    .where('users.removed_at', 'is', null)
    .orderBy('users.created_at')
    .orderBy('users.id')
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}

/** Whether an owner could get in: by a password, by an API key or through the identity provider. */
export async function canOwnerSignIn(db: Db): Promise<boolean> {
  const row = await db
    .selectFrom('users')
    .select('users.id')
    .where('users.role', '=', 'owner')
    .where('users.removed_at', 'is', null)
    .where((where) =>
      where.or([
        where('users.password_hash', 'is not', null),
        where('users.external_id', 'is not', null),
        where.exists(
          where
            .selectFrom('api_keys')
            .select('api_keys.id')
            .whereRef('api_keys.user_id', '=', 'users.id')
            .where('api_keys.revoked_at', 'is', null),
        ),
      ]),
    )
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
