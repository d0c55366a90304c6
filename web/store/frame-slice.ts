import { absolutePosition, parentsFirst, sizeOf, type CanvasNode } from '../graph/canvas-graph.ts';
import { boundsOf } from '../graph/fragment.ts';
import { countOf } from '../ui/format.ts';
import { deselected } from './graph-slice.ts';
import type { FrameSlice, GetState, RecordStep, SetState, WorkflowStoreDeps } from './types.ts';

/** Room between a frame and what it holds; the top is larger for its title. */
const framePadding = { side: 24, top: 48 };

/** Frames around nodes: making them, taking them away, moving nodes in and out. */
export function createFrameSlice(
  set: SetState,
  get: GetState,
  deps: WorkflowStoreDeps,
  record: RecordStep,
): FrameSlice {
  const changed = (nodes: CanvasNode[], selectedNodes = get().selectedNodes) =>
    set({ nodes, selectedNodes, revision: get().revision + 1 });

  return {
    groupSelection: () => {
      const { nodes } = get();
      const chosen = nodes.filter((node) => node.selected && node.type !== 'group' && node.parentId === undefined);
      if (chosen.length === 0) return;
      const box = boundsOf(chosen);
      const origin = { x: box.x - framePadding.side, y: box.y - framePadding.top };
      const frame: CanvasNode = {
        id: deps.createId(),
        type: 'group',
        position: origin,
        width: box.width + framePadding.side * 2,
        height: box.height + framePadding.top + framePadding.side,
        data: { label: 'Group' },
        selected: true,
      };
      const ids = new Set(chosen.map(({ id }) => id));
      record(`Group ${countOf(chosen.length, 'node')}`);
      changed(
        parentsFirst([
          frame,
          ...nodes.map((node) =>
            ids.has(node.id)
              ? {
                  ...node,
                  parentId: frame.id,
                  position: { x: node.position.x - origin.x, y: node.position.y - origin.y },
                  selected: false,
                }
              : deselected(node),
          ),
        ]),
        [frame.id],
      );
    },

    ungroupSelection: () => {
      const { nodes } = get();
      const byId = new Map(nodes.map((node) => [node.id, node]));
      const frames = new Set(nodes.filter((node) => node.selected && node.type === 'group').map(({ id }) => id));
      if (frames.size === 0) return;
      record('Ungroup');
      const freed = nodes.flatMap((node): CanvasNode[] => {
        if (frames.has(node.id)) return [];
        if (node.parentId === undefined || !frames.has(node.parentId)) return [deselected(node)];
        const { parentId: _, ...free } = node;
        return [{ ...free, position: absolutePosition(node, byId), selected: true }];
      });
      changed(
        freed,
        freed.filter(({ selected }) => selected).map(({ id }) => id),
      );
    },

    joinFrames: (ids) => {
      const { nodes } = get();
      const byId = new Map(nodes.map((node) => [node.id, node]));
      const moved = new Set(ids);
      const frames = nodes.filter(({ id, type }) => type === 'group' && !moved.has(id));
      let isChanged = false;
      const next = nodes.map((node): CanvasNode => {
        if (!moved.has(node.id) || node.type === 'group') return node;
        // What moves with its frame stays in it.
        if (node.parentId !== undefined && moved.has(node.parentId)) return node;
        const at = absolutePosition(node, byId);
        const frame = frames.find((candidate) => holds(candidate, at, sizeOf(node)));
        if (frame?.id === node.parentId) return node;
        isChanged = true;
        const { parentId: _, ...free } = node;
        if (frame === undefined) return { ...free, position: at };
        return {
          ...free,
          parentId: frame.id,
          position: { x: at.x - frame.position.x, y: at.y - frame.position.y },
        };
      });
      // Part of the move that ended just now, which is one step back already.
      if (isChanged) changed(parentsFirst(next));
    },
  };
}

/** Whether the middle of a node lies inside a frame. */
function holds(frame: CanvasNode, at: { x: number; y: number }, size: { width: number; height: number }): boolean {
  const middle = { x: at.x + size.width / 2, y: at.y + size.height / 2 };
  const { width, height } = sizeOf(frame);
  return (
    middle.x > frame.position.x &&
    middle.x < frame.position.x + width &&
    middle.y > frame.position.y &&
    middle.y < frame.position.y + height
  );
}
