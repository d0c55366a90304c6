import { sql } from 'kysely';
import type { InWorkspace } from '../../core/scope.ts';
import type { Db } from '../client.ts';
import { statement, storableJson, type Queryable } from '../statement.ts';
import { columns, type LinkRow } from './rows.ts';

type Changeable = 'name' | 'enabled' | 'expiresAt' | 'maxRuns' | 'inputs' | 'fixed';

/** What of a link is changed; what is left out stays as it is by then, whatever others change at the same moment. */
export type LinkChange = { readonly [Key in Changeable]?: LinkRow[Key] | undefined };

const change = statement<LinkRow>(
  'change-app-link',
  `update app_links l set
     name = case when 'name' = any ($3::text[]) then $4 else l.name end,
     enabled = coalesce($5::boolean, l.enabled),
     expires_at = case when 'expiresAt' = any ($3::text[]) then $6::timestamptz else l.expires_at end,
     max_runs = case when 'maxRuns' = any ($3::text[]) then $7::integer else l.max_runs end,
     inputs = case when 'inputs' = any ($3::text[]) then $8::text[] else l.inputs end,
     fixed = coalesce($9::jsonb, l.fixed),
     paused_reason = case when $5::boolean then null else l.paused_reason end
    from users u
   where l.id = $1 and l.user_id = $2 and u.id = l.user_id and u.removed_at is null and u.role <> 'viewer'
  returning ${columns}`,
);

/** Null where the user has none of that id, or may not run anything (any more). */
export async function changeLink(
  on: Queryable,
  { workspaceId }: InWorkspace,
  id: string,
  to: LinkChange,
): Promise<LinkRow | null> {
  const { name, enabled, expiresAt, maxRuns, inputs, fixed } = to;
  const given = Object.entries(to).flatMap(([key, value]) => (value === undefined ? [] : [key]));
  const values = [name, enabled, expiresAt, maxRuns, inputs].map((value) => value ?? null);
  const kept = fixed === undefined ? null : storableJson(JSON.stringify(fixed));
  return (await change(on, [id, workspaceId, given, ...values, kept]))[0] ?? null;
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
