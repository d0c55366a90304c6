import { Plus, X } from 'lucide-react';
import { Button, IconButton } from '../../../web/ui/Button.tsx';
import { TextInput } from '../../../web/ui/Field.tsx';
import { Select } from '../../../web/ui/Select.tsx';
import { draftValuesOf, withChangedValue, withNewValue } from './named-values.ts';

interface ValueRowsProps {
  /** `Input`, `Output`: names the rows for whoever cannot see them. */
  readonly what: string;
  readonly title: string;
  readonly values: unknown;
  /** Types to choose from, with what each is called. */
  readonly types: Readonly<Record<string, string>>;
  readonly isReadOnly: boolean;
  /** Each has words of its own, in a line below its name. Default: none. */
  readonly descriptionPlaceholder?: string;
  onChange(values: readonly object[]): void;
}

/** A list of names with types: add, rename, retype, remove. */
export function ValueRows({
  what,
  title,
  values: field,
  types,
  isReadOnly,
  descriptionPlaceholder,
  onChange,
}: ValueRowsProps) {
  const values = draftValuesOf(field);
  const [firstType = ''] = Object.keys(types);
  const stem = what.toLowerCase();
  const options = Object.entries(types).map(([value, label]) => ({ value, label }));
  return (
    <div className="flex flex-col gap-1">
      <span className="flex h-6 items-center justify-between">
        <span className="text-xs font-medium text-muted">{title}</span>
        {!isReadOnly && (
          <Button
            size="sm"
            className="nodrag"
            onClick={() => onChange(withNewValue(values, stem, { type: firstType }))}
          >
            <Plus size={12} aria-hidden /> Add {stem}
          </Button>
        )}
      </span>
      <ul className="flex flex-col gap-1" aria-label={title}>
        {values.map(({ id, name, type, description }, index) => (
          <li key={id} className="flex flex-wrap items-center gap-1">
            <TextInput
              aria-label={`Name of ${stem} ${index + 1}`}
              className="nodrag min-w-0 flex-1 font-mono text-xs"
              value={typeof name === 'string' ? name : ''}
              disabled={isReadOnly}
              spellCheck={false}
              onChange={(event) => onChange(withChangedValue(values, id, { name: event.target.value }))}
            />
            <Select
              label={`Type of ${stem} ${index + 1}`}
              value={typeof type === 'string' ? type : firstType}
              groups={[{ options }]}
              disabled={isReadOnly}
              className="nodrag"
              width="w-24"
              onChange={(chosen) => onChange(withChangedValue(values, id, { type: chosen }))}
            />
            {!isReadOnly && (
              <IconButton
                label={`Remove ${stem} ${index + 1}`}
                size="sm"
                onClick={() => onChange(values.filter((one) => one.id !== id))}
              >
                <X size={12} />
              </IconButton>
            )}
            {descriptionPlaceholder !== undefined && (
              <TextInput
                aria-label={`Description of ${stem} ${index + 1}`}
                className="nodrag w-full text-xs"
                value={typeof description === 'string' ? description : ''}
                placeholder={descriptionPlaceholder}
                disabled={isReadOnly}
                onChange={(event) => onChange(withChangedValue(values, id, { description: event.target.value }))}
              />
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
