import { absolutePosition, indexNodes, sizeOf, type CanvasNode } from './canvas-graph.ts';

interface Point {
  readonly x: number;
  readonly y: number;
}

interface Box {
  readonly id: string;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** How a connection goes where the plain curve would pass behind nodes. */
export interface Detour {
  /** Around them, as a path of SVG; null where no way is free, so that the plain curve has to be shown through. */
  readonly path: string | null;
  /** Its middle, where what stands on a connection has its place. */
  readonly x: number;
  readonly y: number;
}

/** How far from a node a connection is led by it: less than half of what Tidy up leaves between two. */
const distance = 14;
/** Nearer than this it seems to touch. */
const nearest = 3;
/** Points at which a curve is looked at: at most some 30 pixels apart on the canvas of a screen. */
const samples = 24;
/** Nodes that stand in the way of a detour make it larger; so often, then it is given up. */
const mostTries = 6;

/** Null where the plain curve covers nothing, or leads back. Ends are where the handles are. */
export function detourOf(
  nodes: readonly CanvasNode[],
  edge: { readonly source: string; readonly target: string },
  from: Point,
  to: Point,
): Detour | null {
  if (to.x <= from.x) return null;
  const boxes = boxesOf(nodes).filter(({ id }) => id !== edge.source && id !== edge.target);
  const blocking = hitBy(curve(from, to), boxes);
  if (blocking.length === 0) return null;
  const ways = [true, false].flatMap((isAbove) => around(from, to, blocking, boxes, isAbove) ?? []);
  const [shortest] = ways.toSorted((one, other) => one.length - other.length);
  return shortest ?? { path: null, x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
}

function around(from: Point, to: Point, blocking: readonly Box[], boxes: readonly Box[], isAbove: boolean) {
  let inTheWay = blocking;
  for (let tries = 0; tries < mostTries; tries += 1) {
    const y = isAbove
      ? Math.min(...inTheWay.map(({ top }) => top)) - distance
      : Math.max(...inTheWay.map(({ bottom }) => bottom)) + distance;
    const left = Math.min(...inTheWay.map((box) => box.left)) - distance;
    const right = Math.max(...inTheWay.map((box) => box.right)) + distance;
    if (left <= from.x || right >= to.x) return null;
    const [down, up] = [
      { x: left, y },
      { x: right, y },
    ];
    const hits = hitBy([...curve(from, down), ...line(down, up), ...curve(up, to)], boxes);
    if (hits.length === 0) {
      const path = `M${from.x},${from.y} ${curveTo(from, down)} L${up.x},${up.y} ${curveTo(up, to)}`;
      return { path, x: (left + right) / 2, y, length: Math.abs(y - from.y) + Math.abs(y - to.y) };
    }
    if (hits.every((box) => inTheWay.includes(box))) return null;
    inTheWay = [...new Set([...inTheWay, ...hits])];
  }
  return null;
}

const knownBoxes = new WeakMap<readonly CanvasNode[], readonly Box[]>();

/** What connections should not pass behind: everything but frames, which they lead into. */
function boxesOf(nodes: readonly CanvasNode[]): readonly Box[] {
  const known = knownBoxes.get(nodes);
  if (known !== undefined) return known;
  const byId = indexNodes(nodes);
  const boxes = nodes
    .filter(({ type }) => type !== 'group')
    .map((node) => {
      const { x, y } = absolutePosition(node, byId);
      const { width, height } = sizeOf(node);
      return { id: node.id, left: x, top: y, right: x + width, bottom: y + height };
    });
  knownBoxes.set(nodes, boxes);
  return boxes;
}

function hitBy(points: readonly Point[], boxes: readonly Box[]): Box[] {
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const [firstX, lastX, firstY, lastY] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  // Most nodes are nowhere near: four comparisons instead of one for each point.
  const near = boxes.filter(
    ({ left, top, right, bottom }) =>
      lastX > left - nearest && firstX < right + nearest && lastY > top - nearest && firstY < bottom + nearest,
  );
  return near.filter(({ left, top, right, bottom }) =>
    points.some(({ x, y }) => x > left - nearest && x < right + nearest && y > top - nearest && y < bottom + nearest),
  );
}

/** Level at both ends, like the plain curve of a connection. */
function curveTo(from: Point, to: Point): string {
  const middle = (from.x + to.x) / 2;
  return `C${middle},${from.y} ${middle},${to.y} ${to.x},${to.y}`;
}

function curve(from: Point, to: Point): Point[] {
  const middle = (from.x + to.x) / 2;
  return Array.from({ length: samples + 1 }, (_, index) => {
    const t = index / samples;
    const [a, b, c, d] = [(1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t ** 2, t ** 3];
    return { x: a * from.x + (b + c) * middle + d * to.x, y: (a + b) * from.y + (c + d) * to.y };
  });
}

function line(from: Point, to: Point): Point[] {
  return Array.from({ length: samples + 1 }, (_, index) => {
    const t = index / samples;
    return { x: from.x + t * (to.x - from.x), y: from.y + t * (to.y - from.y) };
  });
}
