import { LRUCache } from 'lru-cache';
import type pg from 'pg';
import { forEverybody } from '../../db/acting-for.ts';
import { canonicalJson } from '../../core/graph/canonical-json.ts';
import { freezeWorkflowVersion } from '../../db/workflows/freeze-version.ts';
import { startRuns, type NewRun, type RunTurn } from '../../db/runs/start.ts';
import { createGroupCommit } from '../group-commit.ts';
import { mayBeOneItem } from '../outage.ts';
import { sha256, type StartedWorkflow } from './plan-request.ts';

/** Writes new runs, those of concurrent requests in groups. */
export interface RunStarts {
  /** Runs of one user that may be under way, and that may wait for their turn. */
  readonly limits: RunLimits;
  /** Inserts a run of the graph, frozen as a version of its workflow: the same one for the same content. */
  insert(workflow: StartedWorkflow, run: StartedRun): Promise<RunTurn>;
}

/** A run without its version, which its graph becomes. */
type StartedRun = Omit<NewRun, 'id' | 'workflowId' | 'workflowVersionId'> & { readonly runId: string };

export interface RunLimits {
  readonly maxActive: number;
  readonly maxWaiting: number;
}

export interface RunStartsDependencies {
  readonly pool: pg.Pool;
  readonly limits: RunLimits;
  readonly newId: () => string;
  /** Refuses a new version that there is no room for; `bytes` is the most that it can take. */
  readonly requireRoom: (userId: string, bytes: number) => Promise<void>;
}

const lanes = 2;
/** Small, so that the first of many starts is not kept waiting: runs of five hundred nodes are a megabyte each. */
const maxBatch = 8;
/** Ids only: a few hundred kilobytes. */
const rememberedVersions = 2_000;

export function createRunStarts({ pool, limits, newId, requireRoom }: RunStartsDependencies): RunStarts {
  const versions = new LRUCache<string, string>({ max: rememberedVersions });

  const inserts = createGroupCommit<NewRun, RunTurn>({
    // Of whoever came to be in one group.
    commit: (runs) => forEverybody(() => startRuns(pool, runs, limits)),
    lanes,
    maxBatch,
    // Starts of one user wait for each other in the database; in one lane they leave the connections to everybody else.
    keyOf: (run) => run.userId,
    // One bad run, such as one whose workflow was deleted meanwhile, fails alone.
    isApart: mayBeOneItem,
  });

  async function freeze(workflow: StartedWorkflow, userId: string, key: string, contentHash: string): Promise<string> {
    const known = versions.get(key);
    if (known !== undefined) return known;
    const { id: workflowId, data: graph } = workflow;
    await requireRoom(userId, Buffer.byteLength(JSON.stringify(graph)));
    const id = await freezeWorkflowVersion(pool, { id: newId(), workflowId, contentHash, graph });
    versions.set(key, id);
    return id;
  }

  return {
    limits,
    insert: async (workflow, { runId, ...run }) => {
      const contentHash = sha256(canonicalJson(workflow.data));
      const key = `${workflow.id} ${contentHash}`;
      const insert = async () =>
        inserts.submit({
          ...run,
          id: runId,
          workflowId: workflow.id,
          workflowVersionId: await freeze(workflow, run.userId, key, contentHash),
        });
      const turn = await insert();
      if (turn !== 'stale') return turn;
      // A version that no run used any more was removed since it was looked for.
      versions.delete(key);
      return insert();
    },
  };
}
