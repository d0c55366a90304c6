import { NodeResizer, type NodeProps } from '@xyflow/react';
import { memo } from 'react';
import type { CanvasNode } from '../../graph/canvas-graph.ts';
import { useEnvironment, useWorkflow } from '../environment.ts';

/** A sticky note: words on the canvas that no run looks at. */
export const NoteNode = memo(function NoteNode({ id, data, selected }: NodeProps<CanvasNode>) {
  const { isReadOnly } = useEnvironment();
  const updateNodeData = useWorkflow((state) => state.updateNodeData);
  const editNode = useWorkflow((state) => state.editNode);
  const isEditing = useWorkflow((state) => state.editedNode === id);
  const text = typeof data['text'] === 'string' ? data['text'] : '';
  return (
    <div className="h-full w-full rounded-lg border border-note-line bg-note p-3 text-note-text shadow-sm">
      <NodeResizer isVisible={selected && !isReadOnly} minWidth={120} minHeight={60} />
      {isEditing ? (
        <textarea
          autoFocus
          aria-label="Note"
          value={text}
          onChange={(event) => updateNodeData(id, { text: event.target.value, hint: undefined })}
          onBlur={() => editNode(null)}
          onKeyDown={(event) => {
            event.stopPropagation();
            if (event.key === 'Escape') editNode(null);
          }}
          className="nodrag nowheel h-full w-full resize-none bg-transparent outline-none"
        />
      ) : (
        <div
          role="note"
          onDoubleClick={(event) => {
            event.stopPropagation();
            if (!isReadOnly) editNode(id);
          }}
          className="whole-lines h-full whitespace-pre-wrap"
        >
          {text === '' ? <span className="opacity-70">Double-click or press F2 to edit</span> : text}
        </div>
      )}
    </div>
  );
});
