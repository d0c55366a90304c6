import type { RunRecord, RunSummary } from '../../core/api/runs.ts';
import type { InWorkspace } from '../../core/scope.ts';
import type { Db } from '../client.ts';
import { ownedBy } from '../owned-by.ts';
import { nodeExecutionColumns, nodeExecutionOf, runColumns, runOf } from '../run-rows.ts';

/** A user's run, or null where the user has none of that id; a part of a run is none. */
export async function findRun(db: Db, scope: InWorkspace, id: string): Promise<RunSummary | null> {
  const row = await db
    .selectFrom('workflow_runs')
    .select(runColumns)
    .where('id', '=', id)
    .where('parent_run_id', 'is', null)
    .where(ownedBy(scope))
    .executeTakeFirst();
  return row === undefined ? null : runOf(row);
}

/**
 * A user's run with its node executions in the order they were planned, or
 * null. Both are read from one snapshot, so that they fit `seq` exactly.
 */
export async function findRunDetail(db: Db, scope: InWorkspace, id: string): Promise<RunRecord | null> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (snapshot) => {
      const run = await findRun(snapshot, scope, id);
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
