import { useEffect, useRef, useState } from 'react';
import { uploadFile } from '../../api/upload-file.ts';
import { lineOf } from '../../graph/lines.ts';
import { addressOf } from '../../ui/app-address.ts';
import { Field, TextArea, TextInput } from '../../ui/Field.tsx';
import { lazyPart } from '../../ui/lazy-part.ts';
import { MediaField } from '../../ui/MediaField.tsx';
import type { UploadState } from '../../ui/node-editor.ts';
import { Select } from '../../ui/Select.tsx';
import { Switch } from '../../ui/Switch.tsx';
import type { AskedInput } from './input-form.ts';
import { messageOf } from '../../ui/message-of.ts';

const FilesInput = lazyPart(() => import('./FilesInput.tsx'), 'FilesInput').Component;

interface InputFieldProps {
  input: AskedInput;
  value: unknown;
  error: string | undefined;
  hasFocus: boolean;
  onChange(value: unknown): void;
  /** Whether a file is on its way into the field. */
  onBusy(isBusy: boolean): void;
  /** What is said below it while it is empty and need not be filled in. Default: that the workflow has a value. */
  emptyHint?: string;
}

/** The control of one input in the form of a run. */
export function InputField(props: InputFieldProps) {
  const {
    input,
    value,
    error,
    hasFocus,
    onChange,
    emptyHint = "Left empty, the workflow's own value is used.",
  } = props;
  const { field, isRequired } = input;
  const label = isRequired ? `${field.title} (required)` : field.title;
  const isEmpty = value === undefined || value === '';
  const own = !isRequired && isEmpty && !isText(field.control) ? emptyHint : '';
  const hint = [field.description, own].filter(Boolean).join(' ') || undefined;
  return (
    <Field label={label} hint={hint} error={error}>
      {({ id, describedBy, isInvalid }) => {
        const common = { id, 'aria-describedby': describedBy, 'aria-invalid': isInvalid, autoFocus: hasFocus };
        switch (field.control) {
          case 'switch':
            return <Switch label={label} checked={value === true} onChange={onChange} />;
          case 'select':
            return (
              <Select
                label={label}
                value={textOf(value)}
                groups={[{ options: field.options.map((option) => ({ value: option, label: option })) }]}
                onChange={onChange}
              />
            );
          case 'file':
            return <FileInput {...props} />;
          case 'files':
            return <FilesInput type={field.dataType} value={value} onChange={onChange} onBusy={props.onBusy} />;
          case 'lines':
            return (
              <TextArea
                {...common}
                value={Array.isArray(value) ? value.map(lineOf).join('\n') : ''}
                placeholder="One per line"
                onChange={(event) => onChange(event.target.value === '' ? undefined : event.target.value.split('\n'))}
              />
            );
          case 'textarea':
          case 'json':
            return (
              <TextArea
                {...common}
                value={textOf(value)}
                className={field.control === 'json' ? 'font-mono text-xs' : undefined}
                onChange={(event) => onChange(event.target.value)}
              />
            );
          case 'text':
          case 'number':
          // No input of a workflow is of these kinds; a line of text does for them.
          case 'url':
          case 'color':
          case 'model':
          case 'secret':
          case 'slider':
            return (
              <TextInput
                {...common}
                inputMode={field.control === 'number' ? 'decimal' : undefined}
                autoComplete="off"
                value={textOf(value)}
                onChange={(event) => onChange(event.target.value)}
              />
            );
        }
      }}
    </Field>
  );
}

function isText(control: AskedInput['field']['control']): boolean {
  return control === 'text' || control === 'textarea';
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A file that is uploaded for this run, or its address. */
function FileInput({ input: { field }, value, onChange, onBusy }: InputFieldProps) {
  const [upload, setUpload] = useState<UploadState | null>(null);
  const [fileName, setFileName] = useState<string | null>(null);
  const controller = useRef<AbortController | null>(null);
  const sent = useRef<File | null>(null);
  useEffect(() => () => controller.current?.abort(), []);
  if (field.dataType === undefined) return null;
  const begin = (file: File) => {
    controller.current?.abort();
    const own = new AbortController();
    controller.current = own;
    sent.current = file;
    const show = (state: UploadState | null) => own.signal.aborted || setUpload(state);
    const { name } = file;
    show({ name, fraction: 0, error: null });
    onBusy(true);
    uploadFile(file, { signal: own.signal, onProgress: (fraction) => show({ name, fraction, error: null }) })
      .then(
        (asset) => {
          if (own.signal.aborted) return;
          setUpload(null);
          setFileName(asset.name);
          onChange(asset.url);
        },
        (error: unknown) => show({ name, fraction: 0, error: messageOf(error) }),
      )
      .finally(() => own.signal.aborted || onBusy(false));
  };
  return (
    // Enter in the field for an address takes the address; it does not run the workflow yet.
    <div
      onKeyDown={(event) => {
        if (event.key === 'Enter' && event.target instanceof HTMLInputElement) event.preventDefault();
      }}
    >
      <MediaField
        type={field.dataType}
        url={typeof value === 'string' && value !== '' ? addressOf(value) : null}
        fileName={fileName}
        upload={upload}
        isReadOnly={false}
        onFiles={([file]) => file !== undefined && begin(file)}
        onUrl={(url) => {
          setFileName(null);
          onChange(url);
        }}
        onClear={() => onChange(undefined)}
        onCancelUpload={() => {
          controller.current?.abort();
          setUpload(null);
          onBusy(false);
        }}
        onRetryUpload={() => sent.current !== null && begin(sent.current)}
      />
    </div>
  );
}
