import { sql } from 'kysely';
import type { InWorkspace } from '../../core/scope.ts';
import type { Db } from '../client.ts';
import { ownedBy } from '../owned-by.ts';
import { assetOf, columns, type AssetRow } from './rows.ts';

/** Removes a user's assets of these ids; gives those that were there. */
export async function deleteAssets(db: Db, scope: InWorkspace, ids: readonly string[]): Promise<AssetRow[]> {
  const rows = await db
    .deleteFrom('assets')
    .where(ownedBy(scope))
    .where('id', '=', sql<string>`any(${[...ids]}::uuid[])`)
    .returning(columns)
    .execute();
  return rows.map(assetOf);
}
