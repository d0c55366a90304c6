import { sql } from 'kysely';
import { isRunFinished, type RunStatus } from '../../core/run/status.ts';
import type { InWorkspace } from '../../core/scope.ts';
import type { Db } from '../client.ts';
import { ownedBy } from '../owned-by.ts';

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
export async function listRunPositions(db: Db, ids: readonly string[]): Promise<RunPosition[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom('workflow_runs')
    .select(positionColumns)
    .where('id', '=', sql<string>`any(${[...ids]}::uuid[])`)
    .execute();
  return rows.map(positionOf);
}

/** The positions of the newest runs of a user's workflow and of all its unfinished ones. */
export async function listWorkflowPositions(
  db: Db,
  scope: InWorkspace,
  workflowId: number,
  newest: number,
): Promise<RunPosition[]> {
  const runs = db
    .selectFrom('workflow_runs')
    .where('workflow_id', '=', workflowId)
    .where('parent_run_id', 'is', null)
    .where(ownedBy(scope));
  const [recent, unfinished] = await Promise.all([
    runs.select(positionColumns).orderBy('created_at', 'desc').orderBy('id', 'desc').limit(newest).execute(),
    runs.select(positionColumns).where('status', 'in', ['PENDING', 'RUNNING']).execute(),
  ]);
  return [...new Map([...recent, ...unfinished].map((row) => [row.id, positionOf(row)])).values()];
}
