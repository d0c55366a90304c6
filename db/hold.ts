import { sql } from 'kysely';
import type { UserRole } from '../core/api/auth.ts';
import type { Db } from './client.ts';

/*
 * What counts first and writes later holds what it counts over until its
 * transaction ends. An address is held before an account.
 */

/** What may be held by its key. One word in the database says which kind it is. */
type Held = 'address' | 'assets' | 'content' | 'data' | 'person' | 'slug' | 'turns';

/** One transaction at a time holds a key of a kind, until it ends. */
export async function hold(trx: Db, kind: Held, key: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`heddle-${kind} ${key}`}, 0))`.execute(trx);
}

/** Holds an e-mail address (lower case): one transaction at a time gives it to an account or invites it. */
export const holdAddress = (trx: Db, email: string): Promise<void> => hold(trx, 'address', email);

/**
 * Holds an account as it is, and returns its role; null where it was removed.
 * While it is held nothing is added to it by others, and it is neither removed
 * nor given another role.
 */
export async function holdAccount(trx: Db, userId: string): Promise<UserRole | null> {
  const row = await trx
    .selectFrom('users')
    .select('role')
    .where('id', '=', userId)
    .where('removed_at', 'is', null)
    .forNoKeyUpdate()
    .executeTakeFirst();
  return row?.role ?? null;
}
