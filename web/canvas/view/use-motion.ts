import { useMemo } from 'react';
import { indexNodes, type CanvasNode } from '../../graph/canvas-graph.ts';
import { useWorkflow, useWorkflowUnless } from '../environment.ts';

/** Tells nodes that are being dragged from those that lie still. */
export interface Motion {
  /** All nodes; the same list as long as nothing happens but a drag. Where the dragged ones are, it does not know. */
  readonly settled: readonly CanvasNode[];
  /** All nodes as they are now. */
  readonly nodes: readonly CanvasNode[];
  /** Ids of those that are being dragged, by themselves or with their frame; the same set during a drag. */
  readonly moving: ReadonlySet<string>;
}

/** The nodes, so that what lies still needs no second look while others are dragged. */
export function useMotion(): Motion {
  const settled = useWorkflowUnless((state) => state.nodes, isOnlyDragged);
  const nodes = useWorkflow((state) => state.nodes);
  const movingIds = JSON.stringify(idsInMotion(nodes));
  const moving = useMemo(() => new Set<string>(JSON.parse(movingIds) as string[]), [movingIds]);
  return { settled, nodes, moving };
}

function idsInMotion(nodes: readonly CanvasNode[]): string[] {
  const byId = indexNodes(nodes);
  const isDragged = (id: string | undefined) => id !== undefined && byId.get(id)?.dragging === true;
  return nodes.filter(({ id, parentId }) => isDragged(id) || isDragged(parentId)).map(({ id }) => id);
}

function isOnlyDragged(before: readonly CanvasNode[], after: readonly CanvasNode[]): boolean {
  if (before.length !== after.length) return false;
  return before.every((node, index) => {
    const now = after[index]!;
    return node === now || (node.id === now.id && node.dragging === true && now.dragging === true);
  });
}
