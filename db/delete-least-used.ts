import { sql } from 'kysely';
import type { Db } from './client.ts';

/** What somebody has a few of, each with the time of its last use. */
type Used =
  { readonly table: 'sessions'; readonly key: 'id' } | { readonly table: 'known_browsers'; readonly key: 'token_hash' };

/** Deletes what a user has beyond so many, the least lately used first; `kept` stays in any case and counts. */
export async function deleteLeastUsed(
  trx: Db,
  { table, key }: Used,
  { userId, kept, most }: { readonly userId: string; readonly kept: string | Buffer; readonly most: number },
): Promise<void> {
  await sql`
    delete from ${sql.table(table)} where user_id = ${userId} and ${sql.ref(key)} <> ${kept}
       and ${sql.ref(key)} not in (
         select u.${sql.ref(key)} from ${sql.table(table)} u where u.user_id = ${userId} and u.${sql.ref(key)} <> ${kept}
          order by u.last_used_at desc, u.${sql.ref(key)} limit ${most - 1})`.execute(trx);
}
