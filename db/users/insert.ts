import type { UserRole } from '../../core/api/auth.ts';
import type { Db } from '../client.ts';
import { holdAddress } from '../hold.ts';
import { withdrawInvitation } from '../invitations/delete.ts';
import { findUserByEmail } from './find.ts';
import type { UserRow } from './rows.ts';

interface NewUser {
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
