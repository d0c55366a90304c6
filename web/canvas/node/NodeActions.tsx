import { NodeToolbar, Position, useStore as useFlowStore } from '@xyflow/react';
import { ArrowRightFromLine, ArrowRightToLine, Copy, Play, Power, PowerOff, Trash2 } from 'lucide-react';
import { IconButton } from '../../ui/Button.tsx';
import { useEnvironment, useWorkflow } from '../environment.ts';

/** Below this zoom nothing inside a node can be read, so the toolbar would only be in the way. */
const toolbarMinZoom = 0.4;

/** What can be done with the one selected node, right above it. */
export function NodeActions({ id, isOff }: { id: string; isOff: boolean }) {
  const { isReadOnly } = useEnvironment();
  const isReadable = useFlowStore((state) => state.transform[2] >= toolbarMinZoom);
  const runPart = useWorkflow((state) => state.runPart);
  const toggleOff = useWorkflow((state) => state.toggleOff);
  const duplicateSelection = useWorkflow((state) => state.duplicateSelection);
  const deleteNode = useWorkflow((state) => state.deleteNode);
  if (isReadOnly || !isReadable) return null;
  return (
    <NodeToolbar isVisible position={Position.Top} offset={10}>
      <div
        role="toolbar"
        aria-label="Node"
        className="flex gap-0.5 rounded-lg border border-line bg-raised p-0.5 shadow-popup"
      >
        {!isOff && (
          <>
            <IconButton label="Run this node" onClick={() => void runPart('selected', [id])}>
              <Play size={15} />
            </IconButton>
            <IconButton label="Run from here" onClick={() => void runPart('from', [id])}>
              <ArrowRightFromLine size={15} />
            </IconButton>
            <IconButton label="Run up to here" onClick={() => void runPart('to', [id])}>
              <ArrowRightToLine size={15} />
            </IconButton>
          </>
        )}
        <IconButton label={isOff ? 'Turn on' : 'Turn off'} shortcut="O" onClick={() => toggleOff([id])}>
          {isOff ? <Power size={15} /> : <PowerOff size={15} />}
        </IconButton>
        <IconButton label="Duplicate" shortcut="Mod+D" onClick={duplicateSelection}>
          <Copy size={15} />
        </IconButton>
        <IconButton label="Delete" shortcut="Del" onClick={() => deleteNode(id)}>
          <Trash2 size={15} />
        </IconButton>
      </div>
    </NodeToolbar>
  );
}
