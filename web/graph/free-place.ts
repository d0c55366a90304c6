import { absolutePosition, indexNodes, sizeOf, type CanvasNode } from './canvas-graph.ts';

/** In pixels of the canvas; `x` and `y` are the top left corner. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Room between nodes, for edges and the names of handles. */
export const gap = 48;
/** Between two nodes that are connected: the edge and what stands on it, such as "All together", are seen. */
const edgeRoom = 96;
/** Places are looked at in steps of the grid of the design, up to some twenty nodes away. */
const step = 16;
const maxSteps = 400;
/** A graph reads from left to right: beside is nearer than below. */
const heightWeight = 1.5;

/** Where a box lies closest to `wanted` without touching a node; `wanted` itself where everything around is full. */
export function freePlace(nodes: readonly CanvasNode[], wanted: Box): { x: number; y: number } {
  const byId = indexNodes(nodes);
  const taken = nodes
    .filter(({ type }) => type !== 'group')
    .map((node): Box => ({ ...absolutePosition(node, byId), ...sizeOf(node) }));
  const isFree = ({ x, y }: { x: number; y: number }) =>
    taken.every(
      (box) =>
        x >= box.x + box.width + gap ||
        x + wanted.width + gap <= box.x ||
        y >= box.y + box.height + gap ||
        y + wanted.height + gap <= box.y,
    );
  for (let ring = 0; ring <= maxSteps; ring += 1) {
    for (const { x, y } of ringOf(ring)) {
      const place = { x: wanted.x + x * step, y: wanted.y + (y * step) / heightWeight };
      if (isFree(place)) return place;
    }
  }
  return { x: wanted.x, y: wanted.y };
}

/** Where the left side of a node goes that is added right beside `box`, connected to it: not closer than its edge needs. */
export function besideBox(
  box: Pick<Box, 'x' | 'width'>,
  side: 'source' | 'target',
  wanted: Pick<Box, 'x' | 'width'>,
): number {
  if (side === 'source') {
    const end = box.x + box.width;
    return wanted.x >= end ? Math.max(wanted.x, end + edgeRoom) : wanted.x;
  }
  const isLeft = wanted.x + wanted.width <= box.x;
  return isLeft ? Math.min(wanted.x, box.x - edgeRoom - wanted.width) : wanted.x;
}

/** The points of a diamond around the middle, from its right corner on. */
function* ringOf(ring: number): Generator<{ x: number; y: number }> {
  if (ring === 0) yield { x: 0, y: 0 };
  for (let side = 0; side < ring; side += 1) {
    yield { x: ring - side, y: side };
    yield { x: -side, y: ring - side };
    yield { x: side - ring, y: -side };
    yield { x: side, y: side - ring };
  }
}
