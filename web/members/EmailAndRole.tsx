import { useState, type FormEvent } from 'react';
import { Button } from '../ui/Button.tsx';
import { Field, TextInput } from '../ui/Field.tsx';
import { Select } from '../ui/Select.tsx';

interface EmailAndRoleProps<Role extends string> {
  readonly roles: readonly { readonly value: Role; readonly label: string }[];
  /** The role that is chosen at first. */
  readonly first: Role;
  /** What the button says: `Invite`. */
  readonly verb: string;
  /** Resolves when it is done, and the address is empty again; a rejection is shown at the address, which stays. */
  onSubmit(email: string, role: Role): Promise<void>;
}

/** Address and role of somebody new. */
export function EmailAndRole<Role extends string>({ roles, first, verb, onSubmit }: EmailAndRoleProps<Role>) {
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>(first);
  const [error, setError] = useState<string | null>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setError(null);
    onSubmit(email.trim(), role).then(
      () => setEmail(''),
      (failure: Error) => setError(failure.message),
    );
  };
  return (
    <form onSubmit={submit} className="flex items-end gap-2 max-sm:flex-col max-sm:items-stretch">
      <div className="flex-1">
        <Field label="Email" error={error ?? undefined}>
          {({ id, describedBy, isInvalid }) => (
            <TextInput
              id={id}
              type="email"
              required
              maxLength={255}
              aria-describedby={describedBy}
              aria-invalid={isInvalid}
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
          )}
        </Field>
      </div>
      <Select
        label="Role of the new member"
        value={role}
        groups={[{ options: roles }]}
        width="w-32 max-sm:w-full"
        onChange={(value) => setRole(value as Role)}
      />
      <Button type="submit" variant="primary" disabled={email.trim() === ''}>
        {verb}
      </Button>
    </form>
  );
}
