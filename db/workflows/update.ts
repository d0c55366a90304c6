import { sql } from 'kysely';
import type { Workflow } from '../../core/api/workflows.ts';
import type { Graph } from '../../core/graph/graph.ts';
import { recordedActor, type Scope } from '../../core/scope.ts';
import type { Db } from '../client.ts';
import { ownedBy } from '../owned-by.ts';
import { columns, workflowOf } from './rows.ts';

/** What undefined leaves as it is. */
export interface WorkflowChange {
  readonly scope: Scope;
  readonly id: number;
  readonly name: string | undefined;
  readonly data: Graph | undefined;
  /** The revision that the change was made on; undefined changes whatever is there. */
  readonly revision: number | undefined;
}

/** Changes a workflow in one guarded update. Null where the user has none of that id, or not at that revision. */
export async function updateWorkflow(db: Db, change: WorkflowChange): Promise<Workflow | null> {
  let update = db
    .updateTable('workflows')
    .set((set) => ({
      version: set('version', '+', 1),
      updated_at: sql<Date>`clock_timestamp()`,
      updated_by: recordedActor(change.scope),
      ...(change.name === undefined ? {} : { name: change.name }),
      ...(change.data === undefined ? {} : { data: JSON.stringify(change.data) }),
    }))
    .where('id', '=', change.id)
    .where(ownedBy(change.scope));
  if (change.revision !== undefined) update = update.where('version', '=', change.revision);
  const row = await update.returning(columns).executeTakeFirst();
  return row === undefined ? null : workflowOf(row);
}
