import { sql } from 'kysely';
import type { RunDetail, RunSummary } from '../../core/api/runs.ts';
import { isRunFinished, type RunStatus } from '../../core/run/status.ts';
import type { Db } from '../client.ts';
import { exactTime, pageOfRows, type Page, type PageCursor } from '../page-cursor.ts';
import { nodeExecutionColumns, nodeExecutionOf, runColumns, runOf } from '../run-rows.ts';

export interface RunListQuery {
  readonly userId: string;
  /** Null for the runs of all workflows. */
  readonly workflowId: number | null;
  readonly status: RunStatus | null;
  readonly limit: number;
  readonly after: PageCursor | null;
}

/** One page of execution history, newest first. Relies on workflow_runs_history and workflow_runs_user. */
export async function listRuns(db: Db, query: RunListQuery): Promise<Page<RunSummary>> {
  let select = db
    .selectFrom('workflow_runs')
    .select(runColumns)
    .select(exactTime('created_at').as('exactCreatedAt'))
    .where('user_id', '=', query.userId)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(query.limit + 1);
  if (query.workflowId !== null) select = select.where('workflow_id', '=', query.workflowId);
  if (query.status !== null) select = select.where('status', '=', query.status);
  if (query.after !== null) {
    const { value, id } = query.after;
    select = select.where(sql<boolean>`(created_at, id) < (${value}::timestamptz, ${id}::uuid)`);
  }
  return pageOfRows(await select.execute(), query.limit, runOf, (row) => ({ value: row.exactCreatedAt, id: row.id }));
}

/** A user's run, or null where the user has none of that id. */
export async function findRun(db: Db, userId: string, id: string): Promise<RunSummary | null> {
  const row = await db
    .selectFrom('workflow_runs')
    .select(runColumns)
    .where('id', '=', id)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return row === undefined ? null : runOf(row);
}

/**
 * A user's run with its node executions in the order they were planned, or
 * null. Both are read from one snapshot, so that they fit `seq` exactly.
 */
export async function findRunDetail(db: Db, userId: string, id: string): Promise<RunDetail | null> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (snapshot) => {
      const run = await findRun(snapshot, userId, id);
      if (run === null) return null;
      const nodes = await snapshot
        .selectFrom('node_executions')
        .select(nodeExecutionColumns)
        .where('run_id', '=', id)
        // Ids grow with time, in the order of the plan.
        .orderBy('id')
        .execute();
      return { ...run, nodeExecutions: nodes.map(nodeExecutionOf) };
    });
}

/** Removes a finished run. `unfinished` where it is under way, null where the user has none of that id. */
export async function deleteFinishedRun(db: Db, userId: string, id: string): Promise<'deleted' | 'unfinished' | null> {
  const result = await db
    .deleteFrom('workflow_runs')
    .where('id', '=', id)
    .where('user_id', '=', userId)
    .where('status', 'in', ['COMPLETED', 'FAILED', 'CANCELLED'])
    .executeTakeFirst();
  if (result.numDeletedRows > 0n) return 'deleted';
  return (await findRun(db, userId, id)) === null ? null : 'unfinished';
}

/** Where a run stands: enough to know whether something new is to be read. */
export interface RunPosition {
  readonly id: string;
  readonly workflowId: number;
  readonly seq: number;
  readonly isFinished: boolean;
}

const positionColumns = ['id', 'workflow_id', 'last_seq', 'status'] as const;

function positionOf(row: { id: string; workflow_id: number; last_seq: number; status: RunStatus }): RunPosition {
  return { id: row.id, workflowId: row.workflow_id, seq: row.last_seq, isFinished: isRunFinished(row.status) };
}

/** The positions of the given runs; deleted ones are missing. */
export async function findRunPositions(db: Db, ids: readonly string[]): Promise<RunPosition[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom('workflow_runs')
    .select(positionColumns)
    .where('id', '=', sql<string>`any(${[...ids]}::uuid[])`)
    .execute();
  return rows.map(positionOf);
}

/** The positions of the newest runs of a user's workflow and of all its unfinished ones. */
export async function findWorkflowPositions(
  db: Db,
  userId: string,
  workflowId: number,
  newest: number,
): Promise<RunPosition[]> {
  const runs = db.selectFrom('workflow_runs').where('workflow_id', '=', workflowId).where('user_id', '=', userId);
  const [recent, unfinished] = await Promise.all([
    runs.select(positionColumns).orderBy('created_at', 'desc').orderBy('id', 'desc').limit(newest).execute(),
    runs.select(positionColumns).where('status', 'in', ['PENDING', 'RUNNING']).execute(),
  ]);
  return [...new Map([...recent, ...unfinished].map((row) => [row.id, positionOf(row)])).values()];
}
