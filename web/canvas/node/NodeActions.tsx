import { NodeToolbar, Position, useStore as useFlowStore } from '@xyflow/react';
import { ArrowRightFromLine, ArrowRightToLine, Copy, FlaskConical, Play, Power, PowerOff, Trash2 } from 'lucide-react';
import { CommandButton } from '../commands/CommandButton.tsx';
import { useEnvironment } from '../environment.ts';

/** Below this zoom nothing inside a node can be read, so the toolbar would only be in the way. */
const toolbarMinZoom = 0.4;

/** What can be done with the one selected node, right above it. */
export function NodeActions({ isOff }: { isOff: boolean }) {
  const { isReadOnly } = useEnvironment();
  const isReadable = useFlowStore((state) => state.transform[2] >= toolbarMinZoom);
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
            <CommandButton id="run-selected">
              <Play size={15} />
            </CommandButton>
            <CommandButton id="run-from">
              <ArrowRightFromLine size={15} />
            </CommandButton>
            <CommandButton id="run-to">
              <ArrowRightToLine size={15} />
            </CommandButton>
            <CommandButton id="variants">
              <FlaskConical size={15} />
            </CommandButton>
          </>
        )}
        <CommandButton id="toggle-off" label={isOff ? 'Turn on' : 'Turn off'}>
          {isOff ? <Power size={15} /> : <PowerOff size={15} />}
        </CommandButton>
        <CommandButton id="duplicate">
          <Copy size={15} />
        </CommandButton>
        <CommandButton id="delete">
          <Trash2 size={15} />
        </CommandButton>
      </div>
    </NodeToolbar>
  );
}
