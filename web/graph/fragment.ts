import { absolutePosition, sizeOf, toGraph, type CanvasEdge, type CanvasNode } from './canvas-graph.ts';

/** A piece of a graph that can be put on a clipboard; positions are absolute unless the frame came along. */
export interface Fragment {
  readonly nodes: readonly CanvasNode[];
  readonly edges: readonly CanvasEdge[];
  /** Nodes that were in frames that do not hold together; default 0. */
  readonly mended?: number;
}

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

/** JSON for the clipboard, marked `"heddle": "nodes"`; `readPaste` reads it. */
export function serializeFragment(fragment: Fragment): string {
  return JSON.stringify({ heddle: 'nodes', ...toGraph(fragment.nodes, fragment.edges) }, null, 2);
}

/**
 * The fragment with new ids, its middle at `center`, everything selected. Edges
 * to nothing are dropped; where nodes share an id, edges mean the first.
 */
export function placeFragment(
  fragment: Fragment,
  center: { x: number; y: number },
  createId: () => string,
): { nodes: CanvasNode[]; edges: CanvasEdge[] } {
  const box = boundsOf(fragment.nodes.filter((node) => node.parentId === undefined));
  const shift = { x: Math.round(center.x - box.x - box.width / 2), y: Math.round(center.y - box.y - box.height / 2) };
  const newIds = fragment.nodes.map(() => createId());
  const ids = new Map(fragment.nodes.map((node, index) => [node.id, newIds[index]!] as const).toReversed());
  const nodes = fragment.nodes.map((node, index) => {
    const { parentId, measured: _, ...rest } = node;
    const parent = parentId === undefined ? undefined : ids.get(parentId);
    return {
      ...rest,
      id: newIds[index]!,
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
