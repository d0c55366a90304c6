import { Cable } from 'lucide-react';
import { EditorHandle } from '../../../web/canvas/node/EditorHandle.tsx';
import {
  useConnectedHandles,
  useIsReadOnly,
  useKnownInputs,
  useNodeData,
  useProviders,
  useUpdateNode,
} from '../../../web/canvas/node/use-node.ts';
import { Field, TextArea } from '../../../web/ui/Field.tsx';
import { ModelPicker } from '../../../web/ui/ModelPicker.tsx';
import type { NodeEditorProps } from '../../../web/ui/node-editor.ts';
import { Select } from '../../../web/ui/Select.tsx';
import { rowOf } from '../../../core/data-types/table.ts';
import { ValueRows } from '../../connect/code/ValueRows.tsx';
import { answerFieldTypes } from './handles.ts';

const prompts = [
  {
    field: 'systemPrompt',
    handle: 'system_prompt',
    label: 'System prompt',
    placeholder: 'How the model should behave',
    rows: 2,
  },
  {
    field: 'userMessage',
    handle: 'user_message',
    label: 'User message',
    placeholder: 'What to ask the model',
    rows: 3,
  },
] as const;

/** See `llmEditor`. */
export function LlmEditor({ nodeId, place }: NodeEditorProps) {
  const data = useNodeData(nodeId);
  const connected = useConnectedHandles(nodeId);
  const inputs = useKnownInputs(nodeId);
  const providers = useProviders();
  const isReadOnly = useIsReadOnly();
  const update = useUpdateNode(nodeId);
  const text = (name: string) => (typeof data[name] === 'string' ? data[name] : '');
  return (
    <div className="flex flex-col gap-2">
      <ModelPicker
        task="text"
        value={text('model')}
        providers={providers}
        disabled={isReadOnly}
        onChange={(model) => update({ model })}
      />
      {prompts.map(({ field, handle, label, placeholder, rows }) => (
        <div key={field} className="relative">
          <EditorHandle nodeId={nodeId} place={place} input={handle} />
          {connected.has(handle) ? (
            <TakenOver label={label} value={inputs[handle]} />
          ) : (
            <Field label={label}>
              {({ id }) => (
                <TextArea
                  id={id}
                  value={text(field)}
                  minRows={rows}
                  maxRows={place === 'node' ? 6 : 16}
                  placeholder={placeholder}
                  disabled={isReadOnly}
                  onChange={(event) => update({ [field]: event.target.value })}
                />
              )}
            </Field>
          )}
        </div>
      ))}
      {place === 'inspector' && (
        <AnswerFields data={data} isReadOnly={isReadOnly} onChange={(change) => update({ ...change })} />
      )}
    </div>
  );
}

const fieldTypes = Object.fromEntries(answerFieldTypes.map((type) => [type, rowOf(type).title]));
const forms = [
  { value: 'text', label: 'Text' },
  { value: 'fields', label: 'Fields' },
  { value: 'schema', label: 'JSON schema' },
];

function AnswerFields({
  data,
  isReadOnly,
  onChange,
}: {
  readonly data: Readonly<Record<string, unknown>>;
  readonly isReadOnly: boolean;
  onChange(change: Readonly<Record<string, unknown>>): void;
}) {
  const { answerAs = 'text', fields } = data;
  return (
    <>
      <Field label="Answer as">
        {() => (
          <Select
            label="Answer as"
            value={String(answerAs)}
            groups={[{ options: forms }]}
            disabled={isReadOnly}
            className="nodrag"
            onChange={(chosen) => onChange({ answerAs: chosen })}
          />
        )}
      </Field>
      {answerAs === 'fields' && (
        <ValueRows
          what="Field"
          title="Fields of the answer"
          values={fields}
          types={fieldTypes}
          isReadOnly={isReadOnly}
          descriptionPlaceholder="What the model writes into it"
          onChange={(values) => onChange({ fields: values })}
        />
      )}
    </>
  );
}

function TakenOver({ label, value }: { label: string; value: unknown }) {
  return (
    <div className="flex flex-col gap-1">
      <span className="text-xs font-medium text-muted">{label}</span>
      {/* As high for one line as for two: what comes in shows only after a run. */}
      <p className="flex h-11.5 items-center gap-1.5 rounded-md border border-dashed border-line-strong px-2 text-xs text-muted">
        <Cable size={13} className="shrink-0 text-(--type-text)" aria-hidden />
        <span className="line-clamp-2">
          {typeof value === 'string' && value !== '' ? value : 'Comes from the connection'}
        </span>
      </p>
    </div>
  );
}
