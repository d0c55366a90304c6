import { sql } from 'kysely';
import type { UserRole } from '../../core/api/auth.ts';
import { membershipsOf, type Memberships } from '../workspaces/memberships.ts';

/** An account; `hasPassword` is false where somebody signs in in other ways alone. */
export interface UserRow {
  readonly id: string;
  readonly email: string;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly role: UserRole;
  readonly hasPassword: boolean;
}

/** A user who asks for something, with the workspaces that they may ask about. */
export interface AskingUser extends UserRow {
  readonly kind: 'person' | 'workspace' | 'service';
  /** Null: none but their own. */
  readonly memberships: Memberships | null;
}

/** The columns of one who asks, for a statement in which the table is called `u`. */
export const askingFields = `u.id, u.email, u.first_name as "firstName", u.last_name as "lastName", u.role,
    u.password_hash is not null as "hasPassword", u.kind, ${membershipsOf('u')} as memberships`;

/** Columns of a user as every query of this folder returns it, from the table `users`. */
export const userColumns = [
  'users.id',
  'users.email',
  'users.first_name as firstName',
  'users.last_name as lastName',
  'users.role',
  sql<boolean>`users.password_hash is not null`.as('hasPassword'),
] as const;

/** Whether something has shown that the address of a row of `users` is the person's. */
export const isAddressShown = sql<boolean>`coalesce(
  users.email_verified_at >= coalesce(users.email_changed_at, users.email_verified_at),
  users.external_id is null and users.email_changed_at is null)`;

/** The same of one who asks. */
export const askingColumns = [
  ...userColumns,
  'users.kind',
  sql<Memberships | null>`${sql.raw(membershipsOf('users'))}`.as('memberships'),
] as const;
