import { batchOf, statement, type Queryable } from '../statement.ts';

/** A run that has the output, and when it was started. */
export interface RunOfOutput {
  readonly nodeId: string;
  readonly runId: string;
  readonly createdAt: Date;
}

/*
 * Of the workflow's ten newest runs in the workspace the newest in which the node had the same
 * fingerprint and gave what the output cache holds under the key. Ten, so that
 * the work is bounded for a node that none of them executed.
 *
 * Relies on workflow_runs_history and node_executions (run_id, node_id),
 * output_cache (user_id, key).
 */
const find = statement<RunOfOutput>(
  'list-runs-of-outputs',
  `with latest as materialized (
     select id, created_at from workflow_runs
      where workflow_id = $1 and user_id = $2 and parent_run_id is null order by created_at desc, id desc limit 10
   )
   select w.node_id as "nodeId", e.run_id as "runId", e.created_at as "createdAt"
     from jsonb_to_recordset($3::jsonb) as w(node_id text, fingerprint text, key char(64))
     join output_cache c on c.user_id = $2 and c.key = w.key and c.output_data is not null
     cross join lateral (
       select n.run_id, r.created_at
         from latest r join node_executions n on n.run_id = r.id and n.node_id = w.node_id
        where n.status = 'COMPLETED' and n.fingerprint = w.fingerprint and n.output_data = c.output_data
        order by r.created_at desc, r.id desc
        limit 1
     ) e`,
);

/** Recent runs of a workflow that gave what is in the output cache; a node without one is missing from the result. */
export async function listRunsOfOutputs(
  on: Queryable,
  { workflowId, userId }: { readonly workflowId: number; readonly userId: string },
  wanted: readonly { readonly nodeId: string; readonly fingerprint: string; readonly key: string }[],
): Promise<RunOfOutput[]> {
  if (wanted.length === 0) return [];
  const rows = wanted.map(({ nodeId, fingerprint, key }) => ({ node_id: nodeId, fingerprint, key }));
  return find(on, [workflowId, userId, batchOf(rows)]);
}
