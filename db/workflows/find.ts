import type { Workflow } from '../../core/api/workflows.ts';
import type { InWorkspace } from '../../core/scope.ts';
import type { Db } from '../client.ts';
import { ownedBy } from '../owned-by.ts';
import { columns, workflowOf } from './rows.ts';

/** A user's workflow, or null where the user has none of that id. */
export async function findWorkflow(db: Db, scope: InWorkspace, id: number): Promise<Workflow | null> {
  const row = await db
    .selectFrom('workflows')
    .select(columns)
    .where('id', '=', id)
    .where(ownedBy(scope))
    .executeTakeFirst();
  return row === undefined ? null : workflowOf(row);
}

/** The revision that a user's workflow is at, or null where the user has none of that id. */
export async function findWorkflowRevision(db: Db, scope: InWorkspace, id: number): Promise<number | null> {
  const row = await db
    .selectFrom('workflows')
    .select('version')
    .where('id', '=', id)
    .where(ownedBy(scope))
    .executeTakeFirst();
  return row?.version ?? null;
}

/** Whether a user has a workflow of that id. */
export async function hasWorkflow(db: Db, scope: InWorkspace, id: number): Promise<boolean> {
  return (await findWorkflowRevision(db, scope, id)) !== null;
}
