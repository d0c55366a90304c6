import type { Graph } from '../../core/graph/graph.ts';
import type { InWorkspace } from '../../core/scope.ts';
import { statement, type Queryable } from '../statement.ts';

/** A published workflow with the graph that is live. */
export interface LiveWorkflow {
  readonly id: number;
  readonly name: string;
  readonly slug: string;
  readonly version: number;
  readonly data: Graph;
}

/*
 * list-live: a user's workflows that have a live version, by slug.
 *
 * Relies on workflows_user_name and the primary keys.
 */
const list = statement<LiveWorkflow>(
  'list-live-workflows',
  `select w.id, w.name, w.slug, w.live_version as version, v.data
     from workflows w
     join published_versions p on p.workflow_id = w.id and p.number = w.live_version
     join workflow_versions v on v.id = p.version_id
    where w.user_id = $1 and w.slug is not null and ($2::text is null or w.slug = $2)
    order by w.slug collate "C" limit $3`,
);

/** At most `limit` of them; `slug`: that one alone. */
export function listLiveWorkflows(
  on: Queryable,
  { workspaceId }: InWorkspace,
  { slug, limit }: { readonly slug: string | null; readonly limit: number },
): Promise<LiveWorkflow[]> {
  return list(on, [workspaceId, slug, limit]);
}
