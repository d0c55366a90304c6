import { useState, type FormEvent } from 'react';
import type { UserRole } from '../../core/api/auth.ts';
import { queryKeys, useApp } from '../api/context.ts';
import { Button } from '../ui/Button.tsx';
import { Field, TextInput } from '../ui/Field.tsx';
import { Select } from '../ui/Select.tsx';
import type { ShownLink } from './LinkDialog.tsx';
import { membersApi } from './members-api.ts';
import { roleOptions } from './roles.ts';

/** Address and role of a new invitation; its link is handed to `onLink`. */
export function InviteForm({ onLink }: { onLink(link: ShownLink): void }) {
  const { api, queries } = useApp();
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<UserRole>('member');
  const [error, setError] = useState<string | null>(null);
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    setError(null);
    membersApi(api)
      .invite(email, role)
      .then(
        ({ path }) => {
          onLink({
            title: 'Invitation link',
            path,
            description: `For ${email}; it works once and expires in seven days.`,
          });
          setEmail('');
          void queries.invalidateQueries({ queryKey: queryKeys.invitations });
        },
        (failure: Error) => setError(failure.message),
      );
  };
  return (
    <form onSubmit={onSubmit} className="flex items-end gap-2 max-sm:flex-col max-sm:items-stretch">
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
        groups={[{ options: roleOptions }]}
        width="w-32 max-sm:w-full"
        onChange={(value) => setRole(value as UserRole)}
      />
      <Button type="submit" variant="primary" disabled={email.trim() === ''}>
        Invite
      </Button>
    </form>
  );
}
