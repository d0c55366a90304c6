import { sql } from 'kysely';
import type { UserRole } from '../../core/api/auth.ts';
import type { Db } from '../client.ts';
import { holdAddress } from '../hold.ts';
import { isInvited, withdrawInvitation } from '../invitations/insert.ts';

export interface UserRow {
  readonly id: string;
  readonly email: string;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly role: UserRole;
  readonly hasPassword: boolean;
}

/** Columns of a user as every query of this folder returns it, from the table `users`. */
export const userColumns = [
  'users.id',
  'users.email',
  'users.first_name as firstName',
  'users.last_name as lastName',
  'users.role',
  sql<boolean>`users.password_hash is not null`.as('hasPassword'),
] as const;

/** The user with that e-mail address (lower case) and the stored password hash, or null. */
export async function findUserByEmail(
  db: Db,
  email: string,
): Promise<(UserRow & { passwordHash: string | null }) | null> {
  const row = await db
    .selectFrom('users')
    .select([...userColumns, 'users.password_hash as passwordHash'])
    .where('users.email', '=', email)
    .where('users.removed_at', 'is', null)
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

export interface NewUser {
  readonly id: string;
  /** Lower case. */
  readonly email: string;
  readonly role: UserRole;
  readonly passwordHash: string | null;
}

/**
 * Creates a user, or leaves the one with that e-mail address as it is; returns
 * whichever is there. Null where that one was removed. An open invitation of the
 * address is withdrawn: the operator has named the account.
 */
export async function insertUserOnce(db: Db, user: NewUser): Promise<UserRow | null> {
  await db.transaction().execute(async (trx) => {
    await holdAddress(trx, user.email);
    await withdrawInvitation(trx, user.email);
    await trx
      .insertInto('users')
      .values({ id: user.id, email: user.email, role: user.role, password_hash: user.passwordHash })
      .onConflict((conflict) => conflict.column('email').doNothing())
      .execute();
  });
  return findUserByEmail(db, user.email);
}

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

export interface ProfileChange {
  /** Lower case. */
  readonly email?: string | undefined;
  readonly firstName?: string | null | undefined;
  readonly lastName?: string | null | undefined;
}

/**
 * Changes what a user is called. `email taken` where another account, removed or
 * not, or an open invitation has the address: it is somebody else's. A change of
 * the address is noted, since nothing proves that it is theirs.
 */
export function updateProfile(db: Db, userId: string, change: ProfileChange): Promise<'changed' | 'email taken'> {
  return db.transaction().execute(async (trx) => {
    const { email } = change;
    if (email !== undefined) {
      await holdAddress(trx, email);
      if (await isTaken(trx, email, userId)) return 'email taken';
    }
    await trx
      .updateTable('users')
      .set((set) => ({
        updated_at: sql<Date>`now()`,
        ...(change.firstName === undefined ? {} : { first_name: change.firstName }),
        ...(change.lastName === undefined ? {} : { last_name: change.lastName }),
        ...(email === undefined
          ? {}
          : {
              email,
              email_changed_at: set
                .case()
                .when('email', '=', email)
                .then(set.ref('email_changed_at'))
                .else(sql<Date>`now()`)
                .end(),
            }),
      }))
      .where('id', '=', userId)
      .where('removed_at', 'is', null)
      .execute();
    return 'changed';
  });
}

/** Gives the owner an address that the operator names; an open invitation of it is withdrawn. */
export async function nameOwner(db: Db, userId: string, email: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await holdAddress(trx, email);
    await withdrawInvitation(trx, email);
    if (await isTaken(trx, email, userId)) return;
    await trx
      .updateTable('users')
      .set({ email, updated_at: sql<Date>`now()` })
      .where('id', '=', userId)
      .execute();
  });
}

/** Whether an invitation or another account has an address. Holds while the address is held. */
async function isTaken(trx: Db, email: string, userId: string): Promise<boolean> {
  // The invitation first: one that is accepted meanwhile has become an account.
  if (await isInvited(trx, email)) return true;
  const other = await trx
    .selectFrom('users')
    .select('id')
    .where('email', '=', email)
    .where('id', '!=', userId)
    .executeTakeFirst();
  return other !== undefined;
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
