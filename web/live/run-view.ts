import type { NodeExecution, RunDetail, RunSummary } from '../../core/api/runs.ts';
import { runSchema, nodeExecutionSchema } from '../../core/api/runs.ts';
import type { RunEvent } from '../../core/events/run-event.ts';
import { addPiece, type TextPiece } from './streamed-text.ts';

/** What the canvas shows of one node in the run it follows. */
export interface NodeRunState {
  readonly execution: NodeExecution;
  /** 0-100; null where the executor does not say. */
  readonly percent: number | null;
  readonly message: string | null;
  /** Text streamed by the attempt that runs now, as far as it is known. */
  readonly streamed: readonly TextPiece[];
  readonly streamedAttempt: number;
}

/** One run as far as this client knows it. */
export interface RunView {
  readonly run: RunSummary;
  /** `seq` of the newest status event that is part of this view. */
  readonly seq: number;
  readonly nodes: Readonly<Record<string, NodeRunState>>;
}

/** `seq` is that of the newest status event that `detail` already includes; progress and streamed text start empty. */
export function viewOf(
  { nodeExecutions, inputs: _inputs, outputs: _outputs, ...run }: RunDetail,
  seq: number,
): RunView {
  return {
    run,
    seq,
    nodes: Object.fromEntries(nodeExecutions.map((execution) => [execution.nodeId, fresh(execution)])),
  };
}

function fresh(execution: NodeExecution): NodeRunState {
  return { execution, percent: null, message: null, streamed: [], streamedAttempt: execution.attempt };
}

/**
 * The view after some events of its run. Old and repeated events change
 * nothing; `hasGap` says that a status event is missing and the run should be
 * asked for again.
 */
export function applyEvents(view: RunView, events: readonly RunEvent[]): { view: RunView; hasGap: boolean } {
  let { run, seq } = view;
  let hasGap = false;
  const changes: Record<string, NodeRunState> = {};
  const stateOf = (nodeId: string): NodeRunState | undefined => changes[nodeId] ?? view.nodes[nodeId];

  for (const event of events) {
    if (event.runId !== run.id) continue;
    switch (event.type) {
      case 'run.updated':
      case 'node.updated': {
        if (event.seq <= seq) break;
        if (event.seq > seq + 1) hasGap = true;
        seq = event.seq;
        if (event.type === 'run.updated') run = runSchema.parse(event);
        else changes[event.nodeId] = afterUpdate(stateOf(event.nodeId), nodeExecutionSchema.parse(event));
        break;
      }
      case 'node.progress': {
        const state = stateOf(event.nodeId);
        // A node that waits for its provider is told how far that is.
        const mayTell = state?.execution.status === 'RUNNING' || state?.execution.status === 'WAITING';
        if (state !== undefined && mayTell && event.attempt === state.execution.attempt) {
          changes[event.nodeId] = { ...state, percent: event.percent, message: event.message };
        }
        break;
      }
      case 'node.delta': {
        const state = stateOf(event.nodeId);
        if (state !== undefined && event.attempt >= state.execution.attempt) {
          changes[event.nodeId] = afterDelta(state, event);
        }
        break;
      }
    }
  }
  const isSame = run === view.run && Object.keys(changes).length === 0 && seq === view.seq;
  return { view: isSame ? view : { run, seq, nodes: { ...view.nodes, ...changes } }, hasGap };
}

function afterUpdate(state: NodeRunState | undefined, execution: NodeExecution): NodeRunState {
  if (state === undefined || state.execution.attempt !== execution.attempt) return fresh(execution);
  if (execution.status === 'RUNNING') return { ...state, execution };
  return { ...state, execution, percent: null, message: null };
}

function afterDelta(state: NodeRunState, { attempt, offset, text }: TextPiece & { attempt: number }): NodeRunState {
  const known = attempt === state.streamedAttempt ? state.streamed : [];
  return { ...state, streamed: addPiece(known, { offset, text }), streamedAttempt: attempt };
}
