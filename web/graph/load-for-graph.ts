import type { Graph } from '../../core/graph/graph.ts';
import { loadCanvasDefinitions } from '../../nodes/canvas-definitions.ts';

/**
 * Waits for what the canvas calls for the nodes of a graph. What other nodes would need is fetched afterwards, for whoever
 * adds one: nothing waits for that.
 */
export async function loadForGraph({ nodes }: Pick<Graph, 'nodes'>): Promise<void> {
  await loadCanvasDefinitions(nodes.map(({ type }) => type));
  // Without it a new node has the handles of a fresh one, as it should.
  loadCanvasDefinitions().catch(() => undefined);
}
