import { sql } from 'kysely';
import type { Invitation } from '../../core/api/members.ts';
import type { Db } from '../client.ts';
import { columns, invitationOf } from './rows.ts';

/** Whether an invitation that can still be accepted has the address. */
export async function isInvited(db: Db, email: string): Promise<boolean> {
  const row = await db
    .selectFrom('invitations')
    .select('id')
    .where('email', '=', email)
    .where('accepted_at', 'is', null)
    .where('expires_at', '>', sql<Date>`now()`)
    .executeTakeFirst();
  return row !== undefined;
}

/** The open invitation of a token, or null. */
export async function findInvitation(db: Db, tokenHash: Buffer): Promise<Invitation | null> {
  const row = await db
    .selectFrom('invitations')
    .select(columns)
    .where('token_hash', '=', tokenHash)
    .where('accepted_at', 'is', null)
    .where('expires_at', '>', sql<Date>`now()`)
    .executeTakeFirst();
  return row === undefined ? null : invitationOf(row);
}
