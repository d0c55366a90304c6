import { useState } from 'react';
import { acceptedTypes } from '../../core/data-types/files.ts';
import { isFileType, type ElementType } from '../../core/data-types/table.ts';
import { Field, NumberInput, TextArea, TextInput } from '../ui/Field.tsx';
import { SwitchRow } from './SwitchRow.tsx';

interface MarkDetailsProps {
  /** Of the value, or of each one in a list. */
  type: ElementType;
  /** There is something to choose from. */
  isChoice: boolean;
  mark: Readonly<Record<string, unknown>>;
  disabled: boolean;
  onChange(change: Readonly<Record<string, unknown>>): void;
}

/** What is asked of the value of an input, by its type; a field that is empty asks nothing. */
export function MarkDetails({ type, isChoice, mark, disabled, onChange }: MarkDetailsProps) {
  const common = { mark, disabled, onChange };
  return (
    <>
      {type === 'number' && (
        <>
          <NumberField label="Minimum" name="min" {...common} />
          <NumberField label="Maximum" name="max" {...common} />
          <SwitchRow
            label="Whole numbers only"
            checked={mark['integer'] === true}
            disabled={disabled}
            onChange={(isOn) => onChange({ integer: isOn || undefined })}
          />
        </>
      )}
      {type === 'text' && !isChoice && (
        <>
          <SwitchRow
            label="Several lines"
            checked={mark['long'] !== false}
            disabled={disabled}
            onChange={(isOn) => onChange({ long: isOn ? undefined : false })}
          />
          <NumberField label="Most characters" name="maxLength" isWhole {...common} />
        </>
      )}
      {isFileType(type) && (
        <>
          <Formats accepted={acceptedTypes(type)} {...common} />
          <NumberField label="Largest file" name="maxBytes" isWhole unit="MB" perUnit={1_000_000} {...common} />
        </>
      )}
      {type === 'json' && <Schema {...common} />}
      <SwitchRow
        label="Hidden"
        hint="No form asks for it; programs and links can give it all the same."
        checked={mark['hidden'] === true}
        disabled={disabled}
        onChange={(isOn) => onChange({ hidden: isOn || undefined })}
      />
    </>
  );
}

type Common = Pick<MarkDetailsProps, 'mark' | 'disabled' | 'onChange'>;

function NumberField({
  label,
  name,
  isWhole = false,
  unit,
  perUnit = 1,
  mark,
  disabled,
  onChange,
}: Common & { label: string; name: string; isWhole?: boolean; unit?: string; perUnit?: number }) {
  const [words, setWords] = useState<string | null>(null);
  const value = mark[name];
  return (
    <Field label={label} error={words ?? undefined}>
      {({ id, describedBy, isInvalid }) => (
        <NumberInput
          id={id}
          aria-describedby={describedBy}
          aria-invalid={isInvalid}
          disabled={disabled}
          value={typeof value === 'number' ? value / perUnit : undefined}
          rules={{
            isExact: true,
            ...(isWhole && { isInteger: perUnit === 1, min: perUnit === 1 ? 1 : 0.001 }),
            ...(unit !== undefined && { unit }),
          }}
          onChange={(next) => onChange({ [name]: next === undefined ? undefined : multiplied(next, perUnit, isWhole) })}
          onWords={setWords}
        />
      )}
    </Field>
  );
}

function multiplied(value: number, factor: number, isWhole: boolean): number {
  return isWhole ? Math.round(value * factor) : value * factor;
}

function Formats({ accepted, mark, disabled, onChange }: Common & { accepted: readonly string[] }) {
  const kept = Array.isArray(mark['formats']) ? mark['formats'].join(', ') : '';
  const [draft, setDraft] = useState<string | null>(null);
  const give = () => {
    if (draft === null) return;
    const formats = draft.split(/[\s,]+/).filter((format) => format !== '');
    setDraft(null);
    onChange({ formats: formats.length === 0 ? undefined : formats });
  };
  return (
    <Field label="Formats" hint="Content types with commas between them. Empty: all of the kind.">
      {({ id, describedBy }) => (
        <TextInput
          id={id}
          aria-describedby={describedBy}
          value={draft ?? kept}
          placeholder={accepted.slice(0, 2).join(', ')}
          spellCheck={false}
          disabled={disabled}
          className="font-mono text-xs"
          onChange={(event) => setDraft(event.target.value)}
          onBlur={give}
          onKeyDown={(event) => event.key === 'Enter' && give()}
        />
      )}
    </Field>
  );
}

function Schema({ mark, disabled, onChange }: Common) {
  const kept = mark['schema'] === undefined ? '' : JSON.stringify(mark['schema'], null, 2);
  const [draft, setDraft] = useState<string | null>(null);
  const [error, setError] = useState<string | undefined>();
  const give = () => {
    if (draft === null) return;
    const read = readSchema(draft);
    setError(read.error);
    if (read.error !== undefined) return;
    setDraft(null);
    onChange({ schema: read.schema });
  };
  return (
    <Field label="JSON schema" hint="What the value has to look like. Empty: anything." error={error}>
      {({ id, describedBy, isInvalid }) => (
        <TextArea
          id={id}
          aria-describedby={describedBy}
          aria-invalid={isInvalid}
          value={draft ?? kept}
          minRows={3}
          placeholder={'{ "type": "object" }'}
          spellCheck={false}
          disabled={disabled}
          className="font-mono text-xs"
          onChange={(event) => setDraft(event.target.value)}
          onBlur={give}
        />
      )}
    </Field>
  );
}

function readSchema(text: string): { readonly schema?: object; readonly error?: string } {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { schema: value };
  } catch {
    // Told below.
  }
  return { error: 'This is no JSON object. Check its quotes, commas and brackets.' };
}
