import { infoOf } from '../../graph/catalogue.ts';
import { useEnvironment, useWorkflowUnless } from '../environment.ts';
import { indexNodes, isSameContent } from '../../graph/canvas-graph.ts';
import type { NodeEditorProps } from '../../ui/node-editor.ts';
import { FieldHandle } from './NodeHandles.tsx';

/**
 * The handle of an input that stands for a field, to be drawn in the positioned row of that field; nothing in the
 * inspector. For editors that say `drawsHandles`.
 */
export function EditorHandle({ nodeId, place, input }: NodeEditorProps & { readonly input: string }) {
  const { catalogue } = useEnvironment();
  const node = useWorkflowUnless((state) => indexNodes(state.nodes).get(nodeId), isSameContent);
  const handle = infoOf(catalogue, node)?.inputs.find(({ id }) => id === input);
  return place === 'node' && handle !== undefined ? <FieldHandle nodeId={nodeId} handle={handle} /> : null;
}
