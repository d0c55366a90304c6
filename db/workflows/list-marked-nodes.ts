import type { GraphNode } from '../../core/graph/graph.ts';
import { outputNodeType } from '../../core/interface/settings.ts';
import { statement, type Queryable } from '../statement.ts';

const list = statement<{ node: GraphNode }>(
  'list-marked-nodes',
  `select n.node
     from workflow_versions v cross join jsonb_array_elements(v.data -> 'nodes') with ordinality as n(node, place)
    where v.id = $1 and (n.node ->> 'type' = $2 or n.node #> '{data,input}' is not null)
    order by n.place`,
);

/** The nodes of a frozen graph that are marked as inputs or outputs of the workflow, in the order of the graph. */
export async function listMarkedNodes(on: Queryable, versionId: string): Promise<readonly GraphNode[]> {
  return (await list(on, [versionId, outputNodeType])).map(({ node }) => node);
}
