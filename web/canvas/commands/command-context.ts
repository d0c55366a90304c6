import type { ReactFlowInstance } from '@xyflow/react';
import type { WorkflowStore } from '../../store/types.ts';
import type { WorkflowStoreApi } from '../../store/workflow-store.ts';
import type { CanvasEdge, CanvasNode } from '../../graph/canvas-graph.ts';
import { indexNodes } from '../../graph/canvas-graph.ts';
import { callNodeType } from '../../graph/call-node.ts';
import type { PanelAction } from '../panels/panels.ts';

/** What commands work on, and what their titles and their being enabled depend on. */
export interface CommandContext {
  readonly store: WorkflowStoreApi;
  readonly flow: Pick<ReactFlowInstance<CanvasNode, CanvasEdge>, 'fitView' | 'zoomIn' | 'zoomOut'>;
  /** False for a look at a run, on a phone, and for roles that may not. */
  readonly canEdit: boolean;
  /** False for a look at a run and for roles that may not: a phone, and a runner, can run what they cannot change. */
  readonly canRun: boolean;
  /** The same of a part of the workflow, which takes room to choose it. */
  readonly canRunParts: boolean;
  /** Whether the run under way may be canceled. */
  readonly canCancel: boolean;
  readonly facts: WorkflowFacts;
  /** The run that is under way and can be canceled; null where none is. */
  readonly activeRun: string | null;
  readonly isSnapping: boolean;
  readonly isPaletteOpen: boolean;
  readonly isInspectorOpen: boolean;
  readonly areRunsOpen: boolean;
  readonly openPanel: (action: PanelAction) => void;
  readonly work: CommandWork;
  /** Tells a failure as a message with this title. */
  readonly report: (work: Promise<unknown>, failure: string) => void;
}

/** What takes the server, or the size of the view. */
export interface CommandWork {
  cancelRun(runId: string): Promise<unknown>;
  save(): Promise<unknown>;
  exportWorkflow(): Promise<unknown>;
  /** Puts what the selected node calls in its place. */
  unpackCall(): Promise<unknown>;
  /** The page of what starts the workflow by itself. */
  openTriggers(): void;
  /** The page of the links at which people run its app. */
  openLinks(): void;
  /** The page of its batches. */
  openBatches(): void;
  /** In the middle of the view. */
  addNote(): void;
  quickAdd(): void;
}

/** The part of the workflow that commands depend on: compared by its fields, commands are made anew only when one changes. */
export interface WorkflowFacts {
  readonly selectedCount: number;
  readonly isEdgeSelected: boolean;
  readonly isNoteSelected: boolean;
  readonly isGroupSelected: boolean;
  /** One node is selected, and it calls a workflow. */
  readonly isCallSelected: boolean;
  /** Something is selected and all of it is turned off. */
  readonly isSelectionOff: boolean;
  readonly isEmpty: boolean;
  readonly isStarting: boolean;
  /** What one step back would undo; null where there is none. */
  readonly undoLabel: string | null;
  readonly redoLabel: string | null;
}

/** Computed anew at each call, in time linear in nodes and edges. */
export function workflowFacts(state: WorkflowStore): WorkflowFacts {
  const byId = indexNodes(state.nodes);
  const selected = state.selectedNodes.flatMap((id) => byId.get(id) ?? []);
  return {
    selectedCount: state.selectedNodes.length,
    isEdgeSelected: state.edges.some((edge) => edge.selected === true),
    isNoteSelected: selected.some(({ type }) => type === 'note'),
    isGroupSelected: selected.some(({ type }) => type === 'group'),
    isCallSelected: selected.length === 1 && selected[0]!.type === callNodeType,
    isSelectionOff: selected.length > 0 && selected.every(({ data }) => data['off'] === true),
    isEmpty: state.nodes.length === 0,
    isStarting: state.isStarting,
    undoLabel: state.history.past.at(-1)?.label ?? null,
    redoLabel: state.history.future.at(-1)?.label ?? null,
  };
}

/** How a title names what is selected. */
export function selectionName({ selectedCount }: WorkflowFacts): string {
  return selectedCount === 1 ? 'this node' : 'the selection';
}
