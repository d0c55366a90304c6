import { sql } from 'kysely';
import type { KeptDraft, PublishedVersion } from '../../core/api/versions.ts';
import type { Graph } from '../../core/graph/graph.ts';
import type { InWorkspace } from '../../core/scope.ts';
import type { Db } from '../client.ts';
import { shownAs } from '../users/shown-as.ts';
import { ownedBy } from '../owned-by.ts';
import { pageOfRows, type Page, type PageCursor } from '../page-cursor.ts';

const columns = [
  'p.number',
  'p.note',
  'p.published_at',
  'p.revision',
  sql<boolean>`p.number is not distinct from w.live_version`.as('live'),
  sql<string | null>`${sql.raw(shownAs('p.published_by'))}`.as('published_by'),
] as const;

interface Row {
  readonly number: number;
  readonly note: string;
  readonly published_at: Date;
  readonly published_by: string | null;
  readonly revision: number;
  readonly live: boolean;
}

function publishedVersionOf(row: Row): PublishedVersion {
  return {
    version: row.number,
    note: row.note,
    publishedAt: row.published_at.toISOString(),
    publishedBy: row.published_by,
    live: row.live,
    draftVersion: row.revision,
  };
}

const versionsOf = (db: Db, scope: InWorkspace, workflowId: number) =>
  db
    .selectFrom('published_versions as p')
    .innerJoin('workflows as w', 'w.id', 'p.workflow_id')
    .where('w.id', '=', workflowId)
    .where(ownedBy(scope, 'w.user_id'));

/** One page of the published versions of a user's workflow, newest first. Relies on the primary key. */
export async function listPublishedVersions(
  db: Db,
  { scope, workflowId, limit, after }: PublishedVersionsQuery,
): Promise<Page<PublishedVersion>> {
  let select = versionsOf(db, scope, workflowId)
    .select(columns)
    .orderBy('p.number', 'desc')
    .limit(limit + 1);
  if (after !== null) select = select.where('p.number', '<', Number(after.value));
  return pageOfRows(await select.execute(), limit, publishedVersionOf, ({ number }) => ({
    value: String(number),
    id: String(workflowId),
  }));
}

interface PublishedVersionsQuery {
  readonly scope: InWorkspace;
  readonly workflowId: number;
  readonly limit: number;
  /** `value`: the number that the page before ended with. */
  readonly after: PageCursor | null;
}

/** A published version with its graph; null where the user's workflow has none of that number. */
export async function findPublishedVersion(
  db: Db,
  scope: InWorkspace,
  workflowId: number,
  number: number,
): Promise<(PublishedVersion & { readonly data: Graph; readonly versionId: string }) | null> {
  const row = await versionsOf(db, scope, workflowId)
    .innerJoin('workflow_versions as v', 'v.id', 'p.version_id')
    .where('p.number', '=', number)
    .select([...columns, 'v.data', 'v.id as version_id'])
    .executeTakeFirst();
  return row === undefined ? null : { ...publishedVersionOf(row), data: row.data, versionId: row.version_id };
}

/** Moves what is live; the version's name, or null where the user's workflow has none of that number. */
export async function setLiveVersion(
  db: Db,
  scope: InWorkspace,
  workflowId: number,
  number: number,
): Promise<string | null> {
  const row = await db
    .updateTable('workflows')
    .set({ live_version: number })
    .where('id', '=', workflowId)
    .where(ownedBy(scope))
    .where((where) =>
      where.exists(
        where
          .selectFrom('published_versions as p')
          .select('p.number')
          .whereRef('p.workflow_id', '=', 'workflows.id')
          .where('p.number', '=', number),
      ),
    )
    .returning('name')
    .executeTakeFirst();
  return row?.name ?? null;
}

/** Drafts of a user's workflow that were kept, newest first. Relies on kept_drafts_workflow. */
export async function listKeptDrafts(db: Db, scope: InWorkspace, workflowId: number): Promise<readonly KeptDraft[]> {
  const rows = await db
    .selectFrom('kept_drafts as k')
    .innerJoin('workflows as w', 'w.id', 'k.workflow_id')
    .where('w.id', '=', workflowId)
    .where(ownedBy(scope, 'w.user_id'))
    .select(['k.id', 'k.kept_at', sql<string | null>`${sql.raw(shownAs('k.kept_by'))}`.as('kept_by')])
    .orderBy('k.kept_at', 'desc')
    .orderBy('k.id', 'desc')
    .execute();
  return rows.map((row) => ({ id: row.id, keptAt: row.kept_at.toISOString(), keptBy: row.kept_by }));
}
