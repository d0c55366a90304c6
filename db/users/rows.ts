import { sql } from 'kysely';
import type { UserRole } from '../../core/api/auth.ts';

export interface UserRow {
  readonly id: string;
  readonly email: string;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly role: UserRole;
  readonly hasPassword: boolean;
}

/** The same columns for a statement in which the table is called `u`. */
export const userFields = `u.id, u.email, u.first_name as "firstName", u.last_name as "lastName", u.role,
    u.password_hash is not null as "hasPassword"`;

/** Columns of a user as every query of this folder returns it, from the table `users`. */
export const userColumns = [
  'users.id',
  'users.email',
  'users.first_name as firstName',
  'users.last_name as lastName',
  'users.role',
  sql<boolean>`users.password_hash is not null`.as('hasPassword'),
] as const;
