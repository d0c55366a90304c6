import { useState } from 'react';
import type { FormField } from '../../graph/form-fields.ts';
import { ColorInput } from '../../ui/ColorInput.tsx';
import { Field, NumberInput, TextArea, TextInput } from '../../ui/Field.tsx';
import { lazyPart } from '../../ui/lazy-part.ts';
import { mediaUrlOf } from '../../ui/node-editor.ts';
import { Select } from '../../ui/Select.tsx';
import { Slider } from '../../ui/Slider.tsx';
import { readDragged } from '../../results/dragged-result.ts';
import { fillLater } from '../files/take-in-later.ts';
import { lineOf, linesOf } from '../../graph/lines.ts';
import { useEnvironment } from '../environment.ts';
import { useNodeData, useUpdateNode, useUpload } from './use-node.ts';

interface FieldControlProps {
  field: FormField;
  value: unknown;
  nodeId: string;
  place: 'node' | 'inspector';
  disabled: boolean;
  onChange(value: unknown): void;
}

/** Its place is as large as it is. */
const Switch = lazyPart(
  () => import('../../ui/Switch.tsx'),
  'Switch',
  () => <span className="h-5 w-9" />,
).Component;

/** The control of one field; one case for each kind of field. */
export function FieldControl(props: FieldControlProps) {
  const { field, value, disabled, onChange } = props;
  switch (field.control) {
    case 'textarea':
      return (
        <Field label={field.title} hint={hintOf(props)} isLabelHidden={props.place === 'node'}>
          {({ id }) => (
            <TextArea
              id={id}
              value={textOf(value)}
              maxRows={props.place === 'node' ? 8 : 20}
              placeholder={field.placeholder}
              disabled={disabled}
              onChange={(event) => onChange(event.target.value)}
            />
          )}
        </Field>
      );
    case 'number':
      return <NumberField {...props} />;
    case 'slider':
      return <SliderField {...props} />;
    case 'switch':
      return (
        <div className="flex items-center justify-between">
          <span className="text-xs font-medium text-muted">{field.title}</span>
          <Switch label={field.title} checked={value === true} disabled={disabled} onChange={onChange} />
        </div>
      );
    case 'select':
      return <SelectField {...props} />;
    case 'lines':
    // Nodes that hold many files have editors of their own.
    case 'files':
      return <LinesField {...props} />;
    case 'color':
      return (
        <Field label={field.title} hint={hintOf(props)}>
          {({ id }) => <ColorInput id={id} value={textOf(value)} disabled={disabled} onChange={onChange} />}
        </Field>
      );
    case 'model':
      return <ModelField {...props} />;
    case 'secret':
      return <SecretField {...props} />;
    case 'file':
      return <FileField {...props} />;
    case 'json':
      return <JsonField {...props} />;
    case 'text':
    case 'url':
      return (
        <Field label={field.title} hint={hintOf(props)}>
          {({ id }) => (
            <TextInput
              id={id}
              type={field.control === 'url' ? 'url' : 'text'}
              value={textOf(value)}
              placeholder={field.placeholder}
              disabled={disabled}
              onChange={(event) => onChange(event.target.value)}
            />
          )}
        </Field>
      );
  }
}

function hintOf({ field, place }: FieldControlProps): string | undefined {
  return place === 'inspector' ? field.description : undefined;
}

function textOf(value: unknown): string {
  return value === undefined || value === null ? '' : String(value);
}

function NumberField(props: FieldControlProps) {
  const { field, value, disabled, onChange } = props;
  const [words, setWords] = useState<string | null>(null);
  return (
    <Field label={field.title} hint={hintOf(props)} error={words ?? undefined}>
      {({ id, describedBy, isInvalid }) => (
        <NumberInput
          id={id}
          aria-describedby={describedBy}
          aria-invalid={isInvalid}
          value={typeof value === 'number' ? value : undefined}
          rules={field}
          disabled={disabled}
          onChange={onChange}
          onWords={setWords}
        />
      )}
    </Field>
  );
}

function SelectField(props: FieldControlProps) {
  const { field, value, nodeId, disabled, onChange } = props;
  const { [field.optionsField ?? '']: listed } = useNodeData(nodeId);
  const options = Array.isArray(listed) ? [...new Set(listed.map(String))] : field.options;
  return (
    <Field label={field.title} hint={hintOf(props)}>
      {() => (
        <Select
          label={field.title}
          value={textOf(value)}
          disabled={disabled}
          groups={[{ options: options.map((option) => ({ value: option, label: field.labels[option] ?? option })) }]}
          className="nodrag"
          onChange={onChange}
        />
      )}
    </Field>
  );
}

/** A list of texts, one a line; empty lines count for nothing. */
function LinesField(props: FieldControlProps) {
  const { field, value, nodeId, place, disabled, onChange } = props;
  const { [field.typeField ?? '']: type } = useNodeData(nodeId);
  const [draft, setDraft] = useState<string | null>(null);
  return (
    <Field label={field.title} hint={hintOf(props) ?? 'One per line'}>
      {({ id, describedBy }) => (
        <TextArea
          id={id}
          aria-describedby={describedBy}
          value={draft ?? (Array.isArray(value) ? value.map(lineOf).join('\n') : '')}
          maxRows={place === 'node' ? 6 : 16}
          placeholder={field.placeholder}
          disabled={disabled}
          onChange={(event) => {
            setDraft(event.target.value);
            onChange(linesOf(event.target.value, type));
          }}
          onBlur={() => setDraft(null)}
        />
      )}
    </Field>
  );
}

function SliderField({ field, value, disabled, onChange }: FieldControlProps) {
  const number = typeof value === 'number' ? value : undefined;
  const min = field.min ?? 0;
  const max = field.max ?? 100;
  return (
    <Field
      label={field.title}
      trailing={
        <span className="flex items-center gap-1 text-xs text-muted">
          {number === undefined ? 'default' : `${number}${field.unit ?? ''}`}
          {number !== undefined && number !== field.defaultValue && !disabled && (
            <button
              type="button"
              className="nodrag rounded px-1 text-faint hover:text-ink"
              onClick={() => onChange(undefined)}
            >
              reset
            </button>
          )}
        </span>
      }
    >
      {() => (
        <Slider
          label={field.title}
          isUnset={number === undefined}
          value={number ?? min}
          min={min}
          max={max}
          // A hundredth of the range where the schema names no step.
          step={field.step ?? (max - min) / 100}
          disabled={disabled}
          onChange={onChange}
        />
      )}
    </Field>
  );
}

const ModelPicker = lazyPart(
  async () => ({ ModelPicker: (await import('../../ui/ModelPicker.tsx')).ModelPicker }),
  'ModelPicker',
).Component;

function ModelField({ field, value, disabled, onChange }: FieldControlProps) {
  const { providers } = useEnvironment();
  return (
    <ModelPicker
      task={field.task}
      value={textOf(value)}
      providers={providers}
      disabled={disabled}
      onChange={onChange}
    />
  );
}

const SecretPicker = lazyPart(() => import('../../ui/SecretPicker.tsx'), 'SecretPicker').Component;

function SecretField({ field, value, disabled, onChange }: FieldControlProps) {
  return (
    <Field label={field.title} hint={field.description}>
      {() => <SecretPicker title={field.title} value={textOf(value)} disabled={disabled} onChange={onChange} />}
    </Field>
  );
}

/** As high as it is, so that nothing moves when it is there. */
const MediaField = lazyPart(
  () => import('../../ui/MediaField.tsx'),
  'MediaField',
  () => <div className="min-h-59.5" />,
).Component;

function FileField({ field, value, nodeId, disabled }: FieldControlProps) {
  const environment = useEnvironment();
  const { uploads } = environment;
  const target = { nodeId, field: field.name };
  const upload = useUpload(target);
  const { [field.addressField ?? '']: address } = useNodeData(nodeId);
  const update = useUpdateNode(nodeId);
  const type = field.dataType;
  if (type === undefined) return null;
  // A file and its address are never there together.
  const put = (file: unknown, from: string | undefined) =>
    update({ [field.name]: file, ...(field.addressField !== undefined && { [field.addressField]: from }) });
  const name = typeof value === 'object' && value !== null && 'name' in value ? String(value.name) : null;
  return (
    <MediaField
      type={type}
      url={mediaUrlOf(value) ?? (typeof address === 'string' && address !== '' ? address : null)}
      fileName={name}
      upload={upload}
      isReadOnly={disabled}
      onFiles={(files) => fillLater(environment, target, files)}
      onUrl={(url) =>
        field.addressField === undefined ? put({ url, name: '', type: '' }, undefined) : put(undefined, url)
      }
      onResults={(results) => {
        const fitting = readDragged(results).find(({ kind }) => kind === type);
        if (fitting === undefined || !('url' in fitting)) return false;
        put({ url: fitting.url, name: fitting.name, type: fitting.type }, undefined);
        return true;
      }}
      onClear={() => put(undefined, undefined)}
      onCancelUpload={() => uploads.cancel(target)}
      onRetryUpload={() => uploads.retry(target)}
    />
  );
}

function JsonField({ field, value, disabled, onChange }: FieldControlProps) {
  const [draft, setDraft] = useState<string | null>(null);
  const [error, setError] = useState<string | undefined>();
  return (
    <Field label={field.title} hint={field.description} error={error}>
      {({ id, isInvalid }) => (
        <TextArea
          id={id}
          aria-invalid={isInvalid}
          value={draft ?? JSON.stringify(value, null, 2) ?? ''}
          disabled={disabled}
          className="font-mono text-xs"
          onChange={(event) => {
            setDraft(event.target.value);
            try {
              onChange(event.target.value.trim() === '' ? undefined : JSON.parse(event.target.value));
              setError(undefined);
            } catch {
              setError('This is not valid JSON yet.');
            }
          }}
          onBlur={() => error === undefined && setDraft(null)}
        />
      )}
    </Field>
  );
}
