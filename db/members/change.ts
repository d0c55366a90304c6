import { sql, type RawBuilder } from 'kysely';
import type { UserRole } from '../../core/api/auth.ts';
import type { Db } from '../client.ts';
import type { ChangedRun } from '../run-sql/result.ts';
import { endOf, type Right } from './end-access.ts';

/** What came of a change of a member, with the runs that were cancelled by it. */
export type MemberChange =
  { readonly kind: 'changed'; readonly runs: readonly ChangedRun[] } | { readonly kind: 'missing' | 'last owner' };

/**
 * Changes a role or removes an account, in one transaction under the locks of
 * all owners' rows, in the order of their ids: two owners who demote each other
 * at once cannot both succeed. What hangs on the rights that are lost ends with
 * them.
 */
async function changeMember(
  db: Db,
  id: string,
  change: { readonly role?: UserRole; readonly removed_at?: Date | RawBuilder<Date>; readonly password_hash?: null },
  lost: readonly Right[],
): Promise<MemberChange> {
  return db.transaction().execute(async (trx) => {
    const owners = await trx
      .selectFrom('users')
      .select('id')
      .where('role', '=', 'owner')
      .where('removed_at', 'is', null)
      .orderBy('id')
      .forNoKeyUpdate()
      .execute();
    const isLastOwner = owners.length === 1 && owners[0]?.id === id;
    if (isLastOwner && lost.includes('owner')) return { kind: 'last owner' };
    const result = await trx
      .updateTable('users')
      .set({ ...change, updated_at: sql<Date>`now()` })
      .where('id', '=', id)
      .where('kind', '=', 'person')
      .where('removed_at', 'is', null)
      .executeTakeFirst();
    if (result.numUpdatedRows === 0n) return { kind: 'missing' };
    return { kind: 'changed', runs: await endOf(trx, id, lost) };
  });
}

/** What a role lacks. */
const lacks: Readonly<Record<UserRole, readonly Right[]>> = {
  owner: [],
  member: ['owner'],
  viewer: ['owner', 'change'],
};

const everything: readonly Right[] = ['account', 'membership', 'owner', 'change'];

/** Gives a member another role; the last owner stays one. */
export function setRole(db: Db, id: string, role: UserRole): Promise<MemberChange> {
  return changeMember(db, id, { role }, lacks[role]);
}

const removed = { removed_at: sql<Date>`now()`, password_hash: null };

/**
 * Removes an account: it cannot be used from this moment on, and what acts in
 * its name ends. What it made stays, and is there again when the same address is
 * invited once more. The last owner stays.
 */
export function removeMember(db: Db, id: string): Promise<MemberChange> {
  return changeMember(db, id, removed, everything);
}

/** The same without a question about owners: the identity provider has decided. Returns the runs that were cancelled. */
export async function removeAccount(trx: Db, id: string): Promise<readonly ChangedRun[]> {
  await trx
    .updateTable('users')
    .set({ ...removed, updated_at: sql<Date>`now()` })
    .where('id', '=', id)
    .where('removed_at', 'is', null)
    .execute();
  return endOf(trx, id, everything);
}
