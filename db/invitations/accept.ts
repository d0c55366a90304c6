import { sql } from 'kysely';
import type { UserRole } from '../../core/api/auth.ts';
import type { Db } from '../client.ts';
import { holdAddress } from '../hold.ts';
import { endOf } from '../members/end-access.ts';
import { joinInvitedWorkspaces } from '../workspaces/invitations.ts';
import { findInvitation } from './find.ts';

interface NewMember {
  /** For an account that is new. */
  readonly userId: string;
  readonly passwordHash: string;
  readonly firstName: string | null;
  readonly lastName: string | null;
}

/**
 * Uses an invitation up and makes its account, in one transaction. An account
 * of that address that was removed comes back with what it made. Null where the
 * invitation is used, withdrawn or too old, or the address has an account.
 */
export async function acceptInvitation(
  db: Db,
  tokenHash: Buffer,
  member: NewMember,
): Promise<{ userId: string; email: string; role: UserRole } | null> {
  const found = await findInvitation(db, tokenHash);
  if (found === null) return null;
  return db.transaction().execute(async (trx) => {
    await holdAddress(trx, found.email);
    const invitation = await trx
      .updateTable('invitations')
      .set({ accepted_at: sql<Date>`now()` })
      .where('token_hash', '=', tokenHash)
      .where('accepted_at', 'is', null)
      .where('expires_at', '>', sql<Date>`now()`)
      .returning(['email', 'role'])
      .executeTakeFirst();
    if (invitation === undefined) return null;
    const { email, role } = invitation;
    const values = {
      role,
      password_hash: member.passwordHash,
      first_name: member.firstName,
      last_name: member.lastName,
    };
    const row = await trx
      .insertInto('users')
      .values({ id: member.userId, email, ...values })
      .onConflict((conflict) =>
        conflict
          .column('email')
          .doUpdateSet({
            ...values,
            removed_at: null,
            email_verified_at: sql<Date>`now()`,
            updated_at: sql<Date>`now()`,
          })
          .where('users.removed_at', 'is not', null),
      )
      .returning('id')
      .executeTakeFirst();
    if (row === undefined) return null;
    // Nothing of an account that comes back opens a door that was shut when it was removed.
    if (row.id !== member.userId) await endOf(trx, row.id, ['account', 'membership']);
    await joinInvitedWorkspaces(trx, email, row.id);
    return { userId: row.id, email, role };
  });
}
