import type { Invitation } from '../../core/api/members.ts';
import type { Db } from '../client.ts';
import { columns, invitationOf, openInvitations } from './rows.ts';

/** Whether an invitation that can still be accepted has the address. */
export async function isInvited(db: Db, email: string): Promise<boolean> {
  return (await openInvitations(db).select('id').where('email', '=', email).executeTakeFirst()) !== undefined;
}

/** The open invitation of a token, or null. */
export async function findInvitation(db: Db, tokenHash: Buffer): Promise<Invitation | null> {
  const row = await openInvitations(db).select(columns).where('token_hash', '=', tokenHash).executeTakeFirst();
  return row === undefined ? null : invitationOf(row);
}
