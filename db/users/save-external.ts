import { sql } from 'kysely';
import type { Db } from '../client.ts';
import { hold, holdAddress } from '../hold.ts';
import { withdrawInvitation } from '../invitations/delete.ts';
import { isInvited } from '../invitations/find.ts';
import { joinInvitedWorkspaces } from '../workspaces/invitations.ts';
import { findOtherHolder } from './find.ts';

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

/**
 * Writes what the identity provider says: makes the account of a person who has
 * none, links the one that has the person's verified address and belongs to no
 * other person, or brings the known one up to date. An account whose user wrote
 * the address themselves is not linked: they would go on in it with their own
 * password, under the role of the person. Owners are trusted with that: they let in whom they like. What is older than what is
 * stored, or about a removed account, changes nothing. An address that is not
 * free stays with its account unless it is verified; until an address is known,
 * the person's id stands in for it. Whoever is written down here is let in. Returns what happened. Call it in a
 * transaction: it holds a lock on the person until the end of it.
 */
export async function saveExternalUser(
  trx: Db,
  profile: ExternalProfile,
  newUserId: string,
): Promise<'created' | 'linked' | 'updated' | 'unchanged'> {
  const { externalId } = profile;
  // One at a time for each person: the first request of a page comes five-fold.
  await hold(trx, 'person', externalId);
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
      .set({
        ...namesOf(profile),
        ...(email === null ? {} : { email, email_verified_at: shownAt(profile) }),
        external_at: profile.at,
        shut_out_at: null,
      })
      .where('id', '=', known.id)
      .execute();
    if (email !== null && profile.isEmailVerified) await joinInvitedWorkspaces(trx, email, known.id);
    return 'updated';
  }
  if (profile.email !== null && profile.isEmailVerified) {
    const linked = await trx
      .updateTable('users')
      .set({
        ...namesOf(profile),
        external_id: externalId,
        external_at: profile.at,
        email_verified_at: shownAt(profile),
        shut_out_at: null,
      })
      .where('email', '=', profile.email)
      .where('external_id', 'is', null)
      .where((where) => where.or([where('email_changed_at', 'is', null), where('role', '=', 'owner')]))
      .where('removed_at', 'is', null)
      .returning('id')
      .executeTakeFirst();
    if (linked !== undefined) {
      await joinInvitedWorkspaces(trx, profile.email, linked.id);
      return 'linked';
    }
  }
  const email = await claimAddress(trx, profile, newUserId);
  await trx
    .insertInto('users')
    .values({
      id: newUserId,
      email: email ?? externalId,
      email_verified_at: email === null ? null : shownAt(profile),
      external_id: externalId,
      external_at: profile.at,
      ...namesOf(profile),
    })
    .execute();
  if (email !== null && profile.isEmailVerified) await joinInvitedWorkspaces(trx, email, newUserId);
  return 'created';
}

/** The address, where the account may have it; an account that has it wrongly gives it up. */
async function claimAddress(trx: Db, profile: ExternalProfile, userId: string): Promise<string | null> {
  const { email, isEmailVerified } = profile;
  if (email === null) return null;
  await holdAddress(trx, email);
  // An address that somebody is invited under is theirs; a verified one has shown whose it is.
  if (!isEmailVerified && (await isInvited(trx, email))) return null;
  const holder = await findOtherHolder(trx, email, userId);
  if (holder === null) {
    await withdrawInvitation(trx, email);
    return email;
  }
  if (!isEmailVerified || holder.externalId === null) return null;
  await trx
    .updateTable('users')
    .set({ email: holder.externalId, email_verified_at: null })
    .where('id', '=', holder.id)
    .execute();
  return email;
}

/** When the address was shown to be theirs, by the clock of changes to it; null: it was not. */
const shownAt = ({ isEmailVerified }: ExternalProfile) => (isEmailVerified ? sql<Date>`now()` : null);

function namesOf({ firstName, lastName }: ExternalProfile) {
  return {
    ...(firstName === undefined ? {} : { first_name: firstName }),
    ...(lastName === undefined ? {} : { last_name: lastName }),
  };
}
