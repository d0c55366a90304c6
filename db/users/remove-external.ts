import { sql } from 'kysely';
import type { Db } from '../client.ts';
import { removeAccount } from '../members/change.ts';
import { endOf } from '../members/end-access.ts';
import type { ChangedRun } from '../run-sql/result.ts';

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
 * out; the account stays, and they come back when the provider lets them in, to
 * the workspaces that they are members of: a group that was missing for an hour
 * must not take them away. Until then they are nobody who decides about those.
 */
export async function suspendExternalUser(trx: Db, userId: string): Promise<readonly ChangedRun[]> {
  await trx
    .updateTable('users')
    .set({ shut_out_at: sql<Date>`now()` })
    .where('id', '=', userId)
    .where('shut_out_at', 'is', null)
    .execute();
  return endOf(trx, userId, ['account', 'owner', 'change']);
}
