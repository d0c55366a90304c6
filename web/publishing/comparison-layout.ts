import type { GraphComparison } from '../../core/graph/compare.ts';
import type { Graph, GraphEdge } from '../../core/graph/graph.ts';
import type { Catalogue } from '../graph/catalogue.ts';
import { handleTop } from '../graph/node-size.ts';
import { boundsOf, thumbnailOf, type Box } from '../workflows/thumbnail-layout.ts';

/** Two graphs in one picture, in pixels of the canvas. */
export interface ComparisonLayout {
  /** The smallest box around everything. */
  readonly bounds: Box;
  /** Of every node by its id: where it is now; a removed one where it was, or below what stands there now. */
  readonly boxes: ReadonlyMap<string, Box>;
  /** Where moved nodes were. */
  readonly ghosts: readonly { readonly id: string; readonly box: Box }[];
  /** `path` is the `d` of an SVG path. */
  readonly edges: readonly {
    readonly key: string;
    readonly path: string;
    readonly change: 'added' | 'removed' | 'same';
  }[];
}

/** Between a node and one that gave way to it. */
const gap = 24;
/** A frame is seen through; what must be free is the place of its name. */
const frameHead = 80;

/** Where both graphs are drawn; null where neither has a node. */
export function layOutComparison(
  before: Graph,
  after: Graph,
  comparison: GraphComparison,
  catalogue: Catalogue,
): ComparisonLayout | null {
  const [earlier, later] = [before, after].map((graph) => thumbnailOf(graph, catalogue)?.nodes ?? []);
  const boxesBefore = new Map(earlier!.map(({ id, box }) => [id, box]));
  const boxes = new Map(later!.map(({ id, box }) => [id, box]));
  for (const isFrame of [true, false]) {
    const isOfKind = ({ kind }: { kind: string }) => (kind === 'group') === isFrame;
    const taken = later!.filter(isOfKind).map(({ box }) => placeOfWords(box, isFrame));
    for (const { id, box } of earlier!.filter(isOfKind)) {
      if (boxes.has(id)) continue;
      const free = below(taken, placeOfWords(box, isFrame));
      taken.push(free);
      boxes.set(id, { ...box, y: free.y });
    }
  }
  if (boxes.size === 0) return null;
  const ghosts = comparison.nodes.flatMap(({ id, isMoved }) => {
    const box = boxesBefore.get(id);
    return isMoved && box !== undefined ? [{ id, box }] : [];
  });
  const edges = comparison.edges.flatMap(({ edge, change }, index) => {
    const path = pathOf(edge, boxes);
    return path === null ? [] : [{ key: `${index} ${edge.id}`, path, change }];
  });
  return { bounds: boundsOf([...boxes.values(), ...ghosts.map(({ box }) => box)]), boxes, ghosts, edges };
}

function placeOfWords(box: Box, isFrame: boolean): Box {
  return isFrame ? { ...box, height: Math.min(box.height, frameHead) } : box;
}

/** The box where it is, or straight below whatever is in its way. */
function below(taken: readonly Box[], box: Box): Box {
  let free = box;
  for (;;) {
    const inTheWay = taken.find((other) => touches(other, free));
    if (inTheWay === undefined) return free;
    free = { ...free, y: inTheWay.y + inTheWay.height + gap };
  }
}

function touches(one: Box, other: Box): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}

function pathOf({ source, target }: GraphEdge, boxes: ReadonlyMap<string, Box>): string | null {
  const [from, to] = [boxes.get(source), boxes.get(target)];
  if (from === undefined || to === undefined) return null;
  const [x1, y1, x2, y2] = [from.x + from.width, from.y + handleTop(0), to.x, to.y + handleTop(0)];
  const bend = Math.max(60, Math.abs(x2 - x1) / 2);
  return `M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}
