import { statement, type Queryable } from '../statement.ts';
import type { ReusableOutput } from './list-reusable-outputs.ts';
import { isSettled, settledColumns } from '../settled-output.ts';

const findOutputs = statement<ReusableOutput>(
  'list-run-outputs',
  `select n.node_id as "nodeId", ${settledColumns}
     from node_executions n where n.run_id = $1 and ${isSettled}`,
);

/** What came of the nodes of a run that completed, failed and were handled, or were rightly skipped. */
export function listRunOutputs(on: Queryable, runId: string): Promise<ReusableOutput[]> {
  return findOutputs(on, [runId]);
}
