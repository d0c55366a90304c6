import { sql } from 'kysely';
import { acceptedTypes } from '../../core/data-types/files.ts';
import type { FileType } from '../../core/data-types/table.ts';
import { storedListType } from '../../core/node-type/values.ts';
import type { InWorkspace } from '../../core/scope.ts';
import type { Db } from '../client.ts';
import { ownedBy } from '../owned-by.ts';
import { shownAs } from '../users/shown-as.ts';
import { exactTime, pageOfRows, type Page, type PageCursor } from '../page-cursor.ts';
import { assetOf, columns, type AssetRow } from './rows.ts';

type AssetSort = 'createdAt' | 'bytes';

/** A file with whoever brought it; null: the owner, or a node made it. */
export interface ListedAssetRow extends AssetRow {
  readonly uploadedBy: string | null;
}

/** One page of a user's assets, newest or largest first. Relies on assets_user_created and assets_user_bytes. */
export async function listAssets(
  db: Db,
  query: {
    readonly scope: InWorkspace;
    readonly limit: number;
    readonly after: PageCursor | null;
    /** Null for all. */
    readonly kind: FileType | null;
    readonly sort: AssetSort;
  },
): Promise<Page<ListedAssetRow>> {
  const isBySize = query.sort === 'bytes';
  let select = db
    .selectFrom('assets')
    .select(columns)
    .select([
      exactTime('created_at').as('exactCreatedAt'),
      sql<string | null>`${sql.raw(shownAs('assets.uploaded_by'))}`.as('uploadedBy'),
    ])
    .where(ownedBy(query.scope))
    // Lists that lie in files belong to their runs.
    .where('mime_type', '<>', storedListType)
    .orderBy(isBySize ? 'bytes' : 'created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(query.limit + 1);
  if (query.kind !== null) {
    const patterns = acceptedTypes(query.kind).map((type) => type.replace('*', '%'));
    select = select.where((where) => where.or(patterns.map((pattern) => where('mime_type', 'like', pattern))));
  }
  if (query.after !== null) {
    const { value, id } = query.after;
    select = select.where(
      isBySize
        ? sql<boolean>`(bytes, id) < (${value}::bigint, ${id}::uuid)`
        : sql<boolean>`(created_at, id) < (${value}::timestamptz, ${id}::uuid)`,
    );
  }
  return pageOfRows(
    await select.execute(),
    query.limit,
    ({ exactCreatedAt: _exact, ...row }) => assetOf(row),
    (row) => ({ value: isBySize ? row.bytes : row.exactCreatedAt, id: row.id }),
  );
}
