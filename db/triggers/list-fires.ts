import type { TriggerFire } from '../../core/api/trigger-fires.ts';
import type { InWorkspace } from '../../core/scope.ts';
import { statement, type Queryable } from '../statement.ts';

type Row = Omit<TriggerFire, 'dueAt'> & { readonly dueAt: Date };

const list = statement<Row>(
  'list-fires',
  `select f.id, f.due_at as "dueAt", f.status, f.code, f.reason, f.run_id as "runId"
     from trigger_fires f join triggers t on t.id = f.trigger_id
    where f.trigger_id = $1 and t.user_id = $2
    order by f.due_at desc, f.id desc
    limit $3`,
);

/** The latest fires of a user's trigger, the newest first. */
export async function listFires(
  on: Queryable,
  { workspaceId }: InWorkspace,
  triggerId: string,
  limit: number,
): Promise<TriggerFire[]> {
  const rows = await list(on, [triggerId, workspaceId, limit]);
  return rows.map((row) => ({ ...row, dueAt: row.dueAt.toISOString() }));
}
