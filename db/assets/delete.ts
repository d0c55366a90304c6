import { sql } from 'kysely';
import type { Db } from '../client.ts';
import { assetOf, columns, type AssetRow } from './rows.ts';

/** Removes a user's assets of these ids; gives those that were there. */
export async function deleteAssets(db: Db, userId: string, ids: readonly string[]): Promise<AssetRow[]> {
  const rows = await db
    .deleteFrom('assets')
    .where('user_id', '=', userId)
    .where('id', '=', sql<string>`any(${[...ids]}::uuid[])`)
    .returning(columns)
    .execute();
  return rows.map(assetOf);
}
