import type { Workflow } from '../../core/api/workflows.ts';
import type { InWorkspace } from '../../core/scope.ts';
import type { Db } from '../client.ts';
import { ownedBy } from '../owned-by.ts';
import { statement, type Queryable } from '../statement.ts';
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

/** The draft of a workflow as JSON, with its revision and the number of the version that is live; null: none. */
export interface WorkflowGraph {
  readonly revision: number;
  readonly live: number | null;
  readonly data: string;
}

const findGraph = statement<{ revision: number; live: number | null; data: string }>(
  'find-workflow-graph',
  `select version as revision, live_version as live, data::text as data from workflows where id = $1 and user_id = $2`,
);

/** The graph of a user's workflow, or null where the user has none of that id. */
export async function findWorkflowGraph(
  on: Queryable,
  { workspaceId }: InWorkspace,
  id: number,
): Promise<WorkflowGraph | null> {
  const [row] = await findGraph(on, [id, workspaceId]);
  return row ?? null;
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
