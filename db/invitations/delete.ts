import type { Db } from '../client.ts';

/** Withdraws the open invitation of an address. Call it in the transaction that gives the address to an account. */
export async function withdrawInvitation(trx: Db, email: string): Promise<void> {
  await trx.deleteFrom('invitations').where('email', '=', email).where('accepted_at', 'is', null).execute();
}

/** Withdraws an open invitation and returns its address; null where there is none. */
export async function deleteInvitation(db: Db, id: string): Promise<string | null> {
  const row = await db
    .deleteFrom('invitations')
    .where('id', '=', id)
    .where('accepted_at', 'is', null)
    .returning('email')
    .executeTakeFirst();
  return row?.email ?? null;
}
