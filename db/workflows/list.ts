import { sql } from 'kysely';
import type { Workflow, WorkflowSummary } from '../../core/api/workflows.ts';
import type { Graph } from '../../core/graph/graph.ts';
import type { Db } from '../client.ts';
import { exactTime, pageOfRows, type Page, type PageCursor } from '../page-cursor.ts';

export type WorkflowSort = 'updatedAt' | 'name';

export interface WorkflowListQuery {
  readonly userId: string;
  readonly limit: number;
  readonly after: PageCursor | null;
  /** `updatedAt`: newest first; `name`: in alphabetical order. */
  readonly sort: WorkflowSort;
  /** Part of the name, whatever the case; null for all. */
  readonly search: string | null;
}

/**
 * One page of a user's workflows with the newest run of each.
 * Relies on the indexes workflows_user_updated, workflows_user_name and workflow_runs_history.
 */
export async function listWorkflows(db: Db, query: WorkflowListQuery): Promise<Page<WorkflowSummary>> {
  const { after, sort } = query;
  let select = db
    .selectFrom('workflows as w')
    .leftJoinLateral(
      (from) =>
        from
          .selectFrom('workflow_runs as r')
          .select(['r.id', 'r.status', 'r.created_at', 'r.finished_at'])
          .whereRef('r.workflow_id', '=', 'w.id')
          .orderBy('r.created_at', 'desc')
          .orderBy('r.id', 'desc')
          .limit(1)
          .as('last'),
      (join) => join.onTrue(),
    )
    .select([
      'w.id',
      'w.name',
      'w.created_at as createdAt',
      'w.updated_at as updatedAt',
      'last.id as runId',
      'last.status as runStatus',
      'last.created_at as runCreatedAt',
      'last.finished_at as runFinishedAt',
      exactTime('w.updated_at').as('exactUpdatedAt'),
    ])
    .where('w.user_id', '=', query.userId)
    .limit(query.limit + 1);
  if (query.search !== null) {
    select = select.where('w.name', 'ilike', `%${query.search.replaceAll(/[\\%_]/g, '\\$&')}%`);
  }
  if (sort === 'updatedAt') {
    select = select.orderBy('w.updated_at', 'desc').orderBy('w.id', 'desc');
    if (after !== null) {
      select = select.where(sql<boolean>`(w.updated_at, w.id) < (${after.value}::timestamptz, ${after.id}::integer)`);
    }
  } else {
    select = select.orderBy('w.name').orderBy('w.id');
    if (after !== null) select = select.where(sql<boolean>`(w.name, w.id) > (${after.value}, ${after.id}::integer)`);
  }
  return pageOfRows(
    await select.execute(),
    query.limit,
    (row): WorkflowSummary => ({
      id: row.id,
      name: row.name,
      createdAt: row.createdAt.toISOString(),
      updatedAt: row.updatedAt.toISOString(),
      ...(row.runId === null || row.runStatus === null || row.runCreatedAt === null
        ? {}
        : {
            lastRun: {
              id: row.runId,
              status: row.runStatus,
              createdAt: row.runCreatedAt.toISOString(),
              finishedAt: row.runFinishedAt?.toISOString() ?? null,
            },
          }),
    }),
    (row) => ({ value: sort === 'updatedAt' ? row.exactUpdatedAt : row.name, id: String(row.id) }),
  );
}

const columns = ['id', 'name', 'data', 'version', 'created_at', 'updated_at'] as const;

interface WorkflowRow {
  readonly id: number;
  readonly name: string;
  readonly data: Graph;
  readonly version: number;
  readonly created_at: Date;
  readonly updated_at: Date;
}

function workflowOf(row: WorkflowRow): Workflow {
  return {
    id: row.id,
    name: row.name,
    data: row.data,
    version: row.version,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}

/** A user's workflow, or null where the user has none of that id. */
export async function findWorkflow(db: Db, userId: string, id: number): Promise<Workflow | null> {
  const row = await db
    .selectFrom('workflows')
    .select(columns)
    .where('id', '=', id)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return row === undefined ? null : workflowOf(row);
}

/** Whether a user has a workflow of that id. */
export async function hasWorkflow(db: Db, userId: string, id: number): Promise<boolean> {
  const row = await db
    .selectFrom('workflows')
    .select('id')
    .where('id', '=', id)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return row !== undefined;
}

/** The version that a user's workflow is at, or null where the user has none of that id. */
export async function findWorkflowVersion(db: Db, userId: string, id: number): Promise<number | null> {
  const row = await db
    .selectFrom('workflows')
    .select('version')
    .where('id', '=', id)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return row?.version ?? null;
}

/** Stores a new workflow. */
export async function insertWorkflow(
  db: Db,
  workflow: { readonly userId: string; readonly name: string; readonly data: Graph },
): Promise<Workflow> {
  const row = await db
    .insertInto('workflows')
    .values({ user_id: workflow.userId, name: workflow.name, data: JSON.stringify(workflow.data) })
    .returning(columns)
    .executeTakeFirstOrThrow();
  return workflowOf(row);
}

export interface WorkflowChange {
  readonly userId: string;
  readonly id: number;
  readonly name: string | undefined;
  readonly data: Graph | undefined;
  /** The version that the change was made on; undefined changes whatever is there. */
  readonly version: number | undefined;
}

/** Changes a workflow in one guarded update. Null where the user has none of that id, or not in that version. */
export async function updateWorkflow(db: Db, change: WorkflowChange): Promise<Workflow | null> {
  let update = db
    .updateTable('workflows')
    .set((set) => ({
      version: set('version', '+', 1),
      updated_at: sql<Date>`clock_timestamp()`,
      ...(change.name === undefined ? {} : { name: change.name }),
      ...(change.data === undefined ? {} : { data: JSON.stringify(change.data) }),
    }))
    .where('id', '=', change.id)
    .where('user_id', '=', change.userId);
  if (change.version !== undefined) update = update.where('version', '=', change.version);
  const row = await update.returning(columns).executeTakeFirst();
  return row === undefined ? null : workflowOf(row);
}

/** Removes a workflow with its versions, runs and events, and returns its name; null where the user has none of that id. */
export async function deleteWorkflow(db: Db, userId: string, id: number): Promise<string | null> {
  const row = await db
    .deleteFrom('workflows')
    .where('id', '=', id)
    .where('user_id', '=', userId)
    .returning('name')
    .executeTakeFirst();
  return row?.name ?? null;
}

/** Ids of a workflow's runs that are not finished; empty where the user has no such workflow. */
export async function listActiveRunIds(db: Db, userId: string, workflowId: number): Promise<string[]> {
  const rows = await db
    .selectFrom('workflow_runs')
    .select('id')
    .where('workflow_id', '=', workflowId)
    .where('user_id', '=', userId)
    .where('status', 'in', ['PENDING', 'RUNNING'])
    .execute();
  return rows.map((row) => row.id);
}
