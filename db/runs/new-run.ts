import type { NodeExecution, RunRecord } from '../../core/api/runs.ts';
import type { PlannedNode } from '../../core/graph/plan.ts';
import { skipReasonOf, type NodeExecutionStatus, type RunMode, type TriggerType } from '../../core/run/status.ts';
import { storedListsIn } from '../../core/node-type/values.ts';
import type { SettledOutput } from '../settled-output.ts';
import { edgeStatesOf } from '../run-rows.ts';

/** A run as it is planned, with all of its node executions, before it is inserted. */
export interface NewRun {
  readonly id: string;
  readonly workflowId: number;
  readonly workflowVersionId: string;
  /** The revision of the workflow that was planned; null: whatever it is at. */
  readonly revision: number | null;
  /** Number of the published version that the graph is of. Default null: of a draft. */
  readonly publishedVersion?: number | null;
  /** It is refused where another version is live by now; of a draft, where any is. Default false. */
  readonly mustBeLive?: boolean;
  readonly userId: string;
  /** Who starts it. Default null: the owner. */
  readonly actorId?: string | null;
  readonly triggerType: TriggerType;
  readonly mode: RunMode;
  readonly nodeIds: readonly string[] | null;
  readonly useCache: boolean | null;
  readonly retryOf: string | null;
  /** Milliseconds from the run's turn until it is ended as FAILED. */
  readonly timeoutMs: number;
  readonly nodes: readonly NewNodeExecution[];
  /** Lists in files that it holds from the beginning, beside those of outputs that stand in. Default: none. */
  readonly lists?: readonly string[] | undefined;
}

/** One of its nodes: executed, settled by an earlier output, or skipped. */
export interface NewNodeExecution extends PlannedNode {
  readonly id: string;
  /** What stands in for an execution; set exactly where `action` is `reuse`. */
  readonly reused: SettledOutput | null;
}

/** A run and the JSON of its row: written once, before it is known with which others it goes. */
export interface NewRunRow {
  readonly run: NewRun;
  readonly json: string;
}

/** The row of a run, made once however often it is tried to insert it. */
export function newRunRow(run: NewRun): NewRunRow {
  const lists = new Set([
    ...(run.lists ?? []),
    ...run.nodes.flatMap(({ reused }) => Object.values(reused?.outputs ?? {}).flatMap(storedListsIn)),
  ]);
  const json = JSON.stringify({
    ...run,
    // Missing in most.
    lists: lists.size === 0 ? undefined : [...lists],
    unfinished: run.nodes.filter(({ action }) => action === 'run').length,
    nodes: run.nodes.map(({ reused, edges, ...node }, rank) => ({
      ...node,
      inputs: reused?.inputs ?? null,
      outputs: reused?.outputs ?? null,
      ...settledFields(node.action, reused),
      ...(edges === undefined ? {} : { edges: { rank, in: edges } }),
    })),
  });
  return { run, json };
}

/** Of a node that is over before the run begins, in another way than with an output that is reused. */
function settledFields(action: PlannedNode['action'], reused: SettledOutput | null): object {
  if (action === 'skip') return { settled: 'SKIPPED' };
  if (reused === null || reused.status === 'COMPLETED') return {};
  return { settled: reused.status, error: reused.error, code: reused.errorCode };
}

/** A run that was just inserted, as findRunDetail would give it: nothing has happened to it yet. */
export function newRunDetail(run: NewRun, by: { readonly createdAt: Date; readonly startedBy: string }): RunRecord {
  const createdAt = by.createdAt.toISOString();
  return {
    id: run.id,
    workflowId: run.workflowId,
    workflowVersionId: run.workflowVersionId,
    workflowVersion: run.publishedVersion ?? null,
    triggerType: run.triggerType,
    mode: run.mode,
    nodeIds: run.nodeIds === null ? null : [...run.nodeIds],
    status: 'PENDING',
    error: null,
    createdAt,
    startedAt: null,
    finishedAt: null,
    seq: 1,
    retryOf: run.retryOf,
    startedBy: by.startedBy,
    workspaceId: run.userId,
    handledFailures: 0,
    nodeExecutions: run.nodes.map((node) => newNodeExecution(run.id, node, createdAt)),
  };
}

function newNodeExecution(runId: string, node: NewNodeExecution, createdAt: string): NodeExecution {
  const { id, nodeId, nodeType, nodeLabel, reused, action, edges } = node;
  const status: NodeExecutionStatus = action === 'skip' ? 'SKIPPED' : (reused?.status ?? 'PENDING');
  const errorCode = reused?.errorCode ?? null;
  return {
    id,
    runId,
    nodeId,
    nodeType,
    nodeLabel,
    status,
    cached: status === 'COMPLETED',
    attempt: 1,
    inputData: (reused?.inputs as Record<string, unknown> | null | undefined) ?? null,
    outputData: reused?.outputs ?? null,
    error: reused?.error ?? null,
    errorCode,
    queuedAt: null,
    startedAt: null,
    finishedAt: status === 'PENDING' ? null : createdAt,
    duration: null,
    workerId: null,
    usage: null,
    skipReason: skipReasonOf(status, errorCode),
    parts: null,
    partId: null,
    edges: edgeStatesOf(edges === undefined ? null : { rank: 0, in: edges }),
  };
}
