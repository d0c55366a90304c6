import type { Node } from '@xyflow/react';
import type { ToastOptions } from '../ui/notify.ts';
import { countOf } from '../ui/format.ts';

/** Not canvas-graph's, which mends with what stands here. */
type CanvasNode = Node<Record<string, unknown>>;

/** The nodes with parents that hold, and how many had to leave one that does not. */
export interface Mended {
  readonly nodes: CanvasNode[];
  readonly mended: number;
}

/**
 * A node lies on the canvas, or in a frame that lies on the canvas. Where a
 * graph says otherwise (a parent that is not there or is no frame, frames in
 * frames, frames in a circle), its nodes are freed where they are seen.
 */
export function mendParents(nodes: readonly CanvasNode[]): Mended {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  let mended = 0;
  const whole = nodes.map((node): CanvasNode => {
    const parentId: unknown = node.parentId;
    if (parentId === undefined) return node;
    const { parentId: _, ...free } = node;
    // Absent in all but name: what other programs write.
    if (parentId === null || parentId === '') return free;
    const parent = byId.get(String(parentId));
    // A frame that is freed itself is still where it was seen.
    if (parent?.type === 'group' && node.type !== 'group') return node;
    mended += 1;
    return { ...free, position: placeOf(node, byId) };
  });
  return { nodes: whole, mended };
}

/** Where a node is seen; a circle of parents is left where it closes. */
function placeOf(node: CanvasNode, byId: ReadonlyMap<string, CanvasNode>): { x: number; y: number } {
  let { x, y } = node.position;
  const seen = new Set([node]);
  for (
    let parent = byId.get(String(node.parentId));
    parent !== undefined && !seen.has(parent);
    parent = byId.get(String(parent.parentId))
  ) {
    seen.add(parent);
    x += parent.position.x;
    y += parent.position.y;
  }
  return { x, y };
}

/** What is said of it. */
export function mendedNotice(mended: number): ToastOptions {
  return {
    title: `${countOf(mended, 'node')} taken out of ${mended === 1 ? 'its group' : 'their groups'}`,
    description: 'Their groups were nested or missing. Nothing has moved.',
  };
}
