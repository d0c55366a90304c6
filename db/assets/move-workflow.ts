import { sql } from 'kysely';
import type { Graph } from '../../core/graph/graph.ts';
import { idsIn, withFileIds } from '../../core/graph/named-files.ts';
import type { DataQuota, StorageQuota } from '../../core/limits.ts';
import { isRoom, lockUser } from './room.ts';
import { endMessagesOfMoved } from '../callbacks/messages.ts';
import type { Db } from '../client.ts';
import { queryableOf } from '../queryable.ts';
import { changeWithinDataQuota } from '../user-data/change-within-quota.ts';

interface WorkflowMove {
  readonly id: number;
  /** Workspaces. */
  readonly from: string;
  readonly to: string;
  readonly actorId: string;
  readonly storage: StorageQuota;
  readonly data: DataQuota;
  readonly newId: () => string;
  /** Names the content of a graph. */
  readonly hashOf: (graph: Graph) => string;
}

/** What came along, and what stays. */
export interface MovedWorkflow {
  readonly kind: 'moved';
  readonly name: string;
  /** Files that are in both workspaces now. */
  readonly files: number;
  readonly triggers: number;
  readonly links: number;
  readonly callbacks: number;
  /** Budgets of the workflow alone. */
  readonly budgets: number;
  /** Runs that stay where they were. */
  readonly runs: number;
  /** Names of secrets that stay where they are. */
  readonly secrets: readonly string[];
}

type NotMoved = { readonly kind: 'missing' | 'busy' | 'telling' | 'files full' | 'data full' };

/**
 * Moves a workflow to another workspace in one transaction: its draft, published versions and kept drafts, with copies of the
 * files that they name, its triggers, links, callbacks and budgets. Runs stay in the workspace whose keys, room and money they used, so a
 * budget begins anew.
 * `busy` where one is under way: it would end in the wrong place; `telling` where its callbacks have not heard of one yet.
 */
export async function moveWorkflow(db: Db, move: WorkflowMove): Promise<MovedWorkflow | NotMoved> {
  try {
    const moved = await changeWithinDataQuota(db, { userId: move.to, quota: move.data }, (trx) => moveIn(trx, move));
    return moved ?? { kind: 'data full' };
  } catch (error) {
    if (error instanceof Refused) return { kind: error.kind };
    throw error;
  }
}

/** Undoes what was done so far. */
class Refused extends Error {
  readonly kind: NotMoved['kind'];

  constructor(kind: NotMoved['kind']) {
    super(kind);
    this.kind = kind;
  }
}

async function moveIn(trx: Db, move: WorkflowMove): Promise<MovedWorkflow> {
  const { id, from, to, actorId } = move;
  const workflow = await trx
    .selectFrom('workflows')
    .select(['name', 'data', 'version'])
    .where('id', '=', id)
    .where('user_id', '=', from)
    .forUpdate()
    .executeTakeFirst();
  if (workflow === undefined) throw new Refused('missing');
  const unfinished = await trx
    .selectFrom('workflow_runs')
    .select('id')
    .where('user_id', '=', from)
    .where('finished_at', 'is', null)
    .where('workflow_id', '=', id)
    .limit(1)
    .executeTakeFirst();
  const open = await trx
    .selectFrom('batches')
    .select('id')
    .where('user_id', '=', from)
    .where('workflow_id', '=', id)
    .where('finished_at', 'is', null)
    .limit(1)
    .executeTakeFirst();
  if (unfinished !== undefined || open !== undefined) throw new Refused('busy');
  const versions = await trx
    .selectFrom('workflow_versions as v')
    .select(['v.id', 'v.data'])
    .where('v.workflow_id', '=', id)
    .where((where) =>
      where.or([
        where.exists(
          where.selectFrom('published_versions as p').select('p.number').whereRef('p.version_id', '=', 'v.id'),
        ),
        where.exists(where.selectFrom('kept_drafts as k').select('k.id').whereRef('k.version_id', '=', 'v.id')),
      ]),
    )
    .execute();
  const triggers = await trx.selectFrom('triggers').select(['id', 'inputs']).where('workflow_id', '=', id).execute();
  const links = await trx.selectFrom('app_links').select(['id', 'fixed']).where('workflow_id', '=', id).execute();
  const texts = [
    workflow.data,
    ...versions.map(({ data }) => data),
    ...triggers.map(({ inputs }) => inputs),
    ...links.map(({ fixed }) => fixed),
  ].map((value) => JSON.stringify(value ?? null));
  const files = await copyFiles(trx, move, texts.join(' '));
  const inPlace = <Value>(value: Value): Value => withFileIds(value, files);

  await trx
    .updateTable('workflows')
    .set((set) => ({
      user_id: to,
      data: JSON.stringify(inPlace(workflow.data)),
      version: set('version', '+', 1),
      updated_at: sql<Date>`clock_timestamp()`,
      updated_by: actorId === to ? null : actorId,
    }))
    .where('id', '=', id)
    .execute();
  // That the draft moved on with this is no change that waits to be published.
  await trx
    .updateTable('published_versions')
    .set({ revision: workflow.version + 1 })
    .where('workflow_id', '=', id)
    .where('revision', '=', workflow.version)
    .execute();
  if (files.size > 0) for (const version of versions) await repoint(trx, move, version.id, inPlace(version.data));
  for (const { id: triggerId, inputs } of triggers) {
    await sql`update triggers set user_id = ${to}, inputs = ${inputs === null ? null : JSON.stringify(inPlace(inputs))}::jsonb
               where id = ${triggerId}`.execute(trx);
  }
  // What one workflow puts out is handed on within a workspace alone.
  await sql`update triggers set enabled = false, next_at = null,
                                paused_reason = 'The other workflow belongs to another workspace by now.'
             where kind = 'workflow' and enabled
               and (workflow_id = ${id} and source_workflow_id <> ${id}
                    or source_workflow_id = ${id} and workflow_id <> ${id})`.execute(trx);
  // What visitors were shown are files of the workspace that it comes from.
  await sql`delete from app_link_files f using app_links l where l.id = f.link_id and l.workflow_id = ${id}`.execute(
    trx,
  );
  for (const { id: linkId, fixed } of links) {
    await sql`update app_links set user_id = ${to}, fixed = ${JSON.stringify(inPlace(fixed))}::jsonb
               where id = ${linkId}`.execute(trx);
  }
  const isTold = await endMessagesOfMoved(queryableOf(trx), id, 'Its workflow was moved to another workspace.');
  if (!isTold) throw new Refused('telling');
  const callbacks = await trx
    .updateTable('workflow_callbacks')
    .set({ user_id: to })
    .where('workflow_id', '=', id)
    .executeTakeFirst();
  const budgets = await trx
    .updateTable('budgets')
    .set({ user_id: to })
    .where('workflow_id', '=', id)
    .executeTakeFirst();
  const { runs } = await trx
    .selectFrom('workflow_runs')
    .select(sql<number>`count(*)::integer`.as('runs'))
    .where('workflow_id', '=', id)
    .where('user_id', '=', from)
    .where('parent_run_id', 'is', null)
    .executeTakeFirstOrThrow();
  return {
    kind: 'moved',
    name: workflow.name,
    files: files.size,
    triggers: triggers.length,
    links: links.length,
    callbacks: Number(callbacks.numUpdatedRows),
    budgets: Number(budgets.numUpdatedRows),
    runs,
    secrets: await secretsIn(trx, from, texts.join(' ')),
  };
}

/** Gives the other workspace the files that a text names; the id of each there by its id here. */
async function copyFiles(trx: Db, move: WorkflowMove, text: string): Promise<ReadonlyMap<string, string>> {
  const { from, to, storage, newId } = move;
  const named = [...idsIn(text)];
  const copies = new Map<string, string>();
  if (named.length === 0) return copies;
  await lockUser(trx, to);
  // While these are held their contents cannot go.
  const files = await trx
    .selectFrom('assets')
    .selectAll()
    .where('user_id', '=', from)
    .where('id', '=', sql<string>`any(${named}::uuid[])`)
    .orderBy('id')
    .forShare()
    .execute();
  for (const { id, created_at: _made, uploaded_by: _by, user_id: _owner, ...file } of files) {
    const there = await trx
      .selectFrom('assets')
      .select('id')
      .where('user_id', '=', to)
      .where('sha256', '=', file.sha256)
      .where('name', '=', file.name)
      .executeTakeFirst();
    if (there !== undefined) {
      copies.set(id, there.id);
      continue;
    }
    const bytes = Number(file.bytes) + Number(file.derived_bytes);
    if (!(await isRoom(trx, { userId: to, bytes, files: 1, except: id }, storage))) throw new Refused('files full');
    const copy = newId();
    await trx
      .insertInto('assets')
      .values({ ...file, bytes: Number(file.bytes), id: copy, user_id: to, uploaded_by: move.actorId })
      .execute();
    copies.set(id, copy);
  }
  return copies;
}

/** Freezes a graph with its files where they are now, for versions and drafts that were of the old one; runs keep that. */
async function repoint(trx: Db, { id, newId, hashOf }: WorkflowMove, versionId: string, graph: Graph): Promise<void> {
  const { id: frozen } = await trx
    .insertInto('workflow_versions')
    .values({ id: newId(), workflow_id: id, content_hash: hashOf(graph), data: JSON.stringify(graph) })
    .onConflict((on) =>
      on.columns(['workflow_id', 'content_hash']).doUpdateSet((set) => ({ created_at: set.fn('clock_timestamp') })),
    )
    .returning('id')
    .executeTakeFirstOrThrow();
  for (const table of ['published_versions', 'kept_drafts'] as const) {
    await trx
      .updateTable(table)
      .set({ version_id: frozen })
      .where('workflow_id', '=', id)
      .where('version_id', '=', versionId)
      .execute();
  }
}

/** Names of the workspace's secrets that a text names, as the value of a field or in a template. */
async function secretsIn(trx: Db, workspaceId: string, text: string): Promise<string[]> {
  const secrets = await trx.selectFrom('secrets').select('name').where('user_id', '=', workspaceId).execute();
  return secrets
    .map(({ name }) => name)
    .filter((name) => text.includes(`"${name}"`) || text.includes(`secret.${name}`))
    .toSorted();
}
