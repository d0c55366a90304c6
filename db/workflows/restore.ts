import type { Graph } from '../../core/graph/graph.ts';
import type { Scope } from '../../core/scope.ts';
import type { Db } from '../client.ts';

/** The graph of a draft that was kept of the workflow; null where there is none of that id. */
export async function findKeptDraft(trx: Db, workflowId: number, id: string): Promise<Graph | null> {
  const row = await trx
    .selectFrom('kept_drafts as k')
    .innerJoin('workflow_versions as v', 'v.id', 'k.version_id')
    .where('k.id', '=', id)
    .where('k.workflow_id', '=', workflowId)
    .select('v.data')
    .executeTakeFirst();
  return row?.data ?? null;
}

/** Whether the content of a graph can be had again already: it was published, or is the draft that was kept last. */
export async function isKept(trx: Db, workflowId: number, contentHash: string): Promise<boolean> {
  const published = await trx
    .selectFrom('published_versions as p')
    .innerJoin('workflow_versions as v', 'v.id', 'p.version_id')
    .where('p.workflow_id', '=', workflowId)
    .where('v.content_hash', '=', contentHash)
    .select('p.number')
    .executeTakeFirst();
  if (published !== undefined) return true;
  const last = await trx
    .selectFrom('kept_drafts as k')
    .innerJoin('workflow_versions as v', 'v.id', 'k.version_id')
    .where('k.workflow_id', '=', workflowId)
    .select('v.content_hash')
    .orderBy('k.kept_at', 'desc')
    .orderBy('k.id', 'desc')
    .executeTakeFirst();
  return last?.content_hash === contentHash;
}

/** Keeps a frozen graph among the drafts of a held workflow, and lets the oldest beyond `most` go. */
export async function keepDraft(
  trx: Db,
  draft: {
    readonly id: string;
    readonly workflowId: number;
    readonly versionId: string;
    readonly scope: Scope;
    readonly most: number;
  },
): Promise<void> {
  const { id, workflowId, versionId, scope, most } = draft;
  await trx
    .insertInto('kept_drafts')
    .values({ id, workflow_id: workflowId, version_id: versionId, kept_by: scope.actorId })
    .execute();
  await trx
    .deleteFrom('kept_drafts')
    .where('workflow_id', '=', workflowId)
    .where('id', 'in', (from) =>
      from
        .selectFrom('kept_drafts as k')
        .select('k.id')
        .where('k.workflow_id', '=', workflowId)
        .orderBy('k.kept_at', 'desc')
        .orderBy('k.id', 'desc')
        .offset(most),
    )
    .execute();
}
