import { useIsReadOnly, useNodeData, useUpdateNode } from '../../../web/canvas/node/use-node.ts';
import type { NodeEditorProps } from '../../../web/ui/node-editor.ts';
import { ConditionFields } from './ConditionFields.tsx';

/** See `ifEditor`. */
export function IfEditor({ nodeId }: NodeEditorProps) {
  return (
    <ConditionFields condition={useNodeData(nodeId)} isReadOnly={useIsReadOnly()} onChange={useUpdateNode(nodeId)} />
  );
}
