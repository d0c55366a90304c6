import type { Db } from '../client.ts';

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
