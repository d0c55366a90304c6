import { NodeResizer, type NodeProps } from '@xyflow/react';
import { memo, useEffect, useRef } from 'react';
import type { CanvasNode } from '../../graph/canvas-graph.ts';
import { useEnvironment, useWorkflow } from '../environment.ts';

/** A frame around nodes; they move with it. */
export const GroupNode = memo(function GroupNode({ id, data, selected }: NodeProps<CanvasNode>) {
  const { isReadOnly } = useEnvironment();
  const updateNodeData = useWorkflow((state) => state.updateNodeData);
  const editNode = useWorkflow((state) => state.editNode);
  const isEditing = useWorkflow((state) => state.editedNode === id);
  const name = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (isEditing) name.current?.select();
  }, [isEditing]);
  return (
    <div
      className={`h-full w-full rounded-xl border bg-surface/45 ${selected ? 'border-accent-text' : 'border-line-strong'}`}
    >
      <NodeResizer isVisible={selected && !isReadOnly} minWidth={160} minHeight={120} />
      <input
        ref={name}
        aria-label="Name of the group"
        value={typeof data['label'] === 'string' ? data['label'] : ''}
        readOnly={isReadOnly}
        onChange={(event) => updateNodeData(id, { label: event.target.value })}
        onBlur={() => isEditing && editNode(null)}
        onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
        className="nodrag m-2 h-7 max-w-[calc(100%-16px)] rounded bg-transparent px-1 text-xs font-semibold text-muted hover:bg-hover focus:bg-field"
      />
    </div>
  );
});
