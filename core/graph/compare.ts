import { canonicalJson } from './canonical-json.ts';
import type { Graph, GraphEdge, GraphNode } from './graph.ts';

/** What became of a node or an edge from one graph to another. A node that was changed may have been moved as well. */
export type Change = 'added' | 'removed' | 'changed' | 'moved' | 'same';

/** A field of a node whose value differs; undefined where there is none. */
export interface FieldChange {
  readonly name: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** How a node differs between two graphs. */
export interface NodeChange {
  readonly id: string;
  readonly change: Change;
  /** Null where it was added. */
  readonly before: GraphNode | null;
  /** Null where it was removed. */
  readonly after: GraphNode | null;
  /** Of a changed one: fields of its data, and `type` where that differs; in the order of the alphabet. */
  readonly fields: readonly FieldChange[];
  /** It stands elsewhere, or in another size or frame. */
  readonly isMoved: boolean;
}

/** An edge that only one of two graphs has. */
export interface EdgeChange {
  readonly change: 'added' | 'removed' | 'same';
  readonly edge: GraphEdge;
}

/** All that differs between two graphs. */
export interface GraphComparison {
  /** Those of the later graph in its order, then those that were removed. */
  readonly nodes: readonly NodeChange[];
  /** Edges are told apart by their ends, not by their ids. */
  readonly edges: readonly EdgeChange[];
  /** Settings of the workflow as a whole whose value differs, in the order of the alphabet. */
  readonly settings: readonly FieldChange[];
}

/** What differs between two graphs. Nodes are the same by their id. Linear in nodes and edges. */
export function compareGraphs(before: Graph, after: Graph): GraphComparison {
  const earlier = new Map(before.nodes.map((node) => [node.id, node]));
  const later = new Set(after.nodes.map(({ id }) => id));
  const nodes = [
    ...after.nodes.map((node) => compareNodes(earlier.get(node.id) ?? null, node)),
    ...before.nodes.filter(({ id }) => !later.has(id)).map((node) => compareNodes(node, null)),
  ];
  const edgesBefore = new Set(before.edges.map(endsOf));
  const edgesAfter = new Set(after.edges.map(endsOf));
  const edges = [
    ...after.edges.map((edge): EdgeChange => ({ edge, change: edgesBefore.has(endsOf(edge)) ? 'same' : 'added' })),
    ...before.edges
      .filter((edge) => !edgesAfter.has(endsOf(edge)))
      .map((edge): EdgeChange => ({ edge, change: 'removed' })),
  ];
  return { nodes, edges, settings: compareFields(before.settings ?? {}, after.settings ?? {}) };
}

function compareNodes(before: GraphNode | null, after: GraphNode | null): NodeChange {
  const { id } = (after ?? before)!;
  if (before === null || after === null) {
    return { id, change: before === null ? 'added' : 'removed', before, after, fields: [], isMoved: false };
  }
  const fields = compareFields(before.data, after.data);
  const all =
    before.type === after.type ? fields : [{ name: 'type', before: before.type, after: after.type }, ...fields];
  const isMoved = placeOf(before) !== placeOf(after);
  return { id, change: all.length > 0 ? 'changed' : isMoved ? 'moved' : 'same', before, after, fields: all, isMoved };
}

function compareFields(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): FieldChange[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .toSorted()
    .map((name) => ({ name, before: before[name], after: after[name] }))
    .filter(({ before: one, after: other }) => textOf(one) !== textOf(other));
}

/** No value at all is another one than null. */
function textOf(value: unknown): string {
  return value === undefined ? '' : canonicalJson(value);
}

/** Pixels; what is smaller comes from drawing. */
function placeOf({ position, ...node }: GraphNode): string {
  const { parentId, width, height } = node as { parentId?: unknown; width?: unknown; height?: unknown };
  const round = (value: unknown) => (typeof value === 'number' ? Math.round(value) : null);
  return canonicalJson([round(position.x), round(position.y), parentId ?? null, round(width), round(height)]);
}

function endsOf({ source, sourceHandle, target, targetHandle }: GraphEdge): string {
  return JSON.stringify([source, sourceHandle ?? null, target, targetHandle ?? null]);
}
