import { ArrowUp, Plus, X } from 'lucide-react';
import { useIsReadOnly, useNodeData, useUpdateNode } from '../../../web/canvas/node/use-node.ts';
import { Button, IconButton } from '../../../web/ui/Button.tsx';
import { TextInput } from '../../../web/ui/Field.tsx';
import type { NodeEditorProps } from '../../../web/ui/node-editor.ts';
import { ConditionFields } from '../if/ConditionFields.tsx';
import { draftCasesOf, movedUp, withChange, withNewCase } from './cases.ts';

/** See `switchEditor`. */
export function SwitchEditor({ nodeId }: NodeEditorProps) {
  const cases = draftCasesOf(useNodeData(nodeId));
  const update = useUpdateNode(nodeId);
  const isReadOnly = useIsReadOnly();
  return (
    <div className="flex flex-col gap-2">
      <ol className="flex flex-col gap-2" aria-label="Cases, checked from top to bottom">
        {cases.map((one, index) => {
          const name = `Case ${index + 1}`;
          return (
            <li key={one.id} className="flex flex-col gap-1.5 rounded-md border border-line p-2">
              <span className="flex items-center gap-1">
                <TextInput
                  aria-label={`Name of ${name.toLowerCase()}`}
                  className="nodrag min-w-0 flex-1"
                  value={typeof one['label'] === 'string' ? one['label'] : ''}
                  placeholder={name}
                  disabled={isReadOnly}
                  onChange={(event) => update({ cases: withChange(cases, one.id, { label: event.target.value }) })}
                />
                {!isReadOnly && index > 0 && (
                  <IconButton
                    label={`Move ${name.toLowerCase()} up`}
                    size="sm"
                    onClick={() => update({ cases: movedUp(cases, one.id) })}
                  >
                    <ArrowUp size={12} />
                  </IconButton>
                )}
                {!isReadOnly && (
                  <IconButton
                    label={`Remove ${name.toLowerCase()}`}
                    size="sm"
                    onClick={() => update({ cases: cases.filter(({ id }) => id !== one.id) })}
                  >
                    <X size={12} />
                  </IconButton>
                )}
              </span>
              <ConditionFields
                condition={one}
                name={name}
                isReadOnly={isReadOnly}
                onChange={(change) => update({ cases: withChange(cases, one.id, change) })}
              />
            </li>
          );
        })}
      </ol>
      {!isReadOnly && (
        <Button size="sm" className="nodrag self-start" onClick={() => update({ cases: withNewCase(cases) })}>
          <Plus size={12} aria-hidden /> Add a case
        </Button>
      )}
    </div>
  );
}
