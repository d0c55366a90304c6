import type { ApiKey, ApiKeyScope } from '../../core/api/keys.ts';
import type { WorkspaceRole } from '../../core/scope.ts';

/** What is read of a key: everything but its hash. */
export const columns = [
  'id',
  'name',
  'prefix',
  'scopes',
  'created_at',
  'last_used_at',
  'expires_at',
  'workspace_id',
  'role',
] as const;

interface ApiKeyRow {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly scopes: ApiKeyScope[];
  readonly created_at: Date;
  readonly last_used_at: Date | null;
  readonly expires_at: Date | null;
  readonly workspace_id: string | null;
  readonly role: WorkspaceRole | null;
}

/** The key as the API shows it. */
export function apiKeyOf(row: ApiKeyRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    scopes: row.scopes,
    workspaceId: row.workspace_id,
    role: row.role,
    createdAt: row.created_at.toISOString(),
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
    expiresAt: row.expires_at?.toISOString() ?? null,
  };
}
