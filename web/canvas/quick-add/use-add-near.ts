import { useReactFlow } from '@xyflow/react';
import { useCallback } from 'react';
import { absolutePosition, indexNodes, sizeOf } from '../../graph/canvas-graph.ts';
import { freePlace, gap } from '../../graph/free-place.ts';
import { newNodeData } from '../../graph/new-node-data.ts';
import { heightToCome } from '../../graph/node-height.ts';
import { nodeWidth } from '../../graph/node-size.ts';
import { useEnvironment } from '../environment.ts';

/**
 * Adds a node where it covers nothing: behind the one that is selected, as a
 * chain is built, else near a point of the screen.
 */
export function useAddNear(): (type: string, screen: { x: number; y: number }) => void {
  const { store, catalogue, providers } = useEnvironment();
  const flow = useReactFlow();
  const placeBehindSelected = useCallback(() => {
    const { nodes, selectedNodes } = store.getState();
    const node = nodes.find(({ id }) => selectedNodes.length === 1 && id === selectedNodes[0]);
    if (node === undefined || node.type === 'group') return null;
    const { x, y } = absolutePosition(node, indexNodes(nodes));
    return { x: x + sizeOf(node).width + gap, y };
  }, [store]);
  return useCallback(
    (type, screen) => {
      const { nodes, addNode } = store.getState();
      const data = newNodeData(catalogue.get(type), { nodes, providers });
      const size = { width: nodeWidth, height: heightToCome(type, data) };
      const at = flow.screenToFlowPosition(screen);
      const wanted = placeBehindSelected() ?? { x: at.x - size.width / 2, y: at.y - size.height / 2 };
      addNode(type, freePlace(nodes, { ...wanted, ...size }), data);
    },
    [store, catalogue, providers, flow, placeBehindSelected],
  );
}
