import { sql } from 'kysely';
import type { RunSummary } from '../../core/api/runs.ts';
import type { RunStatus } from '../../core/run/status.ts';
import type { InWorkspace } from '../../core/scope.ts';
import type { Db } from '../client.ts';
import { ownedBy } from '../owned-by.ts';
import { exactTime, pageOfRows, type Page, type PageCursor } from '../page-cursor.ts';
import { runColumns, runOf } from '../run-rows.ts';

interface RunListQuery {
  readonly scope: InWorkspace;
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
    // Whose a run is follows from its workflow. Postgres does not know and expects a hundredth of the workflow's runs, which it
    // would read all to sort them; of what it cannot estimate it expects half, and reads a page in the order of the index.
    .where(query.workflowId === null ? ownedBy(query.scope) : sql<boolean>`coalesce(${ownedBy(query.scope)}, false)`)
    .where('parent_run_id', 'is', null)
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
