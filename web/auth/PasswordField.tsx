import { useState } from 'react';
import { minPasswordLength, passwordWeakness } from '../../core/api/password.ts';
import { Field, TextInput } from '../ui/Field.tsx';

/** A password that is chosen now, with what speaks against it as soon as the field is left. */
export function NewPasswordField({
  label = 'New password',
  email,
  value,
  onChange,
}: {
  label?: string;
  /** The account's address, which is no good password either. */
  email: string;
  value: string;
  onChange(value: string): void;
}) {
  const [isLeft, setIsLeft] = useState(false);
  const weakness = isLeft && value !== '' ? passwordWeakness(value, email) : null;
  return (
    <Field
      label={label}
      hint={`At least ${minPasswordLength} characters; a few random words work best.`}
      error={weakness ?? undefined}
    >
      {({ id, describedBy, isInvalid }) => (
        <TextInput
          id={id}
          type="password"
          autoComplete="new-password"
          required
          value={value}
          aria-describedby={describedBy}
          aria-invalid={isInvalid}
          onBlur={() => setIsLeft(true)}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
