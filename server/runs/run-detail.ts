import { LRUCache } from 'lru-cache';
import type pg from 'pg';
import type { RunDetail, RunRecord } from '../../core/api/runs.ts';
import type { Graph, GraphNode } from '../../core/graph/graph.ts';
import { inputsOfRun, outputsOfRun } from '../../core/interface/run-values.ts';
import type { NodeCatalogue } from '../../core/node-type/definition.ts';
import type { Scope } from '../../core/scope.ts';
import type { Db } from '../../db/client.ts';
import { findRunDetail } from '../../db/runs/find.ts';
import { listMarkedNodes } from '../../db/workflows/list-marked-nodes.ts';

/** Reads runs with what they have by name. */
export interface RunDetails {
  /** A user's run with its node executions, its inputs and its outputs; null where the user has none of that id. */
  find(scope: Scope, id: string): Promise<RunDetail | null>;
  /** The same for a run whose rows are at hand. `graph`: that it was frozen with; null where that has to be read. */
  complete(run: RunRecord, graph: Graph | null): Promise<RunDetail>;
}

/** Characters of JSON: a run that is watched is read again and again, and most graphs have no marks at all. */
const maxCharacters = 16_000_000;
const maxVersions = 10_000;

/** Make one for each process: what is marked in a frozen graph never changes, and is read once. */
export function createRunDetails({
  db,
  pool,
  catalogue,
}: {
  readonly db: Db;
  readonly pool: pg.Pool;
  readonly catalogue: NodeCatalogue;
}): RunDetails {
  const known = new LRUCache<string, readonly GraphNode[]>({
    max: maxVersions,
    maxSize: maxCharacters,
    sizeCalculation: (nodes) => JSON.stringify(nodes).length,
  });

  async function markedNodes(versionId: string): Promise<readonly GraphNode[]> {
    const remembered = known.get(versionId);
    if (remembered !== undefined) return remembered;
    const nodes = await listMarkedNodes(pool, versionId);
    known.set(versionId, nodes);
    return nodes;
  }

  async function complete(run: RunRecord, graph: Graph | null): Promise<RunDetail> {
    const nodes = graph === null ? await markedNodes(run.workflowVersionId) : graph.nodes;
    const executions = new Map(run.nodeExecutions.map((execution) => [execution.nodeId, execution]));
    return {
      ...run,
      inputs: inputsOfRun(nodes, catalogue),
      outputs: outputsOfRun(nodes, (nodeId) => {
        const execution = executions.get(nodeId);
        return execution?.status === 'COMPLETED' ? execution.outputData : null;
      }),
    };
  }

  return {
    complete,
    find: async (scope, id) => {
      const run = await findRunDetail(db, scope, id);
      return run === null ? null : complete(run, null);
    },
  };
}
