import type { UserRole } from '../../core/api/auth.ts';
import type { Invitation } from '../../core/api/members.ts';

export const columns = ['id', 'email', 'role', 'created_at as createdAt', 'expires_at as expiresAt'] as const;

interface InvitationRow {
  readonly id: string;
  readonly email: string;
  readonly role: UserRole;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

export function invitationOf({ createdAt, expiresAt, ...row }: InvitationRow): Invitation {
  return { ...row, createdAt: createdAt.toISOString(), expiresAt: expiresAt.toISOString() };
}
