import type { Graph, GraphEdge, GraphNode } from '../core/graph/graph.ts';

/** Distance of columns and rows, in pixels of the canvas. */
const step = { x: 340, y: 210 };
/** After so many layers the graph goes on below, so that it is about as high as wide. */
const layersInBand = 16;

export interface LargeGraphOptions {
  readonly layers: number;
  readonly width: number;
  readonly texts: number;
  readonly edges: number;
  /** Milliseconds that each delay node waits. */
  readonly delayMs: number;
}

/**
 * Layers of delay nodes, one after another, and texts that go into them: each
 * delay waits for its neighbor in the layer before. While it runs, events come evenly.
 */
export function largeGraph({ layers, width, texts, edges: wanted, delayMs }: LargeGraphOptions): Graph {
  const id = (layer: number, row: number) => `n${layer}-${row}`;
  const place = (column: number, row: number) => ({ x: column * step.x, y: row * step.y });
  const delays = Array.from({ length: layers * width }, (_, index): GraphNode => {
    const [layer, row] = [Math.floor(index / width), index % width];
    const band = Math.floor(layer / layersInBand) * (width + 1);
    return {
      id: id(layer, row),
      type: 'delay',
      position: place(1 + (layer % layersInBand), band + row),
      data: { label: `Step ${layer}.${row}`, ms: delayMs },
    };
  });
  const notes = Array.from({ length: texts }, (_, index): GraphNode => ({
    id: `t${index}`,
    type: 'text',
    position: place(0, index * 1.5),
    data: { label: `Text ${index}`, text: `Word ${index}` },
  }));
  const edges: GraphEdge[] = [];
  const join = (source: string, target: string) =>
    edges.push({ id: `e${edges.length}`, source, sourceHandle: 'output', target, targetHandle: 'input' });
  for (let layer = 1; layer < layers; layer += 1) {
    for (let row = 0; row < width; row += 1) join(id(layer - 1, row), id(layer, row));
  }
  for (let index = 0; edges.length < wanted; index += 1) {
    // At each round one further, so that no two edges are the same.
    const round = Math.floor((index * 2) / delays.length);
    join(`t${index % texts}`, delays[(index * 2 + round) % delays.length]!.id);
  }
  return { nodes: [...notes, ...delays], edges };
}

/** 500 nodes, 700 edges; a run of it has about 100 status events a second. */
export const canvasLoad: LargeGraphOptions = { layers: 48, width: 10, texts: 20, edges: 700, delayMs: 215 };
