import { sql } from 'kysely';
import type { Invitation } from '../../core/api/members.ts';
import type { Db } from '../client.ts';
import { columns, invitationOf } from './rows.ts';

/** The invitations that can still be accepted, newest first. */
export async function listInvitations(db: Db): Promise<Invitation[]> {
  const rows = await db
    .selectFrom('invitations')
    .select(columns)
    .where('accepted_at', 'is', null)
    .where('expires_at', '>', sql<Date>`now()`)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .execute();
  return rows.map(invitationOf);
}
