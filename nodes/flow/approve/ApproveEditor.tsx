import { Plus, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { useIsReadOnly, useNodeData, useNodeResult, useUpdateNode } from '../../../web/canvas/node/use-node.ts';
import { Button, IconButton } from '../../../web/ui/Button.tsx';
import { TextInput } from '../../../web/ui/Field.tsx';
import type { NodeEditorProps } from '../../../web/ui/node-editor.ts';
import { Select } from '../../../web/ui/Select.tsx';
import { NodeQuestion } from '../../../web/waits/NodeQuestion.tsx';
import { draftPartsOf, textOf, withChangeAt, withNewButton, withNewField } from './parts.ts';

const types = [
  ['text', 'Text'],
  ['number', 'Number'],
  ['boolean', 'Yes or no'],
  ['json', 'JSON'],
  ['image', 'Image'],
  ['video', 'Video'],
  ['audio', 'Audio'],
  ['file', 'File'],
] as const;

/** See `approveEditor`. */
export function ApproveEditor({ nodeId, place }: NodeEditorProps) {
  const { run } = useNodeResult(nodeId);
  const execution = run?.execution;
  const isWaiting = execution?.status === 'WAITING';
  return (
    <>
      {/* On the node they keep their room while the question lies over them. */}
      {(!isWaiting || place === 'node') && <Parts nodeId={nodeId} />}
      {isWaiting && <NodeQuestion execution={execution} place={place} />}
    </>
  );
}

function Parts({ nodeId }: Pick<NodeEditorProps, 'nodeId'>) {
  const data = useNodeData(nodeId);
  const update = useUpdateNode(nodeId);
  const isReadOnly = useIsReadOnly();
  const buttons = draftPartsOf(data, 'buttons');
  const fields = draftPartsOf(data, 'fields');
  return (
    <div className="flex flex-col gap-3">
      <PartList
        title="Buttons"
        add="Add a button"
        isReadOnly={isReadOnly}
        onAdd={() => update({ buttons: withNewButton(buttons) })}
      >
        {buttons.map((button, index) => (
          <li key={textOf(button, 'id')} className="flex items-center gap-1">
            <TextInput
              aria-label={`Words on button ${index + 1}`}
              className="min-w-0 flex-1"
              value={textOf(button, 'label')}
              placeholder={textOf(button, 'id')}
              disabled={isReadOnly}
              onChange={(event) => update({ buttons: withChangeAt(buttons, index, { label: event.target.value }) })}
            />
            {!isReadOnly && buttons.length > 1 && (
              <IconButton
                label={`Remove button ${index + 1}`}
                size="sm"
                onClick={() => update({ buttons: buttons.filter((one) => one !== button) })}
              >
                <X size={12} />
              </IconButton>
            )}
          </li>
        ))}
      </PartList>
      <PartList
        title="Fields"
        add="Add a field"
        isReadOnly={isReadOnly}
        onAdd={() => update({ fields: withNewField(fields) })}
      >
        {fields.map((field, index) => (
          // Its name is what is typed here, so its place has to do.
          <li key={index} className="flex items-center gap-1">
            <TextInput
              aria-label={`Name of field ${index + 1}`}
              className="min-w-0 flex-1"
              value={textOf(field, 'name')}
              disabled={isReadOnly}
              onChange={(event) => update({ fields: withChangeAt(fields, index, { name: event.target.value }) })}
            />
            <Select
              label={`Type of field ${index + 1}`}
              className="w-28 shrink-0"
              value={textOf(field, 'type') || 'text'}
              groups={[{ options: types.map(([value, label]) => ({ value, label })) }]}
              disabled={isReadOnly}
              onChange={(type) => update({ fields: withChangeAt(fields, index, { type }) })}
            />
            {!isReadOnly && (
              <IconButton
                label={`Remove field ${index + 1}`}
                size="sm"
                onClick={() => update({ fields: fields.filter((one) => one !== field) })}
              >
                <X size={12} />
              </IconButton>
            )}
          </li>
        ))}
      </PartList>
    </div>
  );
}

interface PartListProps {
  title: string;
  add: string;
  isReadOnly: boolean;
  onAdd(): void;
  children: readonly ReactNode[];
}

function PartList({ title, add, isReadOnly, onAdd, children }: PartListProps) {
  if (isReadOnly && children.length === 0) return null;
  return (
    <div className="flex flex-col gap-1.5">
      {children.length > 0 && <span className="text-xs font-medium text-muted">{title}</span>}
      <ul aria-label={title} className="flex flex-col gap-1.5">
        {children}
      </ul>
      {!isReadOnly && (
        <Button size="sm" className="nodrag self-start" onClick={onAdd}>
          <Plus size={12} aria-hidden /> {add}
        </Button>
      )}
    </div>
  );
}
