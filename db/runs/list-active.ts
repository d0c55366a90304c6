import type { InWorkspace } from '../../core/scope.ts';
import type { Db } from '../client.ts';
import { ownedBy } from '../owned-by.ts';
import { unfinishedRunsOf } from '../run-sql/active.ts';
import { statement, type Queryable } from '../statement.ts';

/** Ids of a workflow's runs, without parts, that are not finished; empty where the user has no such workflow. */
export async function listActiveRunIds(db: Db, scope: InWorkspace, workflowId: number): Promise<string[]> {
  const rows = await db
    .selectFrom('workflow_runs')
    .select('id')
    .where('workflow_id', '=', workflowId)
    .where(ownedBy(scope))
    .where('parent_run_id', 'is', null)
    .where('status', 'in', ['PENDING', 'RUNNING'])
    .execute();
  return rows.map((row) => row.id);
}

const unfinished = statement<{ id: string }>(
  'list-unfinished-run-ids',
  `select r.id from ${unfinishedRunsOf('$1')} r where r.parent_run_id is null order by r.id`,
);

/** Ids of all runs of a user, without parts, that are not finished, in order. */
export async function listUnfinishedRunIds(on: Queryable, { workspaceId }: InWorkspace): Promise<string[]> {
  return (await unfinished(on, [workspaceId])).map(({ id }) => id);
}
