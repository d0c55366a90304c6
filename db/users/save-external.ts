import { sql } from 'kysely';
import type { Db } from '../client.ts';
import { holdAddress } from '../hold.ts';
import type { ChangedRun } from '../run-event-sql.ts';
import { endOf } from '../members/end-access.ts';
import { isInvited, withdrawInvitation } from '../invitations/insert.ts';
import { removeAccount } from '../members/change.ts';
import { userColumns, type UserRow } from './find.ts';

/** What an identity provider says about a person. */
export interface ExternalProfile {
  readonly externalId: string;
  /** Null where it does not say; lower case. */
  readonly email: string | null;
  /** The person has shown that the address is theirs. */
  readonly isEmailVerified: boolean;
  /** Undefined where it does not say. */
  readonly firstName?: string | null | undefined;
  readonly lastName?: string | null | undefined;
  /** When this was true. */
  readonly at: Date;
}

export interface ExternalUser {
  readonly user: UserRow;
  readonly isRemoved: boolean;
  /** The session that was asked for has ended before its token. */
  readonly isSessionEnded: boolean;
  /** When the provider last said something about the person. */
  readonly externalAt: Date | null;
}

/** The account of a person at the identity provider, removed or not, or null. */
export async function findExternalUser(db: Db, externalId: string, sessionId: string): Promise<ExternalUser | null> {
  const row = await db
    .selectFrom('users')
    .select([
      ...userColumns,
      'users.external_at as externalAt',
      sql<boolean>`users.removed_at is not null`.as('isRemoved'),
      sql<boolean>`exists (select from ended_sessions where ended_sessions.id = ${sessionId})`.as('isSessionEnded'),
    ])
    .where('users.external_id', '=', externalId)
    .executeTakeFirst();
  if (row === undefined) return null;
  const { externalAt, isRemoved, isSessionEnded, ...user } = row;
  return { user, isRemoved, isSessionEnded, externalAt };
}

/**
 * Writes what the identity provider says: makes the account of a person who has
 * none, links the one that has the person's verified address and belongs to no
 * other person, or brings the known one up to date. What is older than what is
 * stored, or about a removed account, changes nothing. An address that is not
 * free stays with its account unless it is verified; until an address is known,
 * the person's id stands in for it. Returns what happened. Call it in a
 * transaction: it holds a lock on the person until the end of it.
 */
export async function saveExternalUser(
  trx: Db,
  profile: ExternalProfile,
  newUserId: string,
): Promise<'created' | 'linked' | 'updated' | 'unchanged'> {
  const { externalId } = profile;
  // One at a time for each person: the first request of a page comes five-fold.
  await sql`select pg_advisory_xact_lock(hashtextextended(${externalId}, 0))`.execute(trx);
  const known = await trx
    .selectFrom('users')
    .select(['id', 'email', 'removed_at', 'external_at'])
    .where('external_id', '=', externalId)
    .executeTakeFirst();
  if (known !== undefined) {
    const isOld = known.external_at !== null && known.external_at >= profile.at;
    if (known.removed_at !== null || isOld) return 'unchanged';
    const email = await claimAddress(trx, profile, known.id);
    await trx
      .updateTable('users')
      .set({ ...namesOf(profile), ...(email === null ? {} : { email }), external_at: profile.at })
      .where('id', '=', known.id)
      .execute();
    return 'updated';
  }
  if (profile.email !== null && profile.isEmailVerified) {
    const linked = await trx
      .updateTable('users')
      .set({ ...namesOf(profile), external_id: externalId, external_at: profile.at })
      .where('email', '=', profile.email)
      .where('external_id', 'is', null)
      .where('removed_at', 'is', null)
      .executeTakeFirst();
    if (linked.numUpdatedRows > 0n) return 'linked';
  }
  const email = await claimAddress(trx, profile, newUserId);
  await trx
    .insertInto('users')
    .values({
      id: newUserId,
      email: email ?? externalId,
      external_id: externalId,
      external_at: profile.at,
      ...namesOf(profile),
    })
    .execute();
  return 'created';
}

/** The address, where the account may have it; an account that has it wrongly gives it up. */
async function claimAddress(trx: Db, profile: ExternalProfile, userId: string): Promise<string | null> {
  const { email, isEmailVerified } = profile;
  if (email === null) return null;
  await holdAddress(trx, email);
  // An address that somebody is invited under is theirs; a verified one has shown whose it is.
  if (!isEmailVerified && (await isInvited(trx, email))) return null;
  const holder = await trx
    .selectFrom('users')
    .select(['id', 'external_id'])
    .where('email', '=', email)
    .where('id', '!=', userId)
    .executeTakeFirst();
  if (holder === undefined) {
    await withdrawInvitation(trx, email);
    return email;
  }
  if (!isEmailVerified || holder.external_id === null) return null;
  await trx.updateTable('users').set({ email: holder.external_id }).where('id', '=', holder.id).execute();
  return email;
}

function namesOf({ firstName, lastName }: ExternalProfile) {
  return {
    ...(firstName === undefined ? {} : { first_name: firstName }),
    ...(lastName === undefined ? {} : { last_name: lastName }),
  };
}

/**
 * Closes the account of a person whom the identity provider has deleted, and
 * remembers one that it never made, so that a token that is still good does not
 * make it. Returns the account's id and address.
 */
export async function removeExternalUser(
  db: Db,
  externalId: string,
  newUserId: string,
): Promise<{ id: string; email: string; runs: readonly ChangedRun[] }> {
  await db
    .insertInto('users')
    .values({ id: newUserId, email: externalId, external_id: externalId })
    .onConflict((conflict) => conflict.column('external_id').doNothing())
    .execute();
  const user = await db
    .selectFrom('users')
    .select(['id', 'email'])
    .where('external_id', '=', externalId)
    .executeTakeFirstOrThrow();
  return { ...user, runs: await removeAccount(db, user.id) };
}

/**
 * Ends what acts in the name of a person whom the identity provider has shut
 * out; the account stays, and they come back when the provider lets them in.
 */
export function suspendExternalUser(trx: Db, userId: string): Promise<readonly ChangedRun[]> {
  return endOf(trx, userId, ['account', 'owner', 'change']);
}
