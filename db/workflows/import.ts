import type { Scope } from '../../core/scope.ts';
import type { Db } from '../client.ts';
import { freezeGraph, type FrozenGraph } from './publish.ts';

interface ImportedVersion {
  readonly workflowId: number;
  readonly number: number;
  readonly note: string;
  readonly publishedAt: Date;
  /** The revision of the draft that it is equal to, or one that the draft is not at. */
  readonly revision: number;
  readonly frozen: FrozenGraph;
}

/** Gives a new workflow a version that was published elsewhere, by nobody who is known here. What is live stays. */
export async function insertImportedVersion(trx: Db, version: ImportedVersion): Promise<void> {
  const { workflowId, number, note, publishedAt, revision, frozen } = version;
  const versionId = await freezeGraph(trx, workflowId, frozen);
  await trx
    .insertInto('published_versions')
    .values({
      workflow_id: workflowId,
      number,
      version_id: versionId,
      revision,
      note,
      published_by: null,
      published_at: publishedAt,
    })
    .execute();
}

/** Counts a new workflow's draft one up, so that its versions may be of an earlier one. */
export async function countDraftUp(trx: Db, scope: Scope, workflowId: number): Promise<void> {
  await trx
    .updateTable('workflows')
    .set((set) => ({ version: set('version', '+', 1) }))
    .where('id', '=', workflowId)
    .where('user_id', '=', scope.workspaceId)
    .execute();
}

/** Every published version's number of a workflow, the oldest first. Relies on the primary key. */
export async function listVersionNumbers(db: Db, workflowId: number): Promise<readonly number[]> {
  const rows = await db
    .selectFrom('published_versions')
    .select('number')
    .where('workflow_id', '=', workflowId)
    .orderBy('number')
    .execute();
  return rows.map(({ number }) => number);
}
