import type pg from 'pg';
import type { Graph } from '../../core/graph/graph.ts';
import type { Logger } from '../../core/node-type/executor.ts';
import { TerminalError } from '../../core/errors/app-error.ts';
import type { RunMode, TriggerType } from '../../core/run/status.ts';
import type { NewNodeExecution } from '../../db/runs/start.ts';
import type { NoticeChannel } from '../../queue/notice-channel.ts';
import type { RunTurns } from './run-turns.ts';
import { traceRunStart } from '../tracing.ts';
import type { RunQueue } from '../../queue/run-queue.ts';
import { FindingsError } from '../../server/http/problem.ts';
import { planRequest, type PlanningRules, type RunScope } from './plan-request.ts';
import { userQueueFull } from './run-queue-limit.ts';
import type { RunStarts } from './run-starts.ts';

export interface StartRunDependencies extends PlanningRules {
  readonly pool: pg.Pool;
  readonly queue: RunQueue;
  readonly notices: NoticeChannel;
  readonly logger: Logger;
  readonly turns: RunTurns;
  readonly starts: RunStarts;
  /** Milliseconds that a whole run may take. */
  readonly runTimeoutMs: number;
  readonly newId: () => string;
}

export interface StartRunRequest extends RunScope {
  readonly userId: string;
  readonly workflow: { readonly id: number; readonly data: Graph };
  /** Undefined: earlier results stand in for deterministic nodes only. */
  readonly useCache?: boolean | undefined;
  readonly triggerType: TriggerType;
  /** The id of the run; where there is one with this id already, it is that one. Default: a new id. */
  readonly runId?: string | undefined;
}

/** What one run of a planned graph is made of. */
export interface PreparedRun {
  /** Default: a new id. */
  readonly id: string | undefined;
  readonly userId: string;
  readonly workflow: { readonly id: number; readonly data: Graph };
  readonly triggerType: TriggerType;
  readonly mode: RunMode;
  readonly nodeIds: readonly string[] | null;
  readonly useCache: boolean | null;
  readonly retryOf: string | null;
  readonly nodes: readonly NewNodeExecution[];
}

/**
 * Starts a run of a workflow as it is now and returns its id. The run is
 * durable when this returns; waking a worker is tried right after and repaired
 * by the sweeper where that fails.
 *
 * Throws FindingsError: the graph cannot run as asked, or an output that the
 * scope needs is missing (MISSING_UPSTREAM_OUTPUT); RUN_QUEUE_FULL where the
 * user has too many runs.
 */
export async function startRun(dependencies: StartRunDependencies, request: StartRunRequest): Promise<string> {
  const { mode, nodeIds, plan, reusable } = await planRequest(
    dependencies.pool,
    dependencies,
    request.workflow,
    request,
  );
  const missing = plan.nodes.filter((node) => node.action === 'reuse' && !reusable.has(node.nodeId));
  if (missing.length > 0) throw missingOutputs(missing.map((node) => node.nodeId));
  return insertAndEnqueue(dependencies, {
    id: request.runId,
    userId: request.userId,
    workflow: request.workflow,
    triggerType: request.triggerType,
    mode,
    nodeIds,
    useCache: request.useCache ?? null,
    retryOf: null,
    nodes: plan.nodes.map((node) => ({
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

/** Writes a run and everything that belongs to it, whole or not at all, then wakes a worker. */
export async function insertAndEnqueue(dependencies: StartRunDependencies, run: PreparedRun): Promise<string> {
  const { workflow, id = dependencies.newId(), ...planned } = run;
  const turn = await dependencies.starts.insert(workflow, { ...planned, id, timeoutMs: dependencies.runTimeoutMs });
  if (turn === 'stale')
    throw new TerminalError('WORKFLOW_NOT_FOUND', `Workflow ${workflow.id} was deleted meanwhile. Choose another one.`);
  if (turn === 'barred') {
    throw new TerminalError('SCOPE_MISSING', 'Your account may not run anything (any more). Ask an owner.');
  }
  if (turn === 'full') throw userQueueFull(dependencies.starts.limits);
  traceRunStart(id, { 'heddle.workflow.id': workflow.id, 'heddle.run.trigger': run.triggerType });
  if (turn === 'waiting') dependencies.turns.waits(id);
  else wake(dependencies, id);
  void dependencies.notices.publish([{ kind: 'events', runId: id, workflowId: workflow.id, seq: 1 }]);
  return id;
}

/** Not awaited: the run is durable, and a request must not hang while the queue is away. */
function wake({ queue, logger }: StartRunDependencies, runId: string): void {
  queue.addRuns([runId]).catch((error: unknown) => {
    logger.warn({ runId, err: error }, 'the queue did not take a run; the sweeper will add it');
  });
}
