import type pg from 'pg';
import type { Logger } from '../../core/node-type/executor.ts';
import { TerminalError } from '../../core/errors/app-error.ts';
import { FindingsError } from '../../core/errors/findings-error.ts';
import type { RunMode, TriggerType } from '../../core/run/status.ts';
import type { NewNodeExecution } from '../../db/runs/start.ts';
import type { NoticeChannel } from '../../queue/notice-channel.ts';
import type { RunTurns } from './run-turns.ts';
import { traceRunStart } from '../tracing.ts';
import type { RunQueue } from '../../queue/run-queue.ts';
import { planRequest, type PlanningRules, type RunScope, type StartedWorkflow } from './plan-request.ts';
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
  readonly workflow: StartedWorkflow;
  /** Undefined: earlier results stand in for deterministic nodes only. */
  readonly useCache?: boolean | undefined;
  /** Who or what starts it, as the door says that it came in by. */
  readonly triggerType: Exclude<TriggerType, 'RETRY'>;
  /** The id of the run; where there is one with this id already, it is that one. Default: a new id. */
  readonly runId?: string | undefined;
}

/** What one run of a planned graph is made of. */
export interface PreparedRun {
  /** Default: a new id. */
  readonly runId: string | undefined;
  readonly userId: string;
  readonly workflow: StartedWorkflow;
  readonly triggerType: TriggerType;
  readonly mode: RunMode;
  readonly nodeIds: readonly string[] | null;
  readonly useCache: boolean | null;
  readonly retryOf: string | null;
  readonly nodes: readonly NewNodeExecution[];
}

/** See `RunStarter.start`; nothing is asked of guards here. */
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
    runId: request.runId,
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
  const { workflow, runId = dependencies.newId(), ...planned } = run;
  const turn = await dependencies.starts.insert(workflow, { ...planned, runId, timeoutMs: dependencies.runTimeoutMs });
  if (turn === 'stale')
    throw new TerminalError('WORKFLOW_NOT_FOUND', `Workflow ${workflow.id} was deleted meanwhile. Choose another one.`);
  if (turn === 'barred') {
    throw new TerminalError('SCOPE_MISSING', 'Your account may not run anything (any more). Ask an owner.');
  }
  if (turn === 'full') throw userQueueFull(dependencies.starts.limits);
  traceRunStart(runId, { 'heddle.workflow.id': workflow.id, 'heddle.run.trigger': run.triggerType });
  if (turn === 'waiting') dependencies.turns.waits(runId);
  else wake(dependencies, runId);
  void dependencies.notices.publish([{ kind: 'events', runId, workflowId: workflow.id, seq: 1 }]);
  return runId;
}

/** Not awaited: the run is durable, and a request must not hang while the queue is away. */
function wake({ queue, logger }: StartRunDependencies, runId: string): void {
  queue.addRuns([runId]).catch((error: unknown) => {
    logger.warn({ runId, err: error }, 'the queue did not take a run; the sweeper will add it');
  });
}
