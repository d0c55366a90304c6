import { sql } from 'kysely';
import type { UserRole } from '../../core/api/auth.ts';
import type { Invitation } from '../../core/api/members.ts';
import type { Db } from '../client.ts';

/** What is read of an invitation: everything but the hash of its token. */
export const columns = ['id', 'email', 'role', 'created_at as createdAt', 'expires_at as expiresAt'] as const;

interface InvitationRow {
  readonly id: string;
  readonly email: string;
  readonly role: UserRole;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** The invitation as the API shows it. */
export function invitationOf({ createdAt, expiresAt, ...row }: InvitationRow): Invitation {
  return { ...row, createdAt: createdAt.toISOString(), expiresAt: expiresAt.toISOString() };
}

/** Invitations that can still be accepted. */
export function openInvitations(db: Db) {
  return db
    .selectFrom('invitations')
    .where('accepted_at', 'is', null)
    .where('expires_at', '>', sql<Date>`now()`);
}
