import { sql } from 'kysely';
import type { Db } from '../client.ts';
import { exactTime, pageOfRows, type Page, type PageCursor } from '../page-cursor.ts';
import { assetOf, columns, type AssetRow } from './rows.ts';

export type AssetSort = 'createdAt' | 'bytes';

/** One page of a user's assets, newest or largest first. Relies on assets_user_created and assets_user_bytes. */
export async function listAssets(
  db: Db,
  query: {
    readonly userId: string;
    readonly limit: number;
    readonly after: PageCursor | null;
    readonly kind: 'image' | 'video' | null;
    readonly sort: AssetSort;
  },
): Promise<Page<AssetRow>> {
  const isBySize = query.sort === 'bytes';
  let select = db
    .selectFrom('assets')
    .select(columns)
    .select(exactTime('created_at').as('exactCreatedAt'))
    .where('user_id', '=', query.userId)
    .orderBy(isBySize ? 'bytes' : 'created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(query.limit + 1);
  if (query.kind !== null) select = select.where('mime_type', 'like', `${query.kind}/%`);
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
