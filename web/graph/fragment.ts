import { z } from 'zod';
import { graphEdgeSchema, graphNodeSchema } from '../../core/graph/graph.ts';
import { absolutePosition, fromGraph, sizeOf, toGraph, type CanvasEdge, type CanvasNode } from './canvas-graph.ts';

/** A piece of a graph that can be put on a clipboard; positions are absolute unless the frame came along. */
export interface Fragment {
  readonly nodes: readonly CanvasNode[];
  readonly edges: readonly CanvasEdge[];
}

/** An exported workflow and copied nodes have the same shape, so that one can be pasted as the other. */
const fragmentSchema = z.object({
  heddle: z.enum(['nodes', 'workflow']),
  name: z.string().optional(),
  nodes: z.array(graphNodeSchema).min(1),
  edges: z.array(graphEdgeSchema),
});

/** The given nodes, what their frames hold, and the edges among them. */
export function fragmentOf(
  nodes: readonly CanvasNode[],
  edges: readonly CanvasEdge[],
  ids: ReadonlySet<string>,
): Fragment {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const isTaken = (node: CanvasNode): boolean =>
    ids.has(node.id) || (node.parentId !== undefined && ids.has(node.parentId));
  const taken = nodes.filter(isTaken);
  const takenIds = new Set(taken.map(({ id }) => id));
  return {
    nodes: taken.map((node) => {
      if (node.parentId === undefined || takenIds.has(node.parentId)) return node;
      const { parentId: _, ...free } = node;
      return { ...free, position: absolutePosition(node, byId) };
    }),
    edges: edges.filter((edge) => takenIds.has(edge.source) && takenIds.has(edge.target)),
  };
}

export function serializeFragment(fragment: Fragment): string {
  return JSON.stringify({ heddle: 'nodes', ...toGraph(fragment.nodes, fragment.edges) }, null, 2);
}

/** Reads copied nodes or an exported workflow; null where the text is something else. */
export function parseFragment(text: string): Fragment | null {
  if (!text.trimStart().startsWith('{')) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = fragmentSchema.safeParse(value);
  if (!parsed.success) return null;
  return fromGraph(parsed.data);
}

/** The fragment with new ids, its middle at `center`, everything selected. Edges to nothing are dropped. */
export function placeFragment(
  fragment: Fragment,
  center: { x: number; y: number },
  createId: () => string,
): { nodes: CanvasNode[]; edges: CanvasEdge[] } {
  const box = boundsOf(fragment.nodes.filter((node) => node.parentId === undefined));
  const shift = { x: Math.round(center.x - box.x - box.width / 2), y: Math.round(center.y - box.y - box.height / 2) };
  const ids = new Map(fragment.nodes.map((node) => [node.id, createId()]));
  const nodes = fragment.nodes.map((node) => {
    const { parentId, measured: _, ...rest } = node;
    const parent = parentId === undefined ? undefined : ids.get(parentId);
    return {
      ...rest,
      id: ids.get(node.id)!,
      data: structuredClone(node.data),
      selected: true,
      ...(parent === undefined
        ? { position: { x: node.position.x + shift.x, y: node.position.y + shift.y } }
        : { parentId: parent, position: { ...node.position } }),
    } as CanvasNode;
  });
  const edges = fragment.edges.flatMap((edge) => {
    const source = ids.get(edge.source);
    const target = ids.get(edge.target);
    return source === undefined || target === undefined
      ? []
      : [{ ...edge, id: createId(), source, target, selected: false }];
  });
  return { nodes, edges };
}

/** The smallest box around nodes; all zero for none. */
export function boundsOf(nodes: readonly CanvasNode[]): { x: number; y: number; width: number; height: number } {
  if (nodes.length === 0) return { x: 0, y: 0, width: 0, height: 0 };
  const left = Math.min(...nodes.map(({ position }) => position.x));
  const top = Math.min(...nodes.map(({ position }) => position.y));
  const right = Math.max(...nodes.map((node) => node.position.x + sizeOf(node).width));
  const bottom = Math.max(...nodes.map((node) => node.position.y + sizeOf(node).height));
  return { x: left, y: top, width: right - left, height: bottom - top };
}
