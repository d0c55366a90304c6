import { sql } from 'kysely';
import type { Db } from '../client.ts';
import { askingColumns, isAddressShown, type AskingUser } from './rows.ts';

interface ExternalUser {
  readonly user: AskingUser;
  readonly isRemoved: boolean;
  /** The session that was asked for has ended before its token. */
  readonly isSessionEnded: boolean;
  /** When the provider last said something about the person. */
  readonly externalAt: Date | null;
  /** The provider has shown that the address of the account is the person's. */
  readonly isEmailVerified: boolean;
}

/** The account of a person at the identity provider, removed or not, or null. */
export async function findExternalUser(db: Db, externalId: string, sessionId: string): Promise<ExternalUser | null> {
  const row = await db
    .selectFrom('users')
    .select([
      ...askingColumns,
      'users.external_at as externalAt',
      isAddressShown.as('isEmailVerified'),
      sql<boolean>`users.removed_at is not null`.as('isRemoved'),
      sql<boolean>`exists (select from ended_sessions where ended_sessions.id = ${sessionId})`.as('isSessionEnded'),
    ])
    .where('users.external_id', '=', externalId)
    .executeTakeFirst();
  if (row === undefined) return null;
  const { externalAt, isRemoved, isSessionEnded, isEmailVerified, ...user } = row;
  return { user, isRemoved, isSessionEnded, externalAt, isEmailVerified };
}
