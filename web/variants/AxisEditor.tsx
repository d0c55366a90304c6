import { Dices, Plus, Trash2, X } from 'lucide-react';
import { useState } from 'react';
import { FieldControl } from '../canvas/node/FieldControl.tsx';
import { useEnvironment } from '../canvas/environment.ts';
import type { FormField } from '../graph/form-fields.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { Field, NumberInput } from '../ui/Field.tsx';
import { isSeed, seedsFor, type Axis } from './changes.ts';

interface AxisEditorProps {
  readonly axis: Axis;
  readonly nodeId: string;
  /** What the node has now. */
  readonly current: unknown;
  onChange(values: readonly unknown[]): void;
  onRemove(): void;
}

/** The values that are tried of one setting. */
export function AxisEditor({ axis, nodeId, current, onChange, onRemove }: AxisEditorProps) {
  const { field, values } = axis;
  return (
    <section aria-label={field.title} className="rounded-lg border border-line bg-raised p-3">
      <div className="mb-2 flex items-center justify-between gap-2">
        <h3 className="text-sm font-semibold">{field.title}</h3>
        <IconButton label={`Do not vary ${field.title}`} size="sm" onClick={onRemove}>
          <X size={14} />
        </IconButton>
      </div>
      {field.control === 'model' ? (
        <ModelChoices values={values} current={current} onChange={onChange} />
      ) : field.options.length > 0 || field.control === 'switch' ? (
        <Choices
          options={
            field.control === 'switch'
              ? [
                  { value: true, label: 'On' },
                  { value: false, label: 'Off' },
                ]
              : field.options.map((value) => ({ value, label: field.labels[value] ?? value }))
          }
          values={values}
          onChange={onChange}
        />
      ) : isSeed(field) ? (
        <Seeds field={field} values={values} onChange={onChange} />
      ) : (
        <Values field={field} nodeId={nodeId} values={values} onChange={onChange} />
      )}
    </section>
  );
}

interface ValuesProps {
  readonly values: readonly unknown[];
  onChange(values: readonly unknown[]): void;
}

/** A control for each value. */
function Values({ field, nodeId, values, onChange }: ValuesProps & { field: FormField; nodeId: string }) {
  return (
    <div className="flex flex-col gap-2">
      {values.map((value, index) => (
        // The place is all that tells one value from another while they are typed.
        // eslint-disable-next-line react/no-array-index-key
        <div key={index} className="flex items-end gap-1">
          <div className="min-w-0 flex-1">
            <FieldControl
              field={{ ...field, title: `${field.title} ${index + 1}`, description: undefined }}
              value={value}
              nodeId={nodeId}
              place="inspector"
              disabled={false}
              onChange={(next) => onChange(values.map((each, at) => (at === index ? next : each)))}
            />
          </div>
          {values.length > 1 && (
            <IconButton
              label={`Remove ${field.title} ${index + 1}`}
              onClick={() => onChange(values.filter((_, at) => at !== index))}
            >
              <Trash2 size={14} />
            </IconButton>
          )}
        </div>
      ))}
      <Button size="sm" className="self-start" onClick={() => onChange([...values, values.at(-1)])}>
        <Plus size={13} aria-hidden /> Another
      </Button>
    </div>
  );
}

/** Seeds are drawn; they stand in the results, so that one can be kept. */
function Seeds({ field, values, onChange }: ValuesProps & { field: FormField }) {
  const [words, setWords] = useState<string | null>(null);
  const draw = (count: number) => onChange(seedsFor(field, count, Math.random));
  return (
    <div className="flex items-end gap-2">
      <Field label="How many" error={words ?? undefined}>
        {({ id, describedBy, isInvalid }) => (
          <NumberInput
            id={id}
            aria-describedby={describedBy}
            aria-invalid={isInvalid}
            value={values.length}
            rules={{ ...field, min: 1, max: 50, isMinExcluded: false, isInteger: true, unit: undefined }}
            onChange={(count) => typeof count === 'number' && draw(count)}
            onWords={setWords}
          />
        )}
      </Field>
      <p className="min-w-0 flex-1 truncate pb-2 text-xs text-muted" title={values.join(', ')}>
        {values.join(', ')}
      </p>
      <IconButton label="Draw new seeds" onClick={() => draw(values.length)}>
        <Dices size={15} />
      </IconButton>
    </div>
  );
}

interface Option {
  readonly value: unknown;
  readonly label: string;
}

function Choices({ options, values, onChange }: ValuesProps & { options: readonly Option[] }) {
  return (
    <ul className="flex max-h-44 flex-col overflow-y-auto">
      {options.map(({ value, label }) => (
        <li key={String(value)}>
          <label className="flex min-h-7 items-center gap-2 rounded px-1 hover:bg-hover">
            <input
              type="checkbox"
              className="accent-accent-text"
              checked={values.includes(value)}
              onChange={({ target }) =>
                onChange(target.checked ? [...values, value] : values.filter((each) => each !== value))
              }
            />
            <span className="min-w-0 truncate">{label}</span>
          </label>
        </li>
      ))}
    </ul>
  );
}

/** Models that can be asked now; the one of the node in any case. */
function ModelChoices({ values, current, onChange }: ValuesProps & { current: unknown }) {
  const { providers } = useEnvironment();
  const listed = (providers ?? [])
    .filter(({ configured, ownKey }) => configured || ownKey)
    .flatMap(({ models }) => models.map(({ id, title }) => ({ value: id, label: title })));
  const isListed = listed.some(({ value }) => value === current);
  const own = typeof current === 'string' && current !== '' && !isListed ? [{ value: current, label: current }] : [];
  const options = [...own, ...listed];
  if (options.length === 0)
    return (
      <p className="text-xs text-muted">
        {providers === null ? 'Loading models …' : 'There is no key for any model yet.'}
      </p>
    );
  return <Choices options={options} values={values} onChange={onChange} />;
}
