import type { InWorkspace } from '../../core/scope.ts';
import { statement, type Queryable } from '../statement.ts';

/** What a file has to be known by before it is given to a run. */
export interface AssetFacts {
  readonly id: string;
  readonly mimeType: string;
  readonly bytes: number;
}

const list = statement<AssetFacts>(
  'list-asset-facts',
  `select id, mime_type as "mimeType", bytes::float8 as bytes from assets where id = any ($1::uuid[]) and user_id = $2`,
);

/** The facts of a user's assets of these ids, by id; what the user does not have is missing. */
export async function listAssetFacts(
  on: Queryable,
  { workspaceId }: InWorkspace,
  ids: readonly string[],
): Promise<ReadonlyMap<string, AssetFacts>> {
  const rows = ids.length === 0 ? [] : await list(on, [ids, workspaceId]);
  return new Map(rows.map((row) => [row.id, row]));
}
