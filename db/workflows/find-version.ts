import type { Graph } from '../../core/graph/graph.ts';
import { statement, type Queryable } from '../statement.ts';

const load = statement<{ data: Graph }>('find-frozen-graph', `select data from workflow_versions where id = $1`);

/** The frozen graph that a run executes; null when its workflow was deleted meanwhile. */
export async function findWorkflowVersion(on: Queryable, id: string): Promise<Graph | null> {
  const [row] = await load(on, [id]);
  return row?.data ?? null;
}
