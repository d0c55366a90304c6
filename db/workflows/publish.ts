import { sql } from 'kysely';
import type { PublishedVersion } from '../../core/api/versions.ts';
import type { Graph } from '../../core/graph/graph.ts';
import type { InWorkspace, Scope } from '../../core/scope.ts';
import type { Db } from '../client.ts';
import { hold } from '../hold.ts';
import { shownAs } from '../users/shown-as.ts';
import { ownedBy } from '../owned-by.ts';

/** A workflow that nobody else changes until the transaction ends. */
export interface HeldWorkflow {
  readonly id: number;
  readonly name: string;
  readonly data: Graph;
  readonly revision: number;
  readonly slug: string | null;
  readonly live: number | null;
}

/** Holds a user's workflow against other changes; null where the user has none of that id. Runs of it start meanwhile. */
export async function holdWorkflow(trx: Db, scope: InWorkspace, id: number): Promise<HeldWorkflow | null> {
  const row = await trx
    .selectFrom('workflows')
    .select(['id', 'name', 'data', 'version as revision', 'slug', 'live_version as live'])
    .where('id', '=', id)
    .where(ownedBy(scope))
    .forNoKeyUpdate()
    .executeTakeFirst();
  return row ?? null;
}

/** A graph with the hash of its content. */
export interface FrozenGraph {
  /** Where there is none with this content yet. */
  readonly id: string;
  readonly contentHash: string;
  readonly graph: Graph;
}

/**
 * Stores a graph as a version of a workflow, or finds it, and returns its id. It counts as young from now on: whoever
 * clears unused versions away leaves it until what names it is committed.
 */
export async function freezeGraph(trx: Db, workflowId: number, frozen: FrozenGraph): Promise<string> {
  const { id } = await trx
    .insertInto('workflow_versions')
    .values({
      id: frozen.id,
      workflow_id: workflowId,
      content_hash: frozen.contentHash,
      data: JSON.stringify(frozen.graph),
    })
    .onConflict((on) =>
      on.columns(['workflow_id', 'content_hash']).doUpdateSet((set) => ({ created_at: set.fn('clock_timestamp') })),
    )
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

/** Gives the held workflow its next version, which is live from then on. */
export async function insertPublishedVersion(
  trx: Db,
  { workflow, scope, note, slug, versionId }: PublishRequest,
): Promise<PublishedVersion> {
  const last = await trx
    .selectFrom('published_versions')
    .select(({ fn }) => fn.max('number').as('number'))
    .where('workflow_id', '=', workflow.id)
    .executeTakeFirst();
  const number = (last?.number ?? 0) + 1;
  const row = await trx
    .insertInto('published_versions')
    .values({
      workflow_id: workflow.id,
      number,
      version_id: versionId,
      revision: workflow.revision,
      note,
      published_by: scope.actorId,
    })
    .returning([
      'published_at',
      sql<string | null>`${sql.raw(shownAs('published_versions.published_by'))}`.as('published_by_name'),
    ])
    .executeTakeFirstOrThrow();
  await trx.updateTable('workflows').set({ live_version: number, slug }).where('id', '=', workflow.id).execute();
  return {
    version: number,
    note,
    publishedAt: row.published_at.toISOString(),
    publishedBy: row.published_by_name,
    live: true,
    draftVersion: workflow.revision,
  };
}

interface PublishRequest {
  readonly workflow: HeldWorkflow;
  readonly scope: Scope;
  readonly note: string;
  readonly slug: string;
  readonly versionId: string;
}

/**
 * Whether a slug is free for a workflow. It stays so until the transaction ends: one at a time takes it. A workflow is
 * held before a slug.
 */
export async function holdSlug(trx: Db, slug: string, workflowId: number): Promise<boolean> {
  await hold(trx, 'slug', slug);
  const row = await trx.selectFrom('workflows').select('id').where('slug', '=', slug).executeTakeFirst();
  return row === undefined || row.id === workflowId;
}

/** Gives the held workflow another slug. */
export async function saveSlug(trx: Db, workflowId: number, slug: string): Promise<void> {
  await trx.updateTable('workflows').set({ slug }).where('id', '=', workflowId).execute();
}
