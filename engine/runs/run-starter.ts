import type { PartsProgress } from '../../core/api/runs.ts';
import type { Graph } from '../../core/graph/graph.ts';
import { freezeWorkflowVersion } from '../../db/workflows/freeze-version.ts';
import { steerRegion, type ListSteering } from '../regions/steer-region.ts';
import { announceStarts } from './announce-starts.ts';
import { cancelRun } from './cancel-run.ts';
import { createKnownPlans } from './known-plans.ts';
import { createKnownWorkflows, hashedGraph } from './known-workflows.ts';
import { planScope, withReusable, type PlannedRequest } from './plan-request.ts';
import { retryRun, type RetryRunRequest } from './retry-run.ts';
import { createRunStarts, type RunLimits } from './run-starts.ts';
import { withCalls, withoutCalls } from './with-calls.ts';
import { graphToRun, type GivenInputs } from './with-inputs.ts';
import { startRun, type StartedRun, type StartRunDependencies, type StartRunRequest } from './start-run.ts';

/** The one way in which runs come to be and are ended before their time, for requests and for duties. */
export interface RunStarter {
  /**
   * Starts a run of a workflow as it is now. It is durable then; waking a worker is tried right after
   * and repaired by the sweeper where that fails.
   *
   * Throws what the guards refuse it with; WORKFLOW_NOT_FOUND; WORKFLOW_VERSION_CONFLICT; FindingsError: the graph cannot run as asked, or an output that the scope needs
   * is missing (MISSING_UPSTREAM_OUTPUT); RUN_QUEUE_FULL where the user has too many runs.
   */
  start(request: StartRunRequest): Promise<StartedRun>;
  /**
   * Starts a new run of the same frozen graph that reuses what completed and executes the rest.
   *
   * Throws as `start` does, and RUN_NOT_FOUND, RUN_NOT_FINISHED, or RUN_NOTHING_TO_RETRY where every node completed.
   */
  retry(request: RetryRunRequest): Promise<StartedRun>;
  /**
   * Ends an unfinished run as CANCELLED and tells workers to stop; the caller has checked whose it is. False: it was
   * finished already.
   */
  cancel(runId: string): Promise<boolean>;
  /**
   * Pauses what goes through a list, lets it go on, or cancels it; the caller has checked whose the run is. How far it has come;
   * null: it is over, or its elements are not known yet.
   */
  steer(steering: ListSteering): Promise<PartsProgress | null>;
  /**
   * Freezes a graph that runs are to be started of later, with the workflows that it calls, and gives the id of the version.
   * `bytes`: the most that is kept beside it. Throws what the guards refuse a start with, FindingsError as `start` does for
   * what is called, and DATA_QUOTA_FULL. A version that nothing names within a day is cleared away.
   */
  freeze(workflow: { readonly id: number; readonly data: Graph }, userId: string, bytes: number): Promise<string>;
  /** Takes room for what is kept of a user beside runs. Throws DATA_QUOTA_FULL where there is none for `bytes` more. */
  requireRoom(userId: string, bytes: number): Promise<void>;
  /**
   * What `start` would do with this graph, and the graph that would run. An earlier output that is missing is not an error
   * yet. Throws FindingsError.
   */
  plan(
    workflow: { readonly id: number; readonly data: Graph },
    request: GivenInputs,
  ): Promise<PlannedRequest & { readonly graph: Graph }>;
}

/** Throws where there is no room for another run of the user; asked before each start and retry, in their order. */
export type StartGuard = (userId: string, isPaced: boolean) => void | Promise<void>;

/** What starting, retrying and canceling runs needs: the same for routes and duties. */
export interface RunStarterDependencies extends Omit<StartRunDependencies, 'starts' | 'workflows' | 'plans'> {
  readonly limits: RunLimits;
  /** Refuses a graph to be frozen that there is no room for; `bytes` is the most that it can take. */
  readonly requireRoom: (userId: string, bytes: number) => Promise<void>;
  readonly guards: readonly StartGuard[];
}

/** Make one for each process: starts that come at once are written together. */
export function createRunStarter(dependencies: RunStarterDependencies): RunStarter {
  const { pool, newId, limits, requireRoom, guards } = dependencies;
  const starting: StartRunDependencies = {
    ...dependencies,
    workflows: createKnownWorkflows(pool),
    plans: createKnownPlans(dependencies),
    starts: createRunStarts({
      pool,
      newId,
      limits,
      requireRoom,
      onStarted: (group) => announceStarts(dependencies, group),
    }),
  };

  async function ask({ userId, isPaced = false }: Pick<StartRunRequest, 'userId' | 'isPaced'>): Promise<void> {
    for (const guard of guards) await guard(userId, isPaced);
  }

  return {
    start: async (request) => {
      // What is not there costs nobody a place among those that may start.
      await starting.workflows.find(request.userId, request.workflow.id);
      await ask(request);
      return startRun(starting, request);
    },
    retry: async (request) => {
      await ask(request);
      return retryRun(starting, request);
    },
    cancel: (runId) => cancelRun(dependencies, runId),
    steer: (steering) => steerRegion(dependencies, steering),
    freeze: async ({ id: workflowId, data }, userId, bytes) => {
      await ask({ userId, isPaced: true });
      const { data: graph } = await withCalls(pool, dependencies, { data: withoutCalls(data) }, { userId });
      await requireRoom(userId, bytes + Buffer.byteLength(JSON.stringify(graph)));
      const { contentHash } = hashedGraph(workflowId, graph);
      return freezeWorkflowVersion(pool, { id: newId(), workflowId, contentHash, graph });
    },
    requireRoom,
    plan: async (workflow, request) => {
      const { data, ...part } = await graphToRun(pool, dependencies, workflow, request);
      return {
        ...(await withReusable(
          pool,
          dependencies,
          { workflowId: workflow.id, userId: request.userId },
          planScope(dependencies, data, part),
        )),
        graph: data,
      };
    },
  };
}
