import { indexEdges, sizeOf, type CanvasEdge, type CanvasNode } from './canvas-graph.ts';

/** What is moved keeps this much room above it, in pixels of the canvas, or what it had where that was less. */
const keptGap = 48;
/** Room that a frame keeps below what it holds. */
const framePadding = 24;

/** A line of the canvas from top to bottom, in the coordinates of the nodes that lie beside each other in one frame. */
interface Grown {
  readonly id: string;
  /** Where it ended before, and where it ends now. */
  readonly from: number;
  readonly to: number;
}

/**
 * The nodes after one of them has grown from `before` to the height that it has now: what lay below it and would be covered
 * is moved down, and so is what lies below that; a frame around them becomes as high as it has to be. Returns the same list
 * where nothing is in the way.
 */
export function makeRoom(nodes: CanvasNode[], id: string, before: number): CanvasNode[] {
  const changed = new Map<string, CanvasNode>();
  const now = (node: CanvasNode) => changed.get(node.id) ?? node;
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const grown = byId.get(id);
  if (grown === undefined) return nodes;
  const queue: Grown[] = [bottomsOf(grown, before)];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const above = byId.get(next.id)!;
    const beside = nodes.filter((node) => node.parentId === above.parentId && node.id !== above.id);
    for (const node of beside) {
      const { y } = now(node).position;
      const gap = node.position.y - next.from;
      // What overlapped before lies as somebody wants it.
      if (gap < 0 || !sharesColumn(above, node)) continue;
      const wanted = next.to + Math.min(gap, keptGap);
      if (y >= wanted) continue;
      changed.set(node.id, { ...node, position: { x: node.position.x, y: wanted } });
      const { height } = sizeOf(node);
      queue.push({ id: node.id, from: node.position.y + height, to: wanted + height });
    }
    const frame = above.parentId === undefined ? undefined : byId.get(above.parentId);
    if (frame === undefined) continue;
    const { height } = sizeOf(now(frame));
    const needed = next.to + framePadding;
    // What stood over the edge of its frame before does so still.
    if (needed <= height || next.from > sizeOf(frame).height) continue;
    changed.set(frame.id, { ...now(frame), ...withHeight(frame, needed) });
    queue.push({ id: frame.id, from: frame.position.y + sizeOf(frame).height, to: now(frame).position.y + needed });
  }
  return changed.size === 0 ? nodes : nodes.map(now);
}

function bottomsOf(node: CanvasNode, before: number): Grown {
  const { y } = node.position;
  return { id: node.id, from: y + before, to: y + sizeOf(node).height };
}

function sharesColumn(a: CanvasNode, b: CanvasNode): boolean {
  return a.position.x < b.position.x + sizeOf(b).width && b.position.x < a.position.x + sizeOf(a).width;
}

/** A frame that was measured is as high as that; both are kept in step until it is measured again. */
function withHeight({ measured }: CanvasNode, height: number): Partial<CanvasNode> {
  return { height, ...(measured !== undefined && { measured: { ...measured, height } }) };
}

interface Drawn {
  readonly nodes: readonly CanvasNode[];
  readonly edges: readonly CanvasEdge[];
}

/**
 * The nodes that a step has changed the content of, and those that an edge leads to from there: what they look like may have
 * to do with it.
 */
export function touchedBetween(before: Drawn, after: Drawn): ReadonlySet<string> {
  const data = new Map(before.nodes.map((node) => [node.id, node.data]));
  const seeds = after.nodes.filter((node) => data.has(node.id) && data.get(node.id) !== node.data).map(({ id }) => id);
  const [old, present] = [keysOf(before.edges), keysOf(after.edges)];
  for (const [key, { target }] of [...old, ...present]) if (!old.has(key) || !present.has(key)) seeds.push(target);
  const touched = new Set(seeds);
  const { outgoing } = indexEdges(after.edges);
  for (const id of touched) for (const { target } of outgoing.get(id) ?? []) touched.add(target);
  return touched;
}

/** Edges by all that matters of them: which ends, and how a list goes along. */
function keysOf(edges: readonly CanvasEdge[]): ReadonlyMap<string, CanvasEdge> {
  return new Map(
    edges.map((edge) => [
      JSON.stringify([edge.source, edge.sourceHandle, edge.target, edge.targetHandle, edge.data?.['each']]),
      edge,
    ]),
  );
}
