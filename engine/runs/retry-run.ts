import { planBranches } from '../../core/graph/branches.ts';
import { reachableFrom } from '../../core/graph/order.ts';
import { planRegions } from '../../core/graph/plan-regions.ts';
import { planRun } from '../../core/graph/plan.ts';
import { structureOf } from '../../core/graph/structure.ts';
import { TerminalError } from '../../core/errors/app-error.ts';
import { isRunFinished } from '../../core/run/status.ts';
import { listListsOfRun } from '../../db/assets/lists.ts';
import { listRunOutputs } from '../../db/nodes/list-outputs-of-run.ts';
import { listRegionsOfRun } from '../../db/regions/list-of-run.ts';
import { findRunWithGraph } from '../../db/runs/find-with-graph.ts';
import { hashedGraph } from './known-workflows.ts';
import { givenBy, sha256, withTheirLists } from './plan-request.ts';
import { insertRun, untilHeld, type StartedRun, type StartRunDependencies } from './start-run.ts';

/** Which run is to be tried again, and by whom. */
export interface RetryRunRequest {
  /** The run that did not complete. */
  readonly retryOf: string;
  readonly userId: string;
  /** Who starts it. Default null: the owner. */
  readonly actorId?: string | null | undefined;
  /** The id of the new run; where there is one with this id already, it is that one. Default: a new id. */
  readonly runId?: string | undefined;
  /** As that of a start. */
  readonly isPaced?: boolean | undefined;
}

/** See `RunStarter.retry`; nothing is asked of guards here. */
export function retryRun(dependencies: StartRunDependencies, request: RetryRunRequest): Promise<StartedRun> {
  return untilHeld(() => retryOnce(dependencies, request));
}

async function retryOnce(dependencies: StartRunDependencies, request: RetryRunRequest): Promise<StartedRun | 'lost'> {
  const { retryOf, userId } = request;
  const run = await findRunWithGraph(dependencies.pool, retryOf, { workspaceId: userId });
  if (run === null) throw new TerminalError('RUN_NOT_FOUND', `There is no run ${retryOf}. Choose one from the list.`);
  if (!isRunFinished(run.status)) {
    throw new TerminalError('RUN_NOT_FINISHED', `Run ${retryOf} is still under way. Cancel it or wait for its end.`);
  }
  const given = await listRunOutputs(dependencies.pool, retryOf);
  const settled = await withTheirLists(dependencies.pool, userId, given);
  const outputs = new Map(settled.map((output) => [output.nodeId, output]));
  const structure = structureOf(run.graph, dependencies.catalogue);
  const finished = new Set(
    [...outputs.values()].filter(({ status }) => status !== 'SKIPPED').map(({ nodeId }) => nodeId),
  );
  // A list that is gone is made anew, and may come out otherwise: so is all that was made of it.
  const lost = given.map(({ nodeId }) => nodeId).filter((id) => !outputs.has(id));
  for (const id of reachableFrom(lost, structure.dependents)) finished.delete(id);
  // A region is gone through again where an element failed or something is missing: its parts that completed stand in.
  const regions = await listRegionsOfRun(dependencies.pool, retryOf);
  const again = regions.filter(({ nodes, failed }) => failed > 0 || nodes.some((id) => !finished.has(id)));
  for (const id of reachableFrom(
    again.flatMap(({ nodes }) => nodes),
    structure.dependents,
  ))
    finished.delete(id);
  const planned = planRun({
    graph: run.graph,
    structure,
    catalogue: dependencies.catalogue,
    mode: run.mode,
    nodeIds: run.nodeIds ?? [],
    finished,
    hash: sha256,
    defaultTimeoutMs: dependencies.nodeTimeoutMs,
  });
  const branched = planBranches(planned, structure, dependencies.catalogue, givenBy(outputs));
  const plan = planRegions(branched, structure, dependencies.catalogue, dependencies.nodeTimeoutMs);
  if (!plan.nodes.some((node) => node.action === 'run')) {
    throw new TerminalError(
      'RUN_NOTHING_TO_RETRY',
      `Every node of run ${retryOf} completed, or was rightly skipped; there is nothing to retry. Run the workflow instead.`,
    );
  }
  const started = await insertRun(dependencies, {
    runId: request.runId,
    userId,
    actorId: request.actorId ?? null,
    graph: hashedGraph(run.workflowId, run.graph),
    revision: null,
    publishedVersion: run.publishedVersion,
    triggerType: 'RETRY',
    mode: run.mode,
    nodeIds: run.nodeIds,
    useCache: run.useCache,
    retryOf,
    nodes: plan.nodes.map((node) => ({
      ...node,
      id: dependencies.newId(),
      reused: node.action === 'reuse' ? outputs.get(node.nodeId)! : null,
    })),
    // Parts that completed stand in, with what they put out.
    lists: regions.length === 0 ? [] : await listListsOfRun(dependencies.pool, retryOf),
  });
  if (started === 'changed') {
    throw new TerminalError(
      'WORKFLOW_NOT_FOUND',
      `The workflow of run ${retryOf} was deleted, or belongs to another workspace by now. Run it there.`,
    );
  }
  return started;
}
