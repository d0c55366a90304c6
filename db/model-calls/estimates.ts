import { statement, type Queryable } from '../statement.ts';

const ofWorkflow = statement<{ nodeId: string; usd: number }>(
  'list-node-costs',
  `select n.node_id as "nodeId", m.usd from unnest($3::text[]) as n(node_id) cross join lateral (
     select percentile_cont(0.5) within group (order by e.usd) as usd from (
       select sum(c.cost_usd) as usd from model_calls c
        where c.workflow_id = $1 and c.node_id = n.node_id and c.user_id = $2 and c.cost_usd is not null
        group by c.node_execution_id order by max(c.created_at) desc limit 20) e) m
    where m.usd is not null`,
);

/** What one execution of nodes of a workflow costs in US dollars: the median of up to 20 executions; unknown ones are missing. */
export async function listNodeCosts(
  on: Queryable,
  {
    workflowId,
    userId,
    nodeIds,
  }: { readonly workflowId: number; readonly userId: string; readonly nodeIds: readonly string[] },
): Promise<ReadonlyMap<string, number>> {
  if (nodeIds.length === 0) return new Map();
  const rows = await ofWorkflow(on, [workflowId, userId, nodeIds]);
  return new Map(rows.map(({ nodeId, usd }) => [nodeId, usd]));
}
