import type { NodeExecution, RunDetail } from '../../core/api/runs.ts';
import type { PlannedNode } from '../../core/graph/plan.ts';
import type { NodeOutputs } from '../../core/node-type/values.ts';
import type { RunMode, TriggerType } from '../../core/run/status.ts';

export interface NewRun {
  readonly id: string;
  readonly workflowId: number;
  readonly workflowVersionId: string;
  /** The revision of the workflow that was planned; null: whatever it is at. */
  readonly revision: number | null;
  readonly userId: string;
  readonly triggerType: TriggerType;
  readonly mode: RunMode;
  readonly nodeIds: readonly string[] | null;
  readonly useCache: boolean | null;
  readonly retryOf: string | null;
  /** Milliseconds from the run's turn until it is ended as FAILED. */
  readonly timeoutMs: number;
  readonly nodes: readonly NewNodeExecution[];
}

export interface NewNodeExecution extends PlannedNode {
  readonly id: string;
  /** What stands in for an execution; set exactly where `action` is `reuse`. */
  readonly reused: { readonly inputs: object | null; readonly outputs: NodeOutputs } | null;
}

/** A run and the JSON of its row: written once, before it is known with which others it goes. */
export interface NewRunRow {
  readonly run: NewRun;
  readonly json: string;
}

export function newRunRow(run: NewRun): NewRunRow {
  const json = JSON.stringify({
    ...run,
    unfinished: run.nodes.filter((node) => node.reused === null).length,
    nodes: run.nodes.map(({ reused, ...node }) => ({
      ...node,
      inputs: reused?.inputs ?? null,
      outputs: reused?.outputs ?? null,
    })),
  });
  return { run, json };
}

/** A run that was just inserted, as findRunDetail would give it: nothing has happened to it yet. */
export function newRunDetail(run: NewRun, by: { readonly createdAt: Date; readonly startedBy: string }): RunDetail {
  const createdAt = by.createdAt.toISOString();
  return {
    id: run.id,
    workflowId: run.workflowId,
    workflowVersionId: run.workflowVersionId,
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
    nodeExecutions: run.nodes.map((node) => newNodeExecution(run.id, node, createdAt)),
  };
}

function newNodeExecution(runId: string, node: NewNodeExecution, createdAt: string): NodeExecution {
  const { id, nodeId, nodeType, nodeLabel, reused } = node;
  return {
    id,
    runId,
    nodeId,
    nodeType,
    nodeLabel,
    status: reused === null ? 'PENDING' : 'COMPLETED',
    cached: reused !== null,
    attempt: 1,
    inputData: reused === null ? null : (reused.inputs as Record<string, unknown> | null),
    outputData: reused === null ? null : reused.outputs,
    error: null,
    errorCode: null,
    queuedAt: null,
    startedAt: null,
    finishedAt: reused === null ? null : createdAt,
    duration: null,
    workerId: null,
    usage: null,
  };
}
