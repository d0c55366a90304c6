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

/** Columns of a user as every query of this folder returns it, from the table `users`. */
export const userColumns = [
  'users.id',
  'users.email',
  'users.first_name as firstName',
  'users.last_name as lastName',
  'users.role',
  sql<boolean>`users.password_hash is not null`.as('hasPassword'),
] as const;
