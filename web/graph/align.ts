import { sizeOf, type CanvasNode } from './canvas-graph.ts';
import { boundsOf } from './fragment.ts';

/** What each alignment is called. */
export const alignmentTitles = {
  left: 'Align left',
  center: 'Align horizontal centers',
  right: 'Align right',
  top: 'Align top',
  middle: 'Align vertical centers',
  bottom: 'Align bottom',
  row: 'Distribute horizontally',
  column: 'Distribute vertically',
} as const;
/** `row` and `column` spread nodes evenly along a line; the others put one side on a line. */
export type Alignment = keyof typeof alignmentTitles;

/** New positions by node id. Nodes should share a parent. */
export function alignNodes(nodes: readonly CanvasNode[], alignment: Alignment): Map<string, { x: number; y: number }> {
  const box = boundsOf(nodes);
  if (alignment === 'row' || alignment === 'column') return spread(nodes, alignment);
  return new Map(
    nodes.map((node) => {
      const { width, height } = sizeOf(node);
      const { x, y } = node.position;
      switch (alignment) {
        case 'left':
          return [node.id, { x: box.x, y }];
        case 'center':
          return [node.id, { x: box.x + (box.width - width) / 2, y }];
        case 'right':
          return [node.id, { x: box.x + box.width - width, y }];
        case 'top':
          return [node.id, { x, y: box.y }];
        case 'middle':
          return [node.id, { x, y: box.y + (box.height - height) / 2 }];
        case 'bottom':
          return [node.id, { x, y: box.y + box.height - height }];
      }
    }),
  );
}

function spread(nodes: readonly CanvasNode[], along: 'row' | 'column'): Map<string, { x: number; y: number }> {
  const axis = along === 'row' ? 'x' : 'y';
  const side = along === 'row' ? 'width' : 'height';
  const ordered = nodes.toSorted((a, b) => a.position[axis] - b.position[axis]);
  const box = boundsOf(nodes);
  const filled = ordered.reduce((sum, node) => sum + sizeOf(node)[side], 0);
  // Nodes that overlap are pulled apart to the usual distance.
  const gap = Math.max(32, ordered.length < 2 ? 0 : (box[side] - filled) / (ordered.length - 1));
  let next = box[axis];
  return new Map(
    ordered.map((node) => {
      const position = { ...node.position, [axis]: next };
      next += sizeOf(node)[side] + gap;
      return [node.id, position];
    }),
  );
}
