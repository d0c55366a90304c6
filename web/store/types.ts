import type { Connection, EdgeChange, NodeChange, XYPosition } from '@xyflow/react';
import type { ApiFinding } from '../../core/api/common.ts';
import type { StartRunBody } from '../../core/api/runs.ts';
import type { Alignment } from '../graph/align.ts';
import type { WorkflowSettings } from '../../core/graph/settings.ts';
import type { CanvasEdge, CanvasNode, DrawnGraph, NodeData } from '../graph/canvas-graph.ts';
import type { Catalogue } from '../graph/catalogue.ts';
import type { Fragment } from '../graph/fragment.ts';
import type { Notify } from '../ui/notify.ts';
import type { History } from './history.ts';

/** The graph and what is selected in it. */
export interface GraphSlice {
  nodes: CanvasNode[];
  edges: CanvasEdge[];
  /** Of the workflow as a whole; undefined: none. */
  settings: WorkflowSettings | undefined;
  selectedNodes: string[];
  /** The node whose name is being typed; null while none is. */
  editedNode: string | null;
  /** Counts up with each change that is worth saving. */
  revision: number;

  /** Adds a node of a type with its defaults, selects it and returns its id. */
  addNode(type: string, position: XYPosition, data?: NodeData): string;
  /** A string field typed quickly is one step back. */
  updateNodeData(nodeId: string, data: Partial<NodeData>): void;
  /**
   * A file arrives in a node. With `cameWith`, a node that was added for a file of the same gesture, it belongs to that
   * step; else it is a step of its own.
   */
  receiveFile(nodeId: string, data: Partial<NodeData>, cameWith: string | null): void;
  deleteNode(nodeId: string): void;
  /** A node is about to grow because somebody unfolds it: what it would cover makes room, as a step of its own. */
  unfoldNode(nodeId: string): void;
  onNodesChange(changes: NodeChange<CanvasNode>[]): void;
  onEdgesChange(changes: EdgeChange<CanvasEdge>[]): void;
  /** Refuses a wrong connection in words; an input for one value lets go of its earlier edge. */
  onConnect(connection: Connection): void;
  /** Draws an edge over to other ends; it keeps its id and its place among others. Refuses as `onConnect` does. */
  onReconnect(edgeId: string, connection: Connection): void;

  deleteSelection(): void;
  deleteEdges(ids: readonly string[]): void;
  /** Whether the elements of a list go along an edge one by one, where both ways fit. */
  setEach(edgeId: string, each: boolean): void;
  selectNodes(ids: readonly string[]): void;
  moveNodes(label: string, positions: ReadonlyMap<string, XYPosition>): void;
  alignSelection(alignment: Alignment): void;
  /** Turns nodes off, or on where all of them are off. */
  toggleOff(ids: readonly string[]): void;
  /** Begins typing the name of a node (of a note: its text); null ends it. */
  editNode(id: string | null): void;
  /** Replaces everything, as one step back; settings that are not named stay. */
  replaceGraph(label: string, graph: Pick<DrawnGraph, 'nodes' | 'edges'> & Partial<Pick<DrawnGraph, 'settings'>>): void;
  changeSettings(settings: WorkflowSettings): void;
}

/** Frames around nodes, saved as nodes of the type `group`. */
export interface FrameSlice {
  groupSelection(): void;
  ungroupSelection(): void;
  /** After a move: each of these nodes belongs to the frame it lies in, or to none. */
  joinFrames(ids: readonly string[]): void;
}

/** Steps back and forth over the graph. */
export interface HistorySlice {
  history: History;
  undo(): void;
  redo(): void;
  /** Makes all changes inside `change` one step. */
  transact(label: string, change: () => void): void;
}

/** Copies of a part of the graph. */
export interface ClipboardSlice {
  /** The selection as text for a clipboard; null where nothing is selected. */
  copySelection(): string | null;
  cutSelection(): string | null;
  pasteFragment(fragment: Fragment, center: XYPosition): void;
  duplicateSelection(): void;
}

/** A finding of the server about a node, from a refused run. */
export interface NodeFinding {
  readonly code: string;
  readonly message: string;
}

/** Starting runs, and what keeps nodes from running. */
export interface ExecutionSlice {
  /** True from the click until the server has answered. */
  isStarting: boolean;
  /** What the last run was refused for, until its node is changed. */
  runFindings: Readonly<Record<string, readonly NodeFinding[]>>;
  /** What keeps nodes from running as they are, or from being saved; told with each save. */
  findings: Readonly<Record<string, readonly NodeFinding[]>>;
  setFindings(findings: readonly ApiFinding[]): void;
  /** The form with the values of the workflow's inputs is open. */
  isAsking: boolean;
  stopAsking(): void;
  /** Where the workflow has inputs to ask for, this opens their form, which runs it with them. */
  runWorkflow(): Promise<void>;
  /** Runs all of it with values by name. `takes` says whether it tells of a failure itself; else a message does. */
  runWithInputs(inputs: Readonly<Record<string, unknown>>, takes: (error: unknown) => boolean): Promise<void>;
  runSelectedNodes(): Promise<void>;
  /** `from` runs a node and everything after it, `to` a node and everything before it, `selected` just these. */
  runPart(
    mode: 'from' | 'to' | 'selected',
    nodeIds: readonly string[],
    /** Some elements of one list alone. Default: all of every list. */
    some?: Pick<StartRunBody, 'elements'>,
    /** Whether it tells of a failure itself; else a message does. */
    takes?: (error: unknown) => boolean,
  ): Promise<void>;
  /** Just these nodes; what an earlier run made of the same settings and inputs stands in, also where another time would give something else. */
  runFromCache(nodeIds: readonly string[]): Promise<void>;
}

/** Everything about one open workflow but its runs, which the run store keeps. */
export type WorkflowStore = GraphSlice & FrameSlice & HistorySlice & ClipboardSlice & ExecutionSlice;

/** What a store takes from its page; tests pass stand-ins. */
export interface WorkflowStoreDeps {
  readonly catalogue: Catalogue;
  readonly createId: () => string;
  /** Milliseconds; used to group quick changes. */
  readonly now: () => number;
  readonly notify: Notify;
  /** Saves what is unsaved, then starts a run. Throws ApiError. */
  readonly startRun: (body: StartRunBody) => Promise<void>;
}

/** Merges a partial change into the store. */
export type SetState = (change: Partial<WorkflowStore>) => void;
/** The store at this moment; ask again after each change. */
export type GetState = () => WorkflowStore;

/** Remembers the present state as one step back, unless a transaction has done so. */
export type RecordStep = (
  label: string,
  options?: { groupKey?: string; before?: { nodes: CanvasNode[]; edges: CanvasEdge[] } },
) => void;
