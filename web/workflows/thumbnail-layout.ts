import { assetIdOf, thumbnailUrl } from '../../core/api/assets.ts';
import { isTurnedOff, type Graph } from '../../core/graph/graph.ts';
import { traitsOf, type DataType } from '../../core/data-types/table.ts';
import { fileFieldsOf } from '../graph/form-fields.ts';
import { lookOf } from '../graph/look.ts';
import { handleType, infoOf, type Catalogue } from '../graph/catalogue.ts';
import { expectedHeight, handleTop, nodeWidth } from '../graph/node-size.ts';
import { addressOf } from '../ui/app-address.ts';

type Node = Graph['nodes'][number];

/** In pixels of the canvas; in percent where it is part of a `Picture`. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A part of a picture, in percent of it. */
export interface Picture {
  readonly url: string;
  readonly part: Box;
}

/** A node as a thumbnail draws it; `picture` is null where it has none to show. */
export interface ThumbnailNode {
  readonly id: string;
  readonly kind: 'group' | 'note' | 'node';
  readonly box: Box;
  readonly dataType: DataType;
  readonly isOff: boolean;
  readonly picture: Picture | null;
}

/** A graph in small; `path` is the `d` of an SVG path. */
export interface Thumbnail {
  /** The smallest box around everything. */
  readonly bounds: Box;
  readonly nodes: readonly ThumbnailNode[];
  readonly edges: readonly { readonly id: string; readonly path: string; readonly dataType: DataType }[];
}

const all: Box = { x: 0, y: 0, width: 100, height: 100 };

/** What a graph looks like in small. */
export function thumbnailOf(graph: Graph, catalogue: Catalogue): Thumbnail | null {
  if (graph.nodes.length === 0) return null;
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  const boxes = new Map(graph.nodes.map((node) => [node.id, boxOf(node, byId)]));
  const nodes = graph.nodes.map((node): ThumbnailNode => ({
    id: node.id,
    kind: node.type === 'group' ? 'group' : node.type === 'note' ? 'note' : 'node',
    box: boxes.get(node.id)!,
    dataType: infoOf(catalogue, node)?.outputs[0]?.dataType ?? 'any',
    isOff: isTurnedOff(node),
    picture: pictureOf(node, { graph, catalogue, byId }),
  }));
  const edges = graph.edges.flatMap((edge) => {
    const [from, to] = [boxes.get(edge.source), boxes.get(edge.target)];
    if (from === undefined || to === undefined) return [];
    const [x1, y1, x2, y2] = [from.x + from.width, from.y + handleTop(0), to.x, to.y + handleTop(0)];
    const bend = Math.max(60, Math.abs(x2 - x1) / 2);
    return [
      {
        id: edge.id,
        path: `M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`,
        dataType: handleType(catalogue, byId.get(edge.source), 'outputs', edge.sourceHandle) ?? 'any',
      },
    ];
  });
  // Frames lie below what they hold.
  return {
    bounds: boundsOf([...boxes.values()]),
    nodes: nodes.toSorted((a, b) => Number(b.kind === 'group') - Number(a.kind === 'group')),
    edges,
  };
}

function boxOf(node: Node, byId: ReadonlyMap<string, Node>): Box {
  const parent = typeof node['parentId'] === 'string' ? byId.get(node['parentId']) : undefined;
  const sizeOr = (key: 'width' | 'height', fallback: number) => {
    const value = node[key];
    return typeof value === 'number' ? value : fallback;
  };
  return {
    x: node.position.x + (parent?.position.x ?? 0),
    y: node.position.y + (parent?.position.y ?? 0),
    width: sizeOr('width', nodeWidth),
    height: sizeOr('height', expectedHeight(node.type)),
  };
}

/** The smallest box around some; there has to be one. */
export function boundsOf(boxes: readonly Box[]): Box {
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  return {
    x,
    y,
    width: Math.max(...boxes.map((box) => box.x + box.width)) - x,
    height: Math.max(...boxes.map((box) => box.y + box.height)) - y,
  };
}

interface Whole {
  readonly graph: Graph;
  readonly catalogue: Catalogue;
  readonly byId: ReadonlyMap<string, Node>;
}

/** The picture that a node holds, or the one that comes in at it; no picture where only a run can tell. */
function pictureOf(node: Node, whole: Whole, depth = 0): Picture | null {
  const { graph, catalogue, byId } = whole;
  const own = fileUrlOf(node, catalogue);
  if (own !== null) return { url: own, part: all };
  const { picture } = lookOf(node.type);
  // A chain of crops longer than this is nothing to see in small.
  if (depth > 4 || picture === undefined) return null;
  const incoming = graph.edges.find(
    ({ target, targetHandle }) => target === node.id && (targetHandle ?? picture.input) === picture.input,
  );
  const source = incoming === undefined ? undefined : byId.get(incoming.source);
  const above = source === undefined ? null : pictureOf(source, whole, depth + 1);
  if (above === null || picture.part === undefined) return above;
  const percent = (key: string, fallback: number) => {
    const value = node.data[key];
    return typeof value === 'number' ? value : fallback;
  };
  const { part } = above;
  const [left, top, width, height] = picture.part;
  return {
    url: above.url,
    part: {
      x: part.x + (part.width * percent(left, 0)) / 100,
      y: part.y + (part.height * percent(top, 0)) / 100,
      width: (part.width * percent(width, 100)) / 100,
      height: (part.height * percent(height, 100)) / 100,
    },
  };
}

/** A small picture of the file of a node; pictures of other hosts are not loaded. */
function fileUrlOf(node: Node, catalogue: Catalogue): string | null {
  const field = fileFieldsOf(catalogue.get(node.type)).find(
    ({ dataType }) => dataType !== undefined && traitsOf(dataType).hasPreview,
  );
  const file = field === undefined ? undefined : node.data[field.name];
  if (typeof file !== 'object' || file === null || !('url' in file) || typeof file.url !== 'string') return null;
  const sample = /^sample:(.+)\.(jpg|mp4)$/.exec(file.url);
  if (sample !== null) return addressOf(`/samples/${sample[1]}-small.jpg`);
  const assetId = assetIdOf(file.url);
  return assetId === null ? null : addressOf(thumbnailUrl(assetId, 320));
}
