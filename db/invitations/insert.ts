import type { UserRole } from '../../core/api/auth.ts';
import type { Invitation } from '../../core/api/members.ts';
import type { Db } from '../client.ts';
import { holdAccount, holdAddress } from '../hold.ts';
import { fromNow } from '../time-sql.ts';
import { withdrawInvitation } from './delete.ts';
import { columns, invitationOf } from './rows.ts';

interface NewInvitation {
  readonly id: string;
  /** Lower case. */
  readonly email: string;
  readonly role: UserRole;
  /** SHA-256 of the link's token. */
  readonly tokenHash: Buffer;
  readonly invitedBy: string;
  readonly ttlMs: number;
}

/**
 * Stores an invitation; an open one for the same address is withdrawn by it.
 * `email taken` where the address has an account already, `no owner` where who
 * invites is none any more.
 */
export async function insertInvitation(
  db: Db,
  invitation: NewInvitation,
): Promise<Invitation | 'email taken' | 'no owner'> {
  return db.transaction().execute(async (trx) => {
    await holdAddress(trx, invitation.email);
    if ((await holdAccount(trx, invitation.invitedBy)) !== 'owner') return 'no owner';
    const user = await trx
      .selectFrom('users')
      .select('id')
      .where('email', '=', invitation.email)
      .where('removed_at', 'is', null)
      .executeTakeFirst();
    if (user !== undefined) return 'email taken';
    await withdrawInvitation(trx, invitation.email);
    const row = await trx
      .insertInto('invitations')
      .values({
        id: invitation.id,
        email: invitation.email,
        role: invitation.role,
        token_hash: invitation.tokenHash,
        invited_by: invitation.invitedBy,
        expires_at: fromNow(invitation.ttlMs),
      })
      .returning(columns)
      .executeTakeFirstOrThrow();
    return invitationOf(row);
  });
}
