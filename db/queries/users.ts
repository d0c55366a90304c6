import type { Db } from '../client.ts';

export interface UserRow {
  readonly id: string;
  readonly email: string;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly role: 'owner' | 'member' | 'viewer';
}

/** Columns of a user as every query of this folder returns it, from the table `users`. */
export const userColumns = [
  'users.id',
  'users.email',
  'users.first_name as firstName',
  'users.last_name as lastName',
  'users.role',
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
    .executeTakeFirst();
  return row ?? null;
}

/** The oldest owner of the installation, or null where there is none yet. */
export async function findOwner(db: Db): Promise<UserRow | null> {
  const row = await db
    .selectFrom('users')
    .select(userColumns)
    .where('users.role', '=', 'owner')
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
  readonly role: UserRow['role'];
  readonly passwordHash: string | null;
}

/** Creates a user, or leaves the one with that e-mail address as it is; returns whichever is there. */
export async function insertUserOnce(db: Db, user: NewUser): Promise<UserRow> {
  await db
    .insertInto('users')
    .values({ id: user.id, email: user.email, role: user.role, password_hash: user.passwordHash })
    .onConflict((conflict) => conflict.column('email').doNothing())
    .execute();
  const row = await findUserByEmail(db, user.email);
  if (row === null) throw new Error('a user that was just created is not there');
  return row;
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

/** Whether an owner could get in: by a password or by an API key. */
export async function canOwnerSignIn(db: Db): Promise<boolean> {
  const row = await db
    .selectFrom('users')
    .select('users.id')
    .where('users.role', '=', 'owner')
    .where((where) =>
      where.or([
        where('users.password_hash', 'is not', null),
        where.exists(where.selectFrom('api_keys').select('api_keys.id').whereRef('api_keys.user_id', '=', 'users.id')),
      ]),
    )
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
