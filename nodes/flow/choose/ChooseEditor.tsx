import { useNodeResult } from '../../../web/canvas/node/use-node.ts';
import type { NodeEditorProps } from '../../../web/ui/node-editor.ts';
import { NodeQuestion } from '../../../web/waits/NodeQuestion.tsx';

/** See `chooseEditor`. */
export function ChooseEditor({ nodeId, place }: NodeEditorProps) {
  const execution = useNodeResult(nodeId).run?.execution;
  if (execution?.status !== 'WAITING') return null;
  return <NodeQuestion execution={execution} place={place} />;
}
