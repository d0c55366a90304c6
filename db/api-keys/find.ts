import type { ApiKeyScope } from '../../core/api/keys.ts';
import type { WorkspaceRole } from '../../core/scope.ts';
import { statement, type Queryable } from '../statement.ts';
import { askingFields, type AskingUser } from '../users/rows.ts';

interface FoundApiKey {
  readonly keyId: string;
  /** As stored, to compare in constant time. */
  readonly keyHash: Buffer;
  readonly scopes: readonly ApiKeyScope[];
  readonly expiresAt: Date | null;
  /** The only workspace that it is good for; null: all of its user. */
  readonly workspaceId: string | null;
  /** What it may do at most in a workspace; null: what its user may. */
  readonly mostRole: WorkspaceRole | null;
  readonly user: AskingUser;
}

/*
 * find: a good key with its user; notes that it was used, unless that was noted lately.
 *
 * Locks   the key, where that is noted.
 * Relies  on api_keys (key_hash), workspace_members (account_id) and the primary keys.
 */
const find = statement<AskingUser & Omit<FoundApiKey, 'user'>>(
  'find-api-key',
  `with found as materialized (
    select ${askingFields}, k.id as "keyId", k.key_hash as "keyHash", k.scopes, k.expires_at as "expiresAt",
           k.workspace_id as "workspaceId", k.role as "mostRole"
      from api_keys k join users u on u.id = k.user_id
     where k.key_hash = $1 and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
       and u.removed_at is null
  ),
  used as (
    update api_keys k set last_used_at = now() from found f
     where k.id = f."keyId"
       and (k.last_used_at is null or k.last_used_at < now() - make_interval(secs => $2::double precision / 1000))
  )
  select * from found`,
);

/**
 * The key with that hash and its user; null where it is unknown, revoked or expired, or its user was removed. That it
 * was used is noted, unless it was within `touchEveryMs`.
 */
export async function findApiKey(on: Queryable, keyHash: Buffer, touchEveryMs: number): Promise<FoundApiKey | null> {
  const [row] = await find(on, [keyHash, touchEveryMs]);
  if (row === undefined) return null;
  const { keyId, keyHash: stored, scopes, expiresAt, workspaceId, mostRole, ...user } = row;
  return { keyId, keyHash: stored, scopes, expiresAt, workspaceId, mostRole, user };
}
