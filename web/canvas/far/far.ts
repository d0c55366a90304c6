import { createContext, use } from 'react';
import { absolutePosition, indexNodes, type CanvasNode } from '../../graph/canvas-graph.ts';

/** How much of a node is drawn. */
export interface Detail {
  /** The view is so far out that the inside of a node cannot be read: nodes are drawn plainly then. */
  readonly isFar: boolean;
  /** There are so many nodes that they are drawn sparingly. */
  readonly isLarge: boolean;
}

/** Default: near and small, so nodes outside a canvas are drawn in full. */
export const DetailContext = createContext<Detail>({ isFar: false, isLarge: false });

/** Works outside a canvas, too: nodes are drawn in full there. */
export function useDetail(): Detail {
  return use(DetailContext);
}

/** From this number of nodes on, those outside of the view are not mounted, and far ones are drawn plainly. */
export const largeGraph = 120;
/** Below this zoom a view of a large graph is far. */
export const farZoom = 0.35;

/** The smallest letters that people read, in pixels of the screen; nothing on a node is smaller in its own size. */
const leastLetters = 11;
/** Below this zoom the fields of a small graph cannot be worked with. */
const facesZoom = 0.55;
/** Where nothing can be worked with, only what can be read is of use: below this zoom the smallest letters cannot. */
const readOnlyFacesZoom = 1;
/** Letters keep their size from one of these zooms to the next. */
const steps = [0.75, 0.55, 0.36, 0.24];

/**
 * How large letters are drawn on nodes that show their face (name and result) instead of their inside, in pixels of the
 * canvas. Null: nodes show their inside. 0: so far out that a node is too narrow for letters that can be read.
 */
export function faceLetters(
  zoom: number,
  { isLarge, isReadOnly }: { isLarge: boolean; isReadOnly: boolean },
): number | null {
  if (zoom >= (isLarge ? farZoom : isReadOnly ? readOnlyFacesZoom : facesZoom)) return null;
  const step = steps.find((least) => zoom >= least);
  return step === undefined ? 0 : Math.ceil(leastLetters / step);
}

/** A node seen from far and what it was made of. */
interface FarNode {
  readonly x: number;
  readonly y: number;
  readonly drawn: CanvasNode;
}

const farNodes = new WeakMap<CanvasNode, FarNode>();

/**
 * The nodes as they are drawn from far: placed by `left` and `top` instead of a
 * transform each. What has a transform of its own is a layer to decide about in
 * every frame; hundreds of them cost more than all painting.
 */
export function placePlainly(nodes: readonly CanvasNode[]): CanvasNode[] {
  const byId = indexNodes(nodes);
  return nodes.map((node) => {
    const { x, y } = absolutePosition(node, byId);
    const known = farNodes.get(node);
    if (known !== undefined && known.x === x && known.y === y) return known.drawn;
    const drawn = { ...node, style: { ...node.style, transform: 'none', left: x, top: y } };
    farNodes.set(node, { x, y, drawn });
    return drawn;
  });
}
