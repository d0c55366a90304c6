import type { Workflow } from '../../core/api/workflows.ts';
import type { Graph } from '../../core/graph/graph.ts';
import { recordedActor, type Scope } from '../../core/scope.ts';
import type { Db } from '../client.ts';
import { columns, workflowOf } from './rows.ts';

/** Stores a new workflow. */
export async function insertWorkflow(
  db: Db,
  workflow: { readonly scope: Scope; readonly name: string; readonly data: Graph },
): Promise<Workflow> {
  const row = await db
    .insertInto('workflows')
    .values({
      user_id: workflow.scope.workspaceId,
      updated_by: recordedActor(workflow.scope),
      name: workflow.name,
      data: JSON.stringify(workflow.data),
    })
    .returning(columns)
    .executeTakeFirstOrThrow();
  return workflowOf(row);
}
