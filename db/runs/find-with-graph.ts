import type { Graph } from '../../core/graph/graph.ts';
import type { RunMode, RunStatus } from '../../core/run/status.ts';
import type { InWorkspace } from '../../core/scope.ts';
import { statement, type Queryable } from '../statement.ts';

/** A run with the graph that it executed. */
export interface RunWithGraph {
  readonly workflowId: number;
  readonly userId: string;
  readonly status: RunStatus;
  readonly mode: RunMode;
  readonly nodeIds: string[] | null;
  readonly useCache: boolean | null;
  /** Number of the published version that it is of; null: of a draft. */
  readonly publishedVersion: number | null;
  readonly graph: Graph;
}

const findRun = statement<RunWithGraph>(
  'find-run-with-graph',
  `select r.workflow_id as "workflowId", r.user_id as "userId", r.status, r.mode, r.node_ids as "nodeIds",
          r.use_cache as "useCache", r.published_version as "publishedVersion", v.data as graph
     from workflow_runs r join workflow_versions v on v.id = r.workflow_version_id
    where r.id = $1 and r.user_id = $2 and r.parent_run_id is null`,
);

/** A user's run with its frozen graph; null where there is none. */
export async function findRunWithGraph(
  on: Queryable,
  runId: string,
  { workspaceId }: InWorkspace,
): Promise<RunWithGraph | null> {
  const [row] = await findRun(on, [runId, workspaceId]);
  return row ?? null;
}
