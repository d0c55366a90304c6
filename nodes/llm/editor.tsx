import { Cable } from 'lucide-react';
import { Field, TextArea } from '../../web/ui/Field.tsx';
import { ModelPicker } from '../../web/ui/ModelPicker.tsx';
import type { NodeEditor, NodeEditorProps } from '../../web/ui/node-editor.ts';
import { StreamedText } from '../../web/ui/StreamedText.tsx';
import { TextPreview } from '../../web/ui/ValuePreview.tsx';

const prompts = [
  {
    field: 'systemPrompt',
    handle: 'system_prompt',
    label: 'System prompt',
    placeholder: 'How the model should behave',
    rows: 2,
  },
  { field: 'userMessage', handle: 'user_message', label: 'User message', placeholder: 'What to ask', rows: 3 },
] as const;

function LlmEditor({
  data,
  connected,
  inputs,
  output,
  streamed,
  providers,
  isReadOnly,
  place,
  update,
}: NodeEditorProps) {
  const text = (name: string) => (typeof data[name] === 'string' ? data[name] : '');
  return (
    <div className="flex flex-col gap-2">
      <ModelPicker
        value={text('model')}
        providers={providers}
        disabled={isReadOnly}
        onChange={(model) => update({ model })}
      />
      {prompts.map(({ field, handle, label, placeholder, rows }) =>
        connected.has(handle) ? (
          <TakenOver key={field} label={label} value={inputs[handle]} />
        ) : (
          <Field key={field} label={label}>
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
        ),
      )}
      {streamed !== null ? (
        <StreamedText text={streamed} />
      ) : (
        typeof output === 'string' && <TextPreview text={output} title="Answer" />
      )}
    </div>
  );
}

function TakenOver({ label, value }: { label: string; value: unknown }) {
  return (
    <div className="flex flex-col gap-1">
      <span className="text-xs font-medium text-muted">{label}</span>
      <p className="flex items-center gap-1.5 rounded-md border border-dashed border-line-strong px-2 py-1.5 text-xs text-muted">
        <Cable size={13} className="shrink-0 text-type-text" aria-hidden />
        <span className="line-clamp-2">
          {typeof value === 'string' && value !== '' ? value : 'Comes from the connection'}
        </span>
      </p>
    </div>
  );
}

export const llmEditor: NodeEditor = {
  type: 'llm',
  fields: ['model', 'systemPrompt', 'userMessage'],
  showsOutput: true,
  Editor: LlmEditor,
};
