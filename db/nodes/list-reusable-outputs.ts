import { statement, type Queryable } from '../statement.ts';
import { isSettled, settledColumns, type SettledOutput } from '../settled-output.ts';

/** An earlier output of a node. */
export interface ReusableOutput extends SettledOutput {
  readonly nodeId: string;
}

/*
 * The newest settled execution of each wanted node in a workflow, provided
 * that its fingerprint is the wanted one: neither its data nor anything
 * upstream has changed since. Runs that stayed behind when the workflow moved
 * to this workspace are those of another one.
 *
 * Relies on workflow_runs_history and node_executions
 * (run_id, node_id): newest runs first, stopping at the first match.
 */
const find = statement<ReusableOutput>(
  'list-reusable-outputs',
  `select w.node_id as "nodeId", e.status, e.inputs, e.outputs, e.error, e."errorCode"
     from jsonb_to_recordset($2::jsonb) as w(node_id text, fingerprint text)
     cross join lateral (
       select ${settledColumns}
         from workflow_runs r join node_executions n on n.run_id = r.id and n.node_id = w.node_id
        where r.workflow_id = $1 and r.user_id = $3 and r.parent_run_id is null and ${isSettled} and n.fingerprint = w.fingerprint
        order by r.created_at desc, r.id desc
        limit 1
     ) e`,
);

/** Finds earlier outputs for the given nodes of a workflow in a workspace; a node without one is missing from the result. */
export function listReusableOutputs(
  on: Queryable,
  { workflowId, userId }: { readonly workflowId: number; readonly userId: string },
  wanted: readonly { readonly nodeId: string; readonly fingerprint: string }[],
): Promise<ReusableOutput[]> {
  const rows = wanted.map(({ nodeId, fingerprint }) => ({ node_id: nodeId, fingerprint }));
  return find(on, [workflowId, JSON.stringify(rows), userId]);
}
