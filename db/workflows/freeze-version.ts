import type { Graph } from '../../core/graph/graph.ts';
import { statement, type Queryable } from '../statement.ts';

const findVersion = statement<{ id: string }>(
  'find-workflow-version',
  `select id from workflow_versions where workflow_id = $1 and content_hash = $2`,
);

const addVersion = statement(
  'add-workflow-version',
  `insert into workflow_versions (id, workflow_id, content_hash, data) values ($1, $2, $3, $4)
   on conflict (workflow_id, content_hash) do nothing`,
);

/**
 * Stores the graph as a version of its workflow, unless it is there already,
 * and returns its id. Equal content is one row. It is looked for first and
 * without a lock: starts of one workflow must not wait for each other's commits.
 */
export async function freezeWorkflowVersion(
  on: Queryable,
  version: { id: string; workflowId: number; contentHash: string; graph: Graph },
): Promise<string> {
  const { id, workflowId, contentHash, graph } = version;
  const [found] = await findVersion(on, [workflowId, contentHash]);
  if (found !== undefined) return found.id;
  await addVersion(on, [id, workflowId, contentHash, JSON.stringify(graph)]);
  const [added] = await findVersion(on, [workflowId, contentHash]);
  // Deleted meanwhile, with its workflow: whoever starts a run of it finds no such version.
  return added?.id ?? id;
}
