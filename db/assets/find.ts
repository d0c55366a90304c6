import { sql } from 'kysely';
import type { InWorkspace } from '../../core/scope.ts';
import type { Db } from '../client.ts';
import { ownedBy } from '../owned-by.ts';
import { assetOf, columns, type AssetRow } from './rows.ts';

/** A user's asset, or null where the user has none of that id. */
export async function findAsset(db: Db, scope: InWorkspace, id: string): Promise<AssetRow | null> {
  const row = await db
    .selectFrom('assets')
    .select(columns)
    .where('id', '=', id)
    .where(ownedBy(scope))
    .executeTakeFirst();
  return row === undefined ? null : assetOf(row);
}

/** A user's assets of these ids, by id; what the user does not have is missing. */
export async function listAssetsById(
  db: Db,
  scope: InWorkspace,
  ids: readonly string[],
): Promise<ReadonlyMap<string, AssetRow>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('assets')
    .select(columns)
    .where('id', '=', sql<string>`any(${[...ids]}::uuid[])`)
    .where(ownedBy(scope))
    .execute();
  return new Map(rows.map((row) => [row.id, assetOf(row)]));
}

/** The asset that a user has of that name and content, or null. */
export async function findSameAsset(
  db: Db,
  { userId, sha256, name }: Pick<AssetRow, 'userId' | 'sha256' | 'name'>,
): Promise<AssetRow | null> {
  const row = await db
    .selectFrom('assets')
    .select(columns)
    .where(ownedBy({ workspaceId: userId }))
    .where('sha256', '=', sha256)
    .where('name', '=', name)
    .executeTakeFirst();
  return row === undefined ? null : assetOf(row);
}

/** Whether a user has a file of a size between these two, both included. Relies on assets_user_bytes. */
export async function hasAssetOfSize(
  db: Db,
  scope: InWorkspace,
  { least, most }: { readonly least: number; readonly most: number },
): Promise<boolean> {
  const row = await db
    .selectFrom('assets')
    .select('id')
    .where(ownedBy(scope))
    .where('bytes', '>=', String(least))
    .where('bytes', '<=', String(most))
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
