import type { Graph, GraphEdge } from '../core/graph/graph.ts';

/** Distance of columns and rows, in pixels of the canvas. */
const step = { x: 340, y: 190 };

export interface LargeGraphOptions {
  readonly layers: number;
  readonly width: number;
  /** Milliseconds that each node waits. */
  readonly delayMs: number;
  /** Edges on top of the one that each node has from the node before it. */
  readonly crossEdges: number;
}

/**
 * Layers of delay nodes, one after another: each node waits for its neighbour in
 * the layer before, some for a second one. While it runs, events come evenly.
 */
export function largeGraph({ layers, width, delayMs, crossEdges }: LargeGraphOptions): Graph {
  const id = (layer: number, row: number) => `n${layer}-${row}`;
  const nodes = Array.from({ length: layers * width }, (_, index) => {
    const [layer, row] = [Math.floor(index / width), index % width];
    return {
      id: id(layer, row),
      type: 'delay',
      position: { x: layer * step.x, y: row * step.y },
      data: { label: `Step ${layer}.${row}`, ms: delayMs },
    };
  });
  const edges: GraphEdge[] = [];
  const join = (source: string, target: string) =>
    edges.push({ id: `e${edges.length}`, source, sourceHandle: 'output', target, targetHandle: 'input' });
  for (let layer = 1; layer < layers; layer += 1) {
    for (let row = 0; row < width; row += 1) join(id(layer - 1, row), id(layer, row));
  }
  for (let cross = 0; cross < crossEdges; cross += 1) {
    const layer = 1 + (cross % (layers - 1));
    const row = Math.floor(cross / (layers - 1));
    join(id(layer - 1, row), id(layer, (row + 1) % width));
  }
  return { nodes, edges };
}

/** 500 nodes, 700 edges; a run of it has about 100 status events a second. */
export const canvasLoad: LargeGraphOptions = { layers: 50, width: 10, delayMs: 290, crossEdges: 210 };
