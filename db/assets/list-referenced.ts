import { sql } from 'kysely';
import type { Db } from '../client.ts';

/** Those of the given contents that any user's asset refers to. Relies on assets_sha256. */
export async function listReferencedContents(db: Db, sha256s: readonly string[]): Promise<ReadonlySet<string>> {
  if (sha256s.length === 0) return new Set();
  const rows = await db
    .selectFrom('assets')
    .select('sha256')
    .distinct()
    .where('sha256', '=', sql<string>`any(${[...sha256s]}::text[])`)
    .execute();
  return new Set(rows.map((row) => row.sha256));
}
