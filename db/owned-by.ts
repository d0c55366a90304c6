import { sql, type RawBuilder } from 'kysely';
import type { InWorkspace } from '../core/scope.ts';

/** The condition that a row belongs to a workspace. */
export function ownedBy(
  { workspaceId }: InWorkspace,
  column: 'user_id' | 'w.user_id' = 'user_id',
): RawBuilder<boolean> {
  return sql<boolean>`${sql.ref(column)} = ${workspaceId}`;
}
