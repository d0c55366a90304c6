import { statement, type Queryable } from '../statement.ts';
import type { ReusableOutput } from './list-reusable-outputs.ts';

const findOutputs = statement<ReusableOutput>(
  'list-run-outputs',
  `select n.node_id as "nodeId", n.input_data as inputs, n.output_data as outputs
     from node_executions n where n.run_id = $1 and n.status = 'COMPLETED'`,
);

/** What the completed nodes of a run gave. */
export function listRunOutputs(on: Queryable, runId: string): Promise<ReusableOutput[]> {
  return findOutputs(on, [runId]);
}
