import type { ELK, ELKConstructorArguments } from 'elkjs/lib/elk-api.js';
import { sizeOf, type CanvasEdge, type CanvasNode } from './canvas-graph.ts';

/** Left to right, edges as straight as they get. Distances in pixels: room for an edge and its label between columns. */
const layoutOptions = {
  'elk.algorithm': 'layered',
  'elk.direction': 'RIGHT',
  'elk.layered.spacing.nodeNodeBetweenLayers': '96',
  'elk.spacing.nodeNode': '40',
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
};

/** Tidy positions for the top-level nodes, by id, starting at (0, 0). The engine is loaded on first use and works in a Web Worker. */
export async function layoutNodes(
  nodes: readonly CanvasNode[],
  edges: readonly CanvasEdge[],
): Promise<Map<string, { x: number; y: number }>> {
  const [{ default: elkModule }, { default: workerUrl }] = await Promise.all([
    import('elkjs/lib/elk-api.js'),
    import('elkjs/lib/elk-worker.min.js?url'),
  ]);
  // The package is CommonJS: what its types call the default member is the module itself here.
  const Elk = elkModule as unknown as new (options: ELKConstructorArguments) => ELK;
  const elk = new Elk({ workerUrl });
  try {
    const parents = new Map(nodes.map((node) => [node.id, node.parentId ?? node.id]));
    const placed = await elk.layout({
      id: 'root',
      layoutOptions,
      children: nodes.filter((node) => node.parentId === undefined).map((node) => ({ id: node.id, ...sizeOf(node) })),
      edges: edges.flatMap((edge) => {
        const source = parents.get(edge.source);
        const target = parents.get(edge.target);
        if (source === undefined || target === undefined || source === target) return [];
        return [{ id: edge.id, sources: [source], targets: [target] }];
      }),
    });
    return new Map(
      (placed.children ?? []).map(({ id, x, y }) => [id, { x: Math.round(x ?? 0), y: Math.round(y ?? 0) }]),
    );
  } finally {
    elk.terminateWorker();
  }
}
