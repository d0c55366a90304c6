import { Field, TextInput } from '../ui/Field.tsx';

interface NameFieldProps {
  readonly label: string;
  readonly value: string;
  /** Why the last try was refused; null: it was not. */
  readonly error: string | null;
  onChange(value: string): void;
}

/** The name of something new, up to 100 characters, in a line with what makes it. */
export function NameField({ label, value, error, onChange }: NameFieldProps) {
  return (
    <div className="flex-1">
      <Field label={label} error={error ?? undefined}>
        {({ id, describedBy, isInvalid }) => (
          <TextInput
            id={id}
            maxLength={100}
            aria-describedby={describedBy}
            aria-invalid={isInvalid}
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
        )}
      </Field>
    </div>
  );
}
