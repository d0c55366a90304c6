import { maxStars } from '../../core/api/stars.ts';
import type { Scope } from '../../core/scope.ts';
import { statement, type Queryable } from '../statement.ts';

/*
 * Both answer with one row where the workflow is in the workspace, and with none where it is not.
 *
 * Relies on result_stars (workflow_id, user_id).
 */
const find = statement<{ keys: string[] }>(
  'find-stars',
  `select coalesce(s.keys, '{}') as keys
     from workflows w left join result_stars s on s.workflow_id = w.id and s.user_id = $3
    where w.id = $1 and w.user_id = $2`,
);

/** What somebody has marked of a workflow, or null where the workspace has none of that id. */
export async function findStars(on: Queryable, { workspaceId, actorId }: Scope, id: number): Promise<string[] | null> {
  const [row] = await find(on, [id, workspaceId, actorId]);
  return row?.keys ?? null;
}

/*
 * What is marked now stands last, whether it was marked before or not; what is too much goes from the beginning. The row
 * is locked by its change, so that two tabs change what the other one has left.
 */
const change = statement<{ keys: string[] }>(
  'change-stars',
  `insert into result_stars as s (workflow_id, user_id, keys)
   select w.id, $3, ($4::text[])[1:$6] from workflows w where w.id = $1 and w.user_id = $2
   on conflict (workflow_id, user_id) do update set keys = array(
     select last.key
       from (select kept.key, kept.place
               from unnest(
                 array(select old.key from unnest(s.keys) with ordinality as old (key, place)
                        where old.key <> all ($4::text[]) and old.key <> all ($5::text[]) order by old.place)
                 || $4::text[]) with ordinality as kept (key, place)
              order by kept.place desc limit $6) last
      order by last.place)
   returning keys`,
);

/** Marks results and takes marks away; what is marked then, or null where the workspace has no workflow of that id. */
export async function changeStars(
  on: Queryable,
  { workspaceId, actorId }: Scope,
  id: number,
  { add, remove }: { readonly add: readonly string[]; readonly remove: readonly string[] },
): Promise<string[] | null> {
  const [row] = await change(on, [id, workspaceId, actorId, [...new Set(add)], remove, maxStars]);
  return row?.keys ?? null;
}
