import { sql } from 'kysely';
import type { Db } from '../client.ts';
import { hold } from '../hold.ts';

/**
 * Calls `remove` where no asset of anybody has the content and nobody is about
 * to have one; until it is done nobody can be. Says whether it was called.
 */
export async function deleteContent(db: Db, sha256: string, remove: () => Promise<void>): Promise<boolean> {
  return db.transaction().execute(async (transaction) => {
    // The store may be slow, and the lock has to last until it is done.
    await sql`set local idle_in_transaction_session_timeout = 0`.execute(transaction);
    // Whoever puts the content and whoever removes it wait for each other.
    await hold(transaction, 'content', sha256);
    const { rows } = await sql`
      select from assets where sha256 = ${sha256}
      union all
      select from asset_reservations where sha256 = ${sha256} and expires_at > clock_timestamp()
      limit 1`.execute(transaction);
    if (rows.length > 0) return false;
    await remove();
    return true;
  });
}
