import type { Db } from '../client.ts';
import { unfinishedRunsOf } from '../run-sql/active.ts';
import { statement, type Queryable } from '../statement.ts';

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

const unfinished = statement<{ id: string }>(
  'list-unfinished-run-ids',
  `select r.id from ${unfinishedRunsOf('$1')} r order by r.id`,
);

/** Ids of all runs of a user that are not finished, in order. */
export async function listUnfinishedRunIds(on: Queryable, userId: string): Promise<string[]> {
  return (await unfinished(on, [userId])).map(({ id }) => id);
}
