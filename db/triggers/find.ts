import type { InWorkspace } from '../../core/scope.ts';
import { statement, type Queryable } from '../statement.ts';
import { columns, type TriggerRow } from './rows.ts';

const ofUser = statement<TriggerRow>(
  'find-trigger',
  `select ${columns} from triggers t where t.id = $1 and t.user_id = $2`,
);

/** A user's trigger; null where the user has none of that id. */
export async function findTrigger(on: Queryable, { workspaceId }: InWorkspace, id: string): Promise<TriggerRow | null> {
  return (await ofUser(on, [id, workspaceId]))[0] ?? null;
}

const ofWorkflow = statement<TriggerRow>(
  'list-triggers',
  `select ${columns} from triggers t where t.workflow_id = $1 and t.user_id = $2 order by t.created_at, t.id`,
);

/** The triggers of a user's workflow, the oldest first. */
export function listTriggers(on: Queryable, { workspaceId }: InWorkspace, workflowId: number): Promise<TriggerRow[]> {
  return ofWorkflow(on, [workflowId, workspaceId]);
}
