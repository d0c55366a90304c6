import type { Edge, Node } from '@xyflow/react';
import { currentData } from '../../core/graph/config.ts';
import type { Graph } from '../../core/graph/graph.ts';
import type { WorkflowSettings } from '../../core/graph/settings.ts';
import { canvasCatalogue } from '../../nodes/canvas-definitions.ts';
import { heightToCome } from './node-height.ts';
import { nodeWidth } from './node-size.ts';
import { mendParents } from './mend-parents.ts';

/** Unchecked: what the user has typed so far, valid or not. */
export type NodeData = Record<string, unknown>;
/** A node as React Flow keeps it. `position` is relative to its frame where it has one. */
export type CanvasNode = Node<NodeData>;
/** An edge as React Flow keeps it; the ids of its handles may be missing or null. */
export type CanvasEdge = Edge;

/** What React Flow adds while it draws; none of it belongs into a saved workflow. */
const passingNodeKeys = ['measured', 'selected', 'dragging', 'resizing'] as const;

/** A graph as it is drawn. `settings`: those of the workflow as a whole; undefined: none. */
export interface DrawnGraph {
  nodes: CanvasNode[];
  edges: CanvasEdge[];
  settings: WorkflowSettings | undefined;
}

/** The saved form of what is on the canvas. */
export function toGraph(
  nodes: readonly CanvasNode[],
  edges: readonly CanvasEdge[],
  settings?: WorkflowSettings,
): Graph {
  return {
    ...(settings !== undefined && { settings }),
    nodes: nodes.map((node) => {
      const saved: Record<string, unknown> = { ...node };
      for (const key of passingNodeKeys) delete saved[key];
      return saved as Graph['nodes'][number];
    }),
    edges: edges.map(keptOf),
  };
}

/** What is saved of an edge: its ends, and how a list goes along it. */
function keptOf({ id, source, sourceHandle, target, targetHandle, data }: CanvasEdge | Graph['edges'][number]) {
  const each = typeof data === 'object' && data !== null && 'each' in data ? data.each : undefined;
  return {
    id,
    source,
    sourceHandle: sourceHandle ?? null,
    target,
    targetHandle: targetHandle ?? null,
    ...(typeof each === 'boolean' && { data: { each } }),
  };
}

/** What the canvas draws for a saved graph. Frames come first: React Flow wants parents before children. */
export function fromGraph(graph: Graph): DrawnGraph & { mended: number } {
  const { nodes, mended } = mendParents(graph.nodes.map(drawable));
  return {
    mended,
    settings: graph.settings,
    nodes: parentsFirst(nodes),
    edges: graph.edges.map(keptOf),
  };
}

/** Keys that React Flow reads, and what it can read there; a graph may come from anywhere. */
const drawnKeys: Readonly<Record<string, (value: unknown) => boolean>> = {
  width: isLength,
  height: isLength,
  initialWidth: isLength,
  initialHeight: isLength,
  zIndex: Number.isFinite,
  style: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  className: (value) => typeof value === 'string',
  // Attributes and handles are what the node is drawn with here; it lies within its frame by where it is.
  domAttributes: () => false,
  handles: () => false,
  extent: () => false,
  expandParent: () => false,
  origin: () => false,
};

function isLength(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value > 0;
}

/** A node of a graph as it can be drawn: without keys whose values would break React Flow. */
function drawable(node: Graph['nodes'][number]): CanvasNode {
  const entries = Object.entries(node).filter(([key, value]) => {
    if ((passingNodeKeys as readonly string[]).includes(key)) return false;
    return !Object.hasOwn(drawnKeys, key) || drawnKeys[key]!(value);
  });
  const definition = canvasCatalogue.get(node.type);
  if (definition === undefined || (node.typeVersion ?? 1) >= definition.version) {
    return { ...Object.fromEntries(entries), data: { ...node.data } } as CanvasNode;
  }
  // What an earlier version wrote is edited, and saved, as the newest one has it.
  const data = { ...currentData(definition, node) };
  return { ...Object.fromEntries(entries), typeVersion: definition.version, data } as unknown as CanvasNode;
}

/** Frames first, as React Flow requires; otherwise the order is kept. */
export function parentsFirst(nodes: readonly CanvasNode[]): CanvasNode[] {
  const isFrame = (node: CanvasNode) => node.type === 'group';
  return [...nodes.filter(isFrame), ...nodes.filter((node) => !isFrame(node))];
}

/** Position on the canvas, also for a node inside a frame. */
export function absolutePosition(node: CanvasNode, byId: ReadonlyMap<string, CanvasNode>): { x: number; y: number } {
  const parent = node.parentId === undefined ? undefined : byId.get(node.parentId);
  if (parent === undefined) return node.position;
  const origin = absolutePosition(parent, byId);
  return { x: origin.x + node.position.x, y: origin.y + node.position.y };
}

/** The size a node has, or is expected to have before it was drawn once. */
export function sizeOf(node: CanvasNode): { width: number; height: number } {
  return {
    width: node.measured?.width ?? node.width ?? nodeWidth,
    height: node.measured?.height ?? node.height ?? heightToCome(node.type ?? '', node.data),
  };
}

/** Edges by node, built once for each edge list. */
export interface EdgeIndex {
  /** Edges into a node, by input handle, in edge order. */
  readonly incoming: ReadonlyMap<string, ReadonlyMap<string, readonly CanvasEdge[]>>;
  readonly outgoing: ReadonlyMap<string, readonly CanvasEdge[]>;
}

const indexes = new WeakMap<readonly CanvasEdge[], EdgeIndex>();

/** Remembered for each edge list, so calling it again with the same list is cheap. The list must not be mutated. */
export function indexEdges(edges: readonly CanvasEdge[]): EdgeIndex {
  const known = indexes.get(edges);
  if (known !== undefined) return known;
  const incoming = new Map<string, Map<string, CanvasEdge[]>>();
  const outgoing = new Map<string, CanvasEdge[]>();
  for (const edge of edges) {
    const handles = incoming.get(edge.target) ?? new Map<string, CanvasEdge[]>();
    incoming.set(edge.target, handles);
    const handle = edge.targetHandle ?? '';
    handles.set(handle, [...(handles.get(handle) ?? []), edge]);
    outgoing.set(edge.source, [...(outgoing.get(edge.source) ?? []), edge]);
  }
  const index = { incoming, outgoing };
  indexes.set(edges, index);
  return index;
}

const nodesById = new WeakMap<readonly CanvasNode[], ReadonlyMap<string, CanvasNode>>();

/** Nodes by id, built once for each node list: hundreds of edges look their ends up on every change. */
export function indexNodes(nodes: readonly CanvasNode[]): ReadonlyMap<string, CanvasNode> {
  const known = nodesById.get(nodes);
  if (known !== undefined) return known;
  const index = new Map(nodes.map((node) => [node.id, node]));
  nodesById.set(nodes, index);
  return index;
}

/** Whether two nodes differ in nothing but where they are and how they are drawn. */
export function isSameContent(before: CanvasNode | undefined, after: CanvasNode | undefined): boolean {
  return before?.id === after?.id && before?.type === after?.type && before?.data === after?.data;
}

/** What a node is called: its label, else the title of its type. */
export function nameOf(node: CanvasNode, typeTitle: string | undefined): string {
  const label = node.data['label'];
  return typeof label === 'string' && label.trim() !== '' ? label : (typeTitle ?? node.type ?? 'Node');
}
