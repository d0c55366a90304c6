import type pg from 'pg';
import type { RunRecord } from '../../core/api/runs.ts';
import { RetryableError, TerminalError } from '../../core/errors/app-error.ts';
import { FindingsError } from '../../core/errors/findings-error.ts';
import type { Graph } from '../../core/graph/graph.ts';
import { runTimeoutOf, type RunTimeouts } from '../../core/graph/settings.ts';
import type { Logger } from '../../core/node-type/executor.ts';
import type { RunMode, TriggerType } from '../../core/run/status.ts';
import type { NewNodeExecution } from '../../db/runs/new-run.ts';
import type { NoticeChannel } from '../../queue/notice-channel.ts';
import type { RunTurns } from './run-turns.ts';
import { traceRunStart } from '../tracing.ts';
import type { RunQueue } from '../../queue/run-queue.ts';
import type { KnownPlans } from './known-plans.ts';
import {
  hashedGraph,
  requireRevision,
  type HashedGraph,
  type KnownWorkflow,
  type KnownWorkflows,
} from './known-workflows.ts';
import { planScope, withReusable, type PlannedRequest, type PlanningRules } from './plan-request.ts';
import { graphToRun, type GivenInputs } from './with-inputs.ts';
import { userQueueFull } from './run-queue-limit.ts';
import type { RunStarts } from './run-starts.ts';

/** What starting a run needs. */
export interface StartRunDependencies extends PlanningRules {
  readonly pool: pg.Pool;
  readonly queue: RunQueue;
  readonly notices: NoticeChannel;
  readonly logger: Logger;
  readonly turns: RunTurns;
  readonly workflows: KnownWorkflows;
  readonly plans: KnownPlans;
  readonly starts: RunStarts;
  /** How long a whole run may take. */
  readonly runTimeouts: RunTimeouts;
  readonly newId: () => string;
}

/** Which graph of a workflow is to run. */
export interface MeantWorkflow {
  readonly id: number;
  /** Of the draft: the one that is meant. Default: whatever it is at. */
  readonly revision?: number | undefined;
  /** A published version by its number; `live`: that which is live, or the draft where none is. Default: the draft. */
  readonly published?: number | 'live' | undefined;
  /** A graph of it that was frozen before, whatever the workflow is at now. */
  readonly frozen?: FrozenVersion | undefined;
}

/** A frozen graph of a workflow. */
export interface FrozenVersion {
  readonly versionId: string;
  /** Number of the published version that it is of; null: of a draft. */
  readonly published: number | null;
}

/** What somebody wants to have run. */
export interface StartRunRequest extends GivenInputs {
  /** One of the user's. */
  readonly workflow: MeantWorkflow;
  /** Undefined: earlier results stand in for deterministic nodes only. */
  readonly useCache?: boolean | undefined;
  /** Who or what starts it, as the door says that it came in by. */
  readonly triggerType: Exclude<TriggerType, 'RETRY'>;
  /** Who starts it. Default null: the owner. */
  readonly actorId?: string | null | undefined;
  /** The id of the run; where there is one with this id already, it is that one. Default: a new id. */
  readonly runId?: string | undefined;
  /** Whoever starts it keeps to a pace of its own: it does not count as started by hand. Default false. */
  readonly isPaced?: boolean | undefined;
}

/** A run that is durable. */
export interface StartedRun {
  readonly id: string;
  /** As it is now; null where it was there already. */
  readonly run: RunRecord | null;
  /** That it was frozen with, where it is at hand; else null. */
  readonly graph: Graph | null;
}

/** What one run of a planned graph is made of. */
export interface PreparedRun {
  /** Default: a new id. */
  readonly runId: string | undefined;
  readonly userId: string;
  /** Who starts it; null: the owner. */
  readonly actorId: string | null;
  readonly graph: HashedGraph;
  /** The revision that the graph is of, where it is to be the one that the workflow is at; else null. */
  readonly revision: number | null;
  /** Number of the published version that the graph is of; null: of a draft. */
  readonly publishedVersion: number | null;
  /** It has to be what is live; of a draft: that nothing is. Default false. */
  readonly mustBeLive?: boolean;
  readonly triggerType: TriggerType;
  readonly mode: RunMode;
  readonly nodeIds: readonly string[] | null;
  readonly useCache: boolean | null;
  readonly retryOf: string | null;
  readonly nodes: readonly NewNodeExecution[];
  /** Lists in files that it holds from the beginning, beside those of outputs that stand in. Default: none. */
  readonly lists?: readonly string[];
}

/**
 * See `RunStarter.start`; nothing is asked of guards here.
 *
 * What is known of the workflow is tried first, and the statement that inserts the run says whether it still is so. Where
 * it is not, or where what is known cannot run, the workflow is read, and counts as it was read.
 */
export async function startRun(dependencies: StartRunDependencies, request: StartRunRequest): Promise<StartedRun> {
  const { workflows } = dependencies;
  const { userId, workflow: meant } = request;
  const known = await workflows.find(userId, meant.id);
  if (known.isFresh) requireRevision(known.workflow, meant.revision);
  const isMeant = meant.revision === undefined || known.workflow.revision === meant.revision;
  const planned = isMeant ? await planKnown(dependencies, known, request) : null;
  const started = planned === null ? 'changed' : await insert(dependencies, request, planned, true);
  if (typeof started !== 'string') return started;
  return untilHeld(async () => {
    const now = await workflows.read(userId, meant.id);
    requireRevision(now, meant.revision);
    const plannedNow = await plan(dependencies, now, request);
    const startedNow = await insert(dependencies, request, plannedNow, false);
    if (startedNow === 'changed') throw new Error('A run of no certain revision was held against one.');
    return startedNow;
  });
}

/** Runs whose outputs stand in are deleted between plan and start once, perhaps twice. */
const mostPlans = 5;

/** Plans and starts again where a list went between the two. */
export async function untilHeld<Result>(start: () => Promise<Result | 'lost'>): Promise<Result> {
  for (let plans = 0; plans < mostPlans; plans += 1) {
    const started = await start();
    if (started !== 'lost') return started;
  }
  throw new RetryableError(
    'MISSING_UPSTREAM_OUTPUT',
    'What earlier runs put out is being deleted, so it cannot stand in. Start again in a moment.',
    { retryAfterMs: 1_000 },
  );
}

/** A workflow with the values of one run in its graph, and the plan of that. */
interface PlannedWorkflow extends PlannedRequest {
  readonly workflow: HashedGraph;
  /** Of the draft; null where a published version is meant. */
  readonly revision: number | null;
  readonly publishedVersion: number | null;
}

async function plan(
  dependencies: StartRunDependencies,
  known: KnownWorkflow,
  request: StartRunRequest,
): Promise<PlannedWorkflow> {
  const { pool, plans, workflows } = dependencies;
  const { published, frozen } = request.workflow;
  const publishedVersion =
    frozen !== undefined ? frozen.published : published === 'live' ? known.live : (published ?? null);
  const graph =
    frozen !== undefined
      ? await workflows.frozen(known.workflowId, frozen.versionId)
      : publishedVersion === null
        ? known
        : await workflows.published(request.userId, known.workflowId, publishedVersion);
  const { data, ...part } = await graphToRun(
    pool,
    dependencies,
    { data: graph.data, isFrozen: frozen !== undefined },
    request,
  );
  const isAsSaved = data === graph.data;
  const workflow = isAsSaved ? graph : hashedGraph(known.workflowId, data);
  // With values of its own a graph hardly comes again: its plan would only take the place of others.
  const scope = isAsSaved ? plans.planOf(graph, request) : planScope(dependencies, data, part);
  const planned = await withReusable(
    pool,
    dependencies,
    { workflowId: workflow.workflowId, userId: request.userId },
    scope,
  );
  const missing = planned.plan.nodes.filter((node) => node.action === 'reuse' && !planned.reusable.has(node.nodeId));
  if (missing.length > 0) throw missingOutputs(missing.map((node) => node.nodeId));
  return { ...planned, workflow, publishedVersion, revision: graph === known ? known.revision : null };
}

/** Null where it cannot run as it was read earlier: as it is now it may. */
async function planKnown(
  dependencies: StartRunDependencies,
  { workflow, isFresh }: { readonly workflow: KnownWorkflow; readonly isFresh: boolean },
  request: StartRunRequest,
): Promise<PlannedWorkflow | null> {
  try {
    return await plan(dependencies, workflow, request);
  } catch (error) {
    if (!isFresh && error instanceof FindingsError) return null;
    throw error;
  }
}

function insert(
  dependencies: StartRunDependencies,
  request: StartRunRequest,
  { workflow, revision, publishedVersion, mode, nodeIds, plan: { nodes }, reusable }: PlannedWorkflow,
  isHeldAgainst: boolean,
): Promise<StartedRun | 'changed' | 'lost'> {
  return insertRun(dependencies, {
    runId: request.runId,
    userId: request.userId,
    actorId: request.actorId ?? null,
    graph: workflow,
    revision: isHeldAgainst ? revision : null,
    publishedVersion,
    mustBeLive: isHeldAgainst && request.workflow.published === 'live',
    triggerType: request.triggerType,
    mode,
    nodeIds,
    useCache: request.useCache ?? null,
    retryOf: null,
    nodes: nodes.map((node) => ({
      ...node,
      id: dependencies.newId(),
      reused: node.action === 'reuse' ? reusable.get(node.nodeId)! : null,
    })),
  });
}

function missingOutputs(nodeIds: readonly string[]): FindingsError {
  const names = nodeIds.map((id) => `"${id}"`).join(', ');
  const message =
    `There is no usable output of ${names}: never run with the present data, or something before it changed. ` +
    'Run these nodes too, or run "to" the selection.';
  return new FindingsError('MISSING_UPSTREAM_OUTPUT', message, [
    { code: 'MISSING_UPSTREAM_OUTPUT', message, nodeIds: [...nodeIds] },
  ]);
}

/**
 * Writes a run and everything that belongs to it, whole or not at all; a worker is woken then. `changed`: the workflow
 * is at another revision, or gone. `lost`: a list in a file that it needs is gone.
 */
export async function insertRun(
  dependencies: StartRunDependencies,
  { graph, runId: id = dependencies.newId(), ...planned }: PreparedRun,
): Promise<StartedRun | 'changed' | 'lost'> {
  const { starts, runTimeouts } = dependencies;
  const timeoutMs = runTimeoutOf(graph.data.settings, runTimeouts);
  const start = await starts.insert(graph, { ...planned, id, timeoutMs });
  switch (start.turn) {
    case 'changed':
    case 'gone':
      return 'changed';
    case 'lost':
      return 'lost';
    case 'stale':
      throw new TerminalError(
        'WORKFLOW_NOT_FOUND',
        `Workflow ${graph.workflowId} was deleted meanwhile. Choose another one.`,
      );
    case 'barred':
      throw new TerminalError('SCOPE_MISSING', 'Your account may not run anything, or no longer may. Ask an owner.');
    case 'full':
      throw userQueueFull(starts.limits);
    case 'known':
    case 'admitted':
    case 'waiting':
      traceRunStart(id, { 'heddle.workflow.id': graph.workflowId, 'heddle.run.trigger': planned.triggerType });
      return { id, run: 'run' in start ? start.run : null, graph: graph.data };
  }
}
