import type { Invitation } from '../../core/api/members.ts';
import type { Db } from '../client.ts';
import { columns, invitationOf, openInvitations } from './rows.ts';

/** The invitations that can still be accepted, newest first. */
export async function listInvitations(db: Db): Promise<Invitation[]> {
  const rows = await openInvitations(db).select(columns).orderBy('created_at', 'desc').orderBy('id', 'desc').execute();
  return rows.map(invitationOf);
}
