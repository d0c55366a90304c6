import { statement, type Queryable } from '../statement.ts';
import type { ReusableOutput } from './list-reusable-outputs.ts';
import { hasOutputs, settledColumns } from '../settled-output.ts';

const findOutputs = statement<ReusableOutput>(
  'list-run-outputs',
  `select n.node_id as "nodeId", ${settledColumns}
     from node_executions n where n.run_id = $1 and ${hasOutputs}`,
);

/** What the nodes of a run gave that completed, or failed and were handled. */
export function listRunOutputs(on: Queryable, runId: string): Promise<ReusableOutput[]> {
  return findOutputs(on, [runId]);
}
