import { sql } from 'kysely';
import type { InWorkspace } from '../../core/scope.ts';
import type { Db } from '../client.ts';
import { statement, storableJson, type Queryable } from '../statement.ts';
import { columns, type LinkRow } from './rows.ts';

/** What of a link may be changed, as it is to be. */
export interface LinkChange extends Pick<LinkRow, 'name' | 'enabled' | 'expiresAt' | 'maxRuns' | 'inputs' | 'fixed'> {}

const change = statement<LinkRow>(
  'change-app-link',
  `update app_links l set
     name = $3, enabled = $4, expires_at = $5, max_runs = $6, inputs = $7::text[], fixed = $8::jsonb,
     paused_reason = case when $4 then null else l.paused_reason end
    from users u
   where l.id = $1 and l.user_id = $2 and u.id = l.user_id and u.removed_at is null and u.role <> 'viewer'
  returning ${columns}`,
);

/** Null where the user has none of that id, or may not run anything (any more). */
export async function changeLink(
  on: Queryable,
  { workspaceId }: InWorkspace,
  id: string,
  { name, enabled, expiresAt, maxRuns, inputs, fixed }: LinkChange,
): Promise<LinkRow | null> {
  const values = [id, workspaceId, name, enabled, expiresAt, maxRuns, inputs, storableJson(JSON.stringify(fixed))];
  return (await change(on, values))[0] ?? null;
}

const remove = statement<{ name: string | null }>(
  'delete-app-link',
  'delete from app_links where id = $1 and user_id = $2 returning name',
);

/** Ends a link for good; its runs stay. Undefined where the user has none of that id. */
export async function deleteLink(
  on: Queryable,
  { workspaceId }: InWorkspace,
  id: string,
): Promise<{ readonly name: string | null } | undefined> {
  return (await remove(on, [id, workspaceId]))[0];
}

/** Turns off the links of a user, and says why beside each. */
export async function pauseLinksOf(
  trx: Db,
  userId: string,
  reason: string = 'Its owner may no longer run workflows.',
): Promise<void> {
  await sql`update app_links set enabled = false, paused_reason = ${reason}
             where user_id = ${userId} and enabled`.execute(trx);
}
